import test from 'ava';
import type { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 0, refusal: 0, revert: 0, cuts: 0, rollout: 1, migration: 0, recovery: 0 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`contained holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('contained'), { invariant: 'contained', checks: CHECKS[name as RightStory], violations: [] });
	});
}

/** Tells of a rollout of a bad release in waves of 2, 3 and 3 devices. */
class Telling {
	readonly story: EventStory;

	constructor(story: EventStory) {
		this.story = story;
	}

	wave(wave: number, devices = [2, 3, 3][wave] ?? 1): this {
		this.story.tell({ kind: 'rollout-wave', rollout: 'r', wave, devices });
		return this;
	}

	/** Devices from the one to below the other get the release and revert it. */
	fails(from: number, below: number): this {
		for (let index = from; index < below; index++) this.story.fail(`d-${index}`, 'v2-bad');
		return this;
	}

	gate(wave: number, facts: Parameters<EventStory['gate']>[2]): this {
		this.story.gate('r', wave, facts);
		return this;
	}

	halt(): this {
		this.story.tell({ kind: 'rollout-halted', rollout: 'r', reason: 'told so' });
		return this;
	}
}

const rollout = (): Telling =>
	new Telling(
		fleet(8)
			.release('v2-bad', { bad: true })
			.plan('r', 'v2-bad', { waves: [2, 3, 3] }),
	);

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'more devices run the bad release than the pilot has': {
		tell: () => rollout().wave(0).fails(0, 3).story.close(),
		message: /bad release v2-bad reached 3 devices; the waves that were let through allow 2/,
	},
	'a gate lets too many failures through': {
		tell: () => rollout().wave(0).fails(0, 2).gate(0, { failed: 2 }).story.close(),
		message: /the gate of wave 0 said go with 2 failed and 0 silent of 2; a share above 0.2/,
	},
	'a gate takes silence for success': {
		tell: () => rollout().wave(0).gate(0, { succeeded: 1, silent: 1 }).story.close(),
		message: /said go with 0 failed and 1 silent of 2/,
	},
	'a gate does not see the failures that the service holds': {
		tell: () => {
			const telling = rollout().wave(0);
			for (const device of ['d-0', 'd-1']) telling.story.tell({ kind: 'service-job', device, job: 'r-wave-0-hw-a', status: 'FAILED', version: 2 });
			return telling.gate(0, { succeeded: 2 }).story.close();
		},
		message: /the gate of wave 0 counted 0 failed and said go; the service holds 2 of 2 for failed/,
	},
	'a gate counts successes that the service does not hold': {
		tell: () => {
			const telling = rollout().wave(0);
			for (const device of ['d-0', 'd-1']) telling.story.tell({ kind: 'service-job', device, job: 'r-wave-0-hw-a', status: 'QUEUED', version: 1 });
			telling.story.tell({ kind: 'service-job', device: 'd-1', job: 'r-wave-0-hw-a', status: 'IN_PROGRESS', version: 2 });
			return telling.gate(0, { succeeded: 2 }).story.close();
		},
		message: /the gate of wave 0 counted 2 succeeded and said go; the service holds 0 of 2 for succeeded/,
	},
	'a wave does not wait for its gate': {
		tell: () => rollout().wave(0).wave(1).story.close(),
		message: /wave 1 of 3 devices began before the gate of the wave before let it/,
	},
	'a wave begins after a gate said halt': {
		tell: () => rollout().wave(0).gate(0, { decision: 'halt', failed: 2 }).wave(1).fails(0, 3).story.close(),
		message: /wave 1 of 3 devices began before the gate/,
	},
	'a wave begins after the halt': {
		tell: () => rollout().wave(0).gate(0, { succeeded: 2 }).halt().wave(1).story.close(),
		message: /began after the rollout had halted/,
	},
	'a wave is larger than planned': {
		tell: () => rollout().wave(0, 4).story.close(),
		message: /wave 0 of 4 devices began although 2 devices were planned/,
	},
	'a wave was never planned': {
		tell: () => rollout().wave(5).story.close(),
		message: /although 3 waves were planned/,
	},
	'a rollout goes out without a plan': {
		tell: () => fleet(1).tell({ kind: 'rollout-wave', rollout: 'q', wave: 0, devices: 1 }).close(),
		message: /began without a plan/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`contained alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['contained']);
		t.regex(judged.of('contained').violations[0]?.message ?? '', message);
		t.true(judged.of('contained').checks > 0);
	});
}

test('after a halt, devices of the waves that had begun may still come to the bad release, others not', (t) => {
	const halted = (): Telling => rollout().wave(0).fails(0, 1).gate(0, { decision: 'halt', failed: 1, silent: 1 }).halt();
	t.deepEqual(halted().fails(1, 2).story.close().judge().broken, []);
	t.deepEqual(halted().fails(1, 3).story.close().judge().broken, ['contained']);
});

test('a device that meets the bad release again is one device', (t) => {
	t.deepEqual(rollout().wave(0).fails(0, 2).fails(0, 2).story.close().judge().broken, []);
});

test('a device too many is one violation however often it boots', (t) => {
	t.is(rollout().wave(0).fails(0, 3).fails(2, 3).story.close().judge().of('contained').violations.length, 1);
});

test('a wave that should not have begun allows no device anything', (t) => {
	const { violations } = rollout().wave(0).halt().wave(1).fails(0, 4).story.close().judge().of('contained');
	t.deepEqual(
		violations.map(({ device }) => device),
		[undefined, 'd-2', 'd-3'],
	);
});

test('a share of failures that is just allowed may go on', (t) => {
	t.deepEqual(rollout().wave(0).gate(0, { succeeded: 4, failed: 1 }).wave(1).story.close().judge().broken, []);
});

test('a bad release that was sent to devices without a rollout is not judged', (t) => {
	const judged = fleet(3).release('v2-bad', { bad: true }).fail('d-0', 'v2-bad').fail('d-1', 'v2-bad').close().judge();
	t.deepEqual(judged.broken, []);
	t.is(judged.of('contained').checks, 0);
});

test('devices that had the release before its rollout do not count', (t) => {
	const story = fleet(5).release('v2-bad', { bad: true }).fail('d-3', 'v2-bad').fail('d-4', 'v2-bad');
	t.deepEqual(new Telling(story.plan('r', 'v2-bad', { waves: [2, 3] })).wave(0).fails(0, 2).story.close().judge().broken, []);
});

test('a good release does not put it to the test', (t) => {
	const judged = fleet(1)
		.plan('r', 'v2', { waves: [1] })
		.tell({ kind: 'rollout-wave', rollout: 'r', wave: 0, devices: 1 })
		.update('d-0', 'v2')
		.close()
		.judge();
	t.is(judged.of('contained').checks, 0);
});
