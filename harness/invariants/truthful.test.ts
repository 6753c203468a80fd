import test from 'ava';
import type { EventStory } from './event-story.js';
import type { EventOf } from './invariant.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';
import { createTruthful } from './truthful.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 2, refusal: 3, revert: 2, cuts: 2, rollout: 12, migration: 3, recovery: 2 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`truthful holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('truthful'), { invariant: 'truthful', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'success is reported before the reboot': {
		tell: () => fleet(1).job('d-0', 'v2').requestTrial('d-0').ends('d-0', 'SUCCEEDED').boot('d-0').revert('d-0').reports('d-0').close(),
		message: /holds job job-v2 \(v2 2 .*\) for SUCCEEDED, and the device runs v1 1/,
	},
	'success is reported before the confirm': {
		tell: () => fleet(1).install('d-0', 'v2').ends('d-0', 'SUCCEEDED').confirm('d-0').reports('d-0').close(),
		message: /for SUCCEEDED before the device confirmed v2 2/,
	},
	'success of a job that the device never received': {
		tell: () => fleet(1).ends('d-0', 'SUCCEEDED', { job: 'job-9' }).close(),
		message: /holds job job-9 for SUCCEEDED, which the device never received/,
	},
	'the service has a wrong version in its inventory': {
		tell: () =>
			fleet(1)
				.update('d-0', 'v2')
				.close({ 'd-0': { believedVersion: '1' } }),
		message: /believes the device runs 1, and it runs 2/,
	},
	'the service forgets what a device had reported': {
		tell: () => fleet(1).close({ 'd-0': { believedVersion: null } }),
		message: /believes the device runs nothing, and it runs 1/,
	},
	'a failed update is held for a success': {
		tell: () =>
			fleet(1)
				.fail('d-0', 'v2')
				.close({ 'd-0': { believedStatus: 'SUCCEEDED' } }),
		message: /believes the update to v2 2 .* succeeded, and the device runs v1 1/,
	},
	'the final report never arrives': {
		tell: () => fleet(1).install('d-0', 'v2').confirm('d-0').reports('d-0').close(),
		message: /runs and has confirmed v2 2 .*, and the service holds its job for unfinished/,
	},
	'an update that succeeded is held for failed': {
		tell: () => fleet(1).install('d-0', 'v2').confirm('d-0').ends('d-0', 'FAILED').reports('d-0').close(),
		message: /and the service holds its job for FAILED/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`truthful alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['truthful']);
		t.regex(judged.of('truthful').violations[0]?.message ?? '', message);
		t.true(judged.of('truthful').checks > 0);
	});
}

test('a job cancelled by the operator says nothing of the version', (t) => {
	t.deepEqual(fleet(1).install('d-0', 'v2').confirm('d-0').ends('d-0', 'CANCELED').reports('d-0').close().judge().broken, []);
});

test('a second job for the same image that has not reached the device yet is no lie', (t) => {
	t.deepEqual(
		fleet(1)
			.update('d-0', 'v2')
			.close({ 'd-0': { believedStatus: null } })
			.judge().broken,
		[],
	);
});

test('a device that never reported itself leaves the service without a belief, not with a wrong one', (t) => {
	const story = fleet(1);
	const events = story.close({ 'd-0': { believedVersion: null } }).events.filter(({ kind }) => kind !== 'service-inventory');
	const judge = createTruthful();
	for (const event of events) judge.observe(event);
	t.deepEqual(judge.finish().violations, []);
});

const PRESENCE: readonly (readonly [string, EventOf<'device-audit'>['presence'], RegExp | undefined, number])[] = [
	['online and connected', { believed: 'online', connected: true, forMs: 60_000 }, undefined, 1],
	['offline and gone', { believed: 'offline', connected: false, forMs: 600_000 }, undefined, 1],
	['offline and connected', { believed: 'offline', connected: true, forMs: 60_000 }, /believes the device offline, and it has been connected for 60 s/, 1],
	['online and gone', { believed: 'online', connected: false, forMs: 600_000 }, /believes the device online, and it has been gone for 600 s/, 1],
	['offline and connected a moment ago', { believed: 'offline', connected: true, forMs: 59_999 }, undefined, 0],
	['online and gone a moment ago', { believed: 'online', connected: false, forMs: 599_999 }, undefined, 0],
	['unknown', { believed: null, connected: true, forMs: 600_000 }, undefined, 0],
];
for (const [what, presence, message, checks] of PRESENCE) {
	test(`truthful: a device believed ${what} is ${message === undefined ? 'no' : 'a'} violation`, (t) => {
		const judged = fleet(1)
			.close({ 'd-0': presence === undefined ? {} : { presence } })
			.judge();
		t.deepEqual(judged.broken, message === undefined ? [] : ['truthful']);
		t.is(judged.of('truthful').checks, checks);
		if (message !== undefined) t.regex(judged.of('truthful').violations[0]?.message ?? '', message);
	});
}

/** The service goes back to a time when the device still ran v1 and its job was open, and is back after a while. */
const restored = (story: EventStory): EventStory =>
	story
		.tell({ kind: 'service-job', device: 'd-0', job: 'job-v2', status: 'IN_PROGRESS', version: 1 })
		.tell({ kind: 'service-inventory', device: 'd-0', version: '1' })
		.tell({ kind: 'service-restored', backupAt: 1 })
		.tell({ kind: 'broker-started', sessions: 'lost' });

/** Lets so many seconds pass. */
const wait = (story: EventStory, seconds: number): EventStory => {
	for (let second = 0; second < seconds; second++) story.tell({ kind: 'scenario-step', text: 'waits' });
	return story;
};

test('truthful: a service that was restored learns the truth again, in time', (t) => {
	const told = restored(fleet(1).update('d-0', 'v2')).reports('d-0').ends('d-0', 'SUCCEEDED');
	t.deepEqual(told.close().judge().broken, []);
	const late = wait(restored(fleet(1).update('d-0', 'v2')), 1_200)
		.reports('d-0')
		.ends('d-0', 'SUCCEEDED')
		.close()
		.judge();
	t.deepEqual(late.broken, ['truthful']);
	t.regex(late.of('truthful').violations[0]?.message ?? '', /was restored and back at \d+ ms, and did not know what the device runs and has done by \d+ ms/);
	const halfTold = wait(restored(fleet(1).update('d-0', 'v2')).reports('d-0'), 1_200)
		.ends('d-0', 'SUCCEEDED')
		.close()
		.judge();
	t.deepEqual(halfTold.broken, ['truthful']);
});

test('truthful: a device that boots after the restore has its time from then on', (t) => {
	const story = wait(restored(fleet(1).update('d-0', 'v2')), 1_100).boot('d-0', { cause: 'power-loss' });
	t.deepEqual(wait(story, 1_100).reports('d-0').ends('d-0', 'SUCCEEDED').close().judge().broken, []);
});

test('truthful: the success of an older job stays true as history, where the service has forgotten the one after it, and only there', (t) => {
	const forgotten = (isRestored: boolean) => {
		const story = fleet(1).release('v3', { securityCounter: 2 }).update('d-0', 'v2').update('d-0', 'v3');
		const told = isRestored ? story.tell({ kind: 'service-restored', backupAt: 1 }).tell({ kind: 'broker-started', sessions: 'lost' }) : story;
		return told.close({ 'd-0': { jobDigest: story.digest('v2') } }).judge().broken;
	};
	t.deepEqual(forgotten(true), []);
	t.deepEqual(forgotten(false), ['truthful']);
});
