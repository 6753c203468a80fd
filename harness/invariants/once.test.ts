import test from 'ava';
import type { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 0, refusal: 0, revert: 0, cuts: 1, rollout: 1, migration: 0, recovery: 0 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`once holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('once'), { invariant: 'once', checks: CHECKS[name as RightStory], violations: [] });
	});
}

/** The service says of a job that it ended, whatever the device says. */
const withdraw = (story: EventStory, status: string): EventStory => story.tell({ kind: 'service-job', device: 'd-0', job: 'job-v2', status, version: 3 });

/** Virtual time goes by, a second an event. */
const pass = (story: EventStory, seconds: number): EventStory => {
	for (let second = 0; second < seconds; second++) story.tell({ kind: 'scenario-step', text: 'time passes' });
	return story;
};

/** The job that the device has is good until now, says the service; seconds go by before the device takes it up again. */
const stale = (story: EventStory, seconds: number): EventStory => {
	story.tell({ kind: 'service-job', device: 'd-0', job: 'job-v2', status: 'IN_PROGRESS', version: 1, expiresAt: story.nowMs });
	return pass(story, seconds).job('d-0', 'v2');
};

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'a job is repeated after it had succeeded, and installs what runs once more': {
		tell: () => fleet(1).update('d-0', 'v2').install('d-0', 'v2').confirm('d-0').ends('d-0', 'SUCCEEDED').close(),
		message: /job job-v2 puts on trial what the device runs and has confirmed/,
	},
	'another job brings what the device runs already': {
		tell: () =>
			fleet(1)
				.update('d-0', 'v2')
				.job('d-0', 'v2', { job: 'job-again' })
				.requestTrial('d-0')
				.boot('d-0')
				.confirm('d-0')
				.ends('d-0', 'SUCCEEDED', { job: 'job-again' })
				.close(),
		message: /job job-again puts on trial what the device runs and has confirmed/,
	},
	'a job is taken up long after it was good': {
		tell: () => stale(fleet(1).job('d-0', 'v2'), 90).requestTrial('d-0').boot('d-0').confirm('d-0').ends('d-0', 'SUCCEEDED').reports('d-0').close(),
		message: /job job-v2 is installed although it was stale from \d+ ms on and taken at \d+ ms/,
	},
	'an old job comes back after a newer one': {
		tell: () => fleet(1).release('v3', { securityCounter: 2 }).update('d-0', 'v2').update('d-0', 'v3').update('d-0', 'v2').close(),
		message: /job job-v2 was confirmed at \d+ ms and is installed again/,
	},
	'a job that failed and was closed is installed again': {
		tell: () => pass(fleet(1).fail('d-0', 'v2'), 60).fail('d-0', 'v2').close(),
		message: /job job-v2 is installed although the service had held it for FAILED since \d+ ms/,
	},
	'a cancelled job is installed': {
		tell: () =>
			pass(withdraw(fleet(1).job('d-0', 'v2'), 'CANCELED'), 61)
				.requestTrial('d-0')
				.boot('d-0')
				.revert('d-0')
				.ends('d-0', 'CANCELED')
				.close(),
		message: /installed although the service had held it for CANCELED/,
	},
	'an image is confirmed whose job was removed while it was on trial': {
		tell: () =>
			pass(withdraw(fleet(1).install('d-0', 'v2'), 'REMOVED'), 61)
				.confirm('d-0')
				.reports('d-0')
				.ends('d-0', 'REMOVED')
				.close(),
		message: /job job-v2 is confirmed although the service had held it for REMOVED/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`once alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['once']);
		t.regex(judged.of('once').violations[0]?.message ?? '', message);
		t.true(judged.of('once').checks > 0);
	});
}

test('a job that brings what runs, and has no effect, is what is wanted', (t) => {
	const judged = fleet(1).update('d-0', 'v2').job('d-0', 'v2', { job: 'job-again' }).ends('d-0', 'SUCCEEDED', { job: 'job-again' }).close().judge();
	t.deepEqual(judged.broken, []);
	t.is(judged.of('once').checks, 1);
});

test('a trial asked for twice around a power cut is one effect', (t) => {
	const judged = fleet(1)
		.job('d-0', 'v2')
		.download('d-0')
		.requestTrial('d-0')
		.cut('d-0')
		.boot('d-0', { cause: 'power-loss' })
		.job('d-0', 'v2')
		.requestTrial('d-0')
		.boot('d-0')
		.confirm('d-0')
		.ends('d-0', 'SUCCEEDED')
		.reports('d-0')
		.close()
		.judge();
	t.deepEqual(judged.broken, []);
});

test('a job that failed may be tried again while the service holds it open', (t) => {
	t.deepEqual(fleet(1).install('d-0', 'v2').revert('d-0').update('d-0', 'v2').close().judge().of('once').violations, []);
});

test('a job that a restored service opens again may be tried again where it had failed', (t) => {
	t.deepEqual(
		pass(withdraw(pass(fleet(1).fail('d-0', 'v2'), 61), 'QUEUED'), 61)
			.update('d-0', 'v2')
			.close()
			.judge()
			.of('once').violations,
		[],
	);
});

test('within a minute of a cancel a device may not know of it', (t) => {
	t.deepEqual(
		pass(withdraw(fleet(1).install('d-0', 'v2'), 'CANCELED'), 50)
			.confirm('d-0')
			.reports('d-0')
			.ends('d-0', 'CANCELED')
			.close()
			.judge().broken,
		[],
	);
});

test('a job that is withdrawn in the end of its download may still be put on trial', (t) => {
	const story = pass(withdraw(fleet(1).job('d-0', 'v2'), 'TIMED_OUT'), 50)
		.requestTrial('d-0')
		.boot('d-0')
		.revert('d-0');
	t.deepEqual(story.reports('d-0').ends('d-0', 'TIMED_OUT').close().judge().broken, []);
});

test('what became durable when power went is judged by that moment', (t) => {
	const story = fleet(1).install('d-0', 'v2').tell({ kind: 'device-power', device: 'd-0', power: 'off', cause: 'power-loss' });
	pass(withdraw(story, 'CANCELED'), 300).tell({ kind: 'device-power', device: 'd-0', power: 'on', cause: 'power-loss' });
	const judged = story.confirm('d-0').boot('d-0', { cause: 'power-loss' }).reports('d-0').ends('d-0', 'CANCELED').close().judge();
	t.deepEqual(judged.of('once').violations, []);
});
