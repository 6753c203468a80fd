import test from 'ava';
import type { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 1, refusal: 1, revert: 1, cuts: 1, rollout: 5, migration: 1, recovery: 1 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`converges holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('converges'), { invariant: 'converges', checks: CHECKS[name as RightStory], violations: [] });
	});
}

/** A whole update, and boots of the device's own doing after it. */
const rebooting = (boots: number): EventStory => {
	const story = fleet(1).update('d-0', 'v2');
	for (let boot = 0; boot < boots; boot++) story.boot('d-0', { cause: 'watchdog' });
	return story.close();
};

const installingForEver = (): EventStory => {
	const story = fleet(1);
	for (let round = 0; round < 8; round++) story.install('d-0', 'v2').revert('d-0');
	return story.ends('d-0', 'FAILED').reports('d-0').close();
};

/** A rollout, or a campaign, sends the release to two devices that run different versions, and takes it back. */
const takenBack = (by: 'rollout' | 'campaign', back: readonly [string, string]): EventStory => {
	const story = fleet(2)
		.release('v1.1')
		.release('v3')
		.update('d-1', 'v1.1')
		.plan('r', 'v3', { waves: [2], maxFailureRatio: 0 });
	const send = (what: 'device-started' | 'device-sent-back', sends: readonly [string, string]): void => {
		const name = what === 'device-started' ? 'wave-0' : 'rollback';
		if (by === 'rollout' && what === 'device-started') story.tell({ kind: 'rollout-wave', rollout: 'r', wave: 0, devices: 2 });
		for (const [index, release] of sends.entries()) {
			const device = `d-${index}`;
			const digest = story.digest(release);
			const job = `r-${name}-${index + 1}-hw-a`;
			if (by === 'campaign') story.tell({ kind: 'campaign-decision', campaign: 'r', who: 'controller', what, device, digest, why: job });
			else if (what === 'device-sent-back') story.tell({ kind: 'rollout-rolled-back', rollout: 'r', release, devices: 1 });
			const sent = by === 'rollout' && what === 'device-started' ? 'r-wave-0-hw-a' : job;
			story.tell({ kind: 'service-job', device, job: sent, status: 'QUEUED', version: 1, digest });
			story.job(device, release, { job: sent }).download(device).requestTrial(device).boot(device).confirm(device).ends(device, 'SUCCEEDED').reports(device);
		}
	};
	send('device-started', ['v3', 'v3']);
	story.tell({ kind: 'rollout-halted', rollout: 'r', reason: 'aborted' });
	send('device-sent-back', back);
	return story.tell({ kind: 'rollout-ended', rollout: 'r', outcome: 'rolled-back', succeeded: 2, failed: 0, untouched: 0 }).close();
};

for (const by of ['rollout', 'campaign'] as const) {
	test(`devices that a ${by} sends back to what each ran before break nothing`, (t) => {
		t.deepEqual(takenBack(by, ['v1', 'v1.1']).judge().broken, []);
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'a device ends stuck': {
		tell: () =>
			fleet(1)
				.job('d-0', 'v2')
				.close({ 'd-0': { outcome: 'stuck' } }),
		message: /ended stuck/,
	},
	'a device is called bricked although it runs': {
		tell: () => fleet(1).close({ 'd-0': { outcome: 'bricked' } }),
		message: /ended bricked/,
	},
	'a device reboots for ever': {
		tell: () => rebooting(12),
		message: /booted 14 times; at most 13 were expected with 1 jobs and 0 disturbances/,
	},
	'a device installs a job that fails again and again': {
		tell: () => installingForEver(),
		message: /booted 17 times; at most 13/,
	},
	'a rollout sends every device back to one version': {
		tell: () => takenBack('rollout', ['v1', 'v1']),
		message: /^r sends it back to v1 1 \([0-9a-f]{12}\), and it ran v1\.1 1\.1 \([0-9a-f]{12}\) before$/,
	},
	'a campaign gives two devices the version of each other': {
		tell: () => takenBack('campaign', ['v1.1', 'v1']),
		message: /^r sends it back to v1\.1 .*, and it ran v1 1 /,
	},
	'a device downloads for ever': {
		tell: () =>
			fleet(1)
				.update('d-0', 'v2')
				.close({ 'd-0': { bytesReceived: 10_000_000 } }),
		message: /received 10000000 bytes; at most \d{6} were expected with 0 resumes/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`converges alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['converges']);
		t.regex(judged.of('converges').violations[0]?.message ?? '', message);
		t.true(judged.of('converges').checks > 0);
	});
}

test('as many boots as a job may cost are no violation', (t) => {
	t.deepEqual(rebooting(11).judge().broken, []);
});

test('a device without an outcome is a violation', (t) => {
	const judged = fleet(1).judge();
	t.deepEqual(judged.broken, ['converges']);
	t.regex(judged.of('converges').violations[0]?.message ?? '', /an outcome was expected/);
});

test('each power cut allows for its boots', (t) => {
	const story = fleet(1);
	for (let cut = 0; cut < 100; cut++) story.cut('d-0').boot('d-0', { cause: 'power-loss' });
	const judged = story.close().judge();
	t.deepEqual(judged.broken, []);
	t.is(judged.of('converges').checks, 1);
});

test('crashes of a bad release after its confirm are not the update that fails to converge, those of a good one are', (t) => {
	const crashing = (bad: boolean): EventStory => {
		const story = fleet(1).release('v3', { bad }).update('d-0', 'v3');
		for (let crash = 0; crash < 40; crash++) story.boot('d-0', { cause: 'crash' });
		return story.close();
	};
	t.deepEqual(crashing(true).judge().broken, []);
	t.deepEqual(crashing(false).judge().broken, ['converges']);
});

test('a fault on the fleet is a disturbance of every device', (t) => {
	const judged = fleet(3).tell({ kind: 'fault-fired', fault: 'broker-restart' }).close().judge();
	t.is(judged.of('converges').checks, 3);
});
