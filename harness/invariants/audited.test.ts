import test from 'ava';
import { describeEvent } from '../campaign/audit/index.js';
import type { BlackstartEvent } from '../events/index.js';
import { createAudited } from './audited.js';
import type { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 4, refusal: 6, revert: 4, cuts: 5, rollout: 26, migration: 8, recovery: 6 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`audited holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('audited'), { invariant: 'audited', checks: CHECKS[name as RightStory], violations: [] });
	});
}

/** The service opens a job for a device. */
const open = (
	story: EventStory,
	{ device = 'd-0', job, release = 'v2' }: { readonly device?: string; readonly job: string; readonly release?: string },
): EventStory => story.tell({ kind: 'service-job', device, job, status: 'QUEUED', version: 1, digest: story.digest(release) });

const cancel = (story: EventStory, job: string): EventStory => story.tell({ kind: 'service-job', device: 'd-0', job, status: 'CANCELED', version: 2 });

const ordered = (devices: number, release = 'v2'): EventStory => fleet(2).tell({ kind: 'deployment-ordered', job: 'job-1', release, devices });

const planned = (): EventStory => fleet(2).plan('r-1', 'v2', { waves: [1, 1] });

const wave = (story: EventStory, number = 0): EventStory => story.tell({ kind: 'rollout-wave', rollout: 'r-1', wave: number, devices: 1 });

const halt = (story: EventStory): EventStory => story.tell({ kind: 'rollout-halted', rollout: 'r-1', reason: 'told so' });

const rollBack = (story: EventStory): EventStory => story.tell({ kind: 'rollout-rolled-back', rollout: 'r-1', release: 'v1', devices: 1 });

const decide = (
	story: EventStory,
	{ what, device = 'd-0', release = 'v2' }: { readonly what: string; readonly device?: string; readonly release?: string },
): EventStory => story.tell({ kind: 'campaign-decision', campaign: 'c', who: 'controller', what, device, digest: story.digest(release), why: 'wave 0' });

const decided = (device: string, release = 'v2'): EventStory => decide(fleet(2), { what: 'device-started', device, release });

const cancelled = (story: EventStory): EventStory =>
	story.tell({ kind: 'campaign-decision', campaign: 'c', who: 'controller', what: 'job-cancelled', why: 'halted' });

const RIGHT: Readonly<Record<string, () => EventStory>> = {
	'a deployment to two devices': () => open(open(ordered(2), { job: 'job-1-hw-a' }), { device: 'd-1', job: 'job-1-hw-a' }),
	'a wave': () => open(wave(planned()), { job: 'r-1-wave-0-hw-a' }),
	'a job that a service opens again after it had ended': () => open(open(wave(planned()), { job: 'r-1-wave-0-hw-a' }), { job: 'r-1-wave-0-hw-a' }),
	'a wave that is taken back after a halt': () => cancel(halt(open(wave(planned()), { job: 'r-1-wave-0-hw-a' })), 'r-1-wave-0-hw-a'),
	'a rollback, and a late one': () =>
		open(rollBack(open(rollBack(halt(planned())), { job: 'r-1-rollback-hw-a', release: 'v1' })), {
			device: 'd-1',
			job: 'r-1-rollback-late-hw-a',
			release: 'v1',
		}),
	"a campaign's decision about a device": () => open(decided('d-0'), { job: 'whatever-7' }),
	'a device that a campaign sends back': () => open(decide(fleet(1), { what: 'device-sent-back', release: 'v1' }), { job: 'back-1', release: 'v1' }),
	'what another controller had noted and did not live to send': () => open(decide(decided('d-0'), { what: 'sent-again' }), { job: 'whatever-7' }),
	'a deployment that an operator takes back': () =>
		cancel(open(ordered(1), { job: 'job-1-hw-a' }).tell({ kind: 'deployment-cancelled', job: 'job-1', devices: 1, force: true }), 'job-1-hw-a'),
	'a job that a campaign takes back': () => cancel(cancelled(open(decided('d-0'), { job: 'whatever-7' })), 'whatever-7'),
};

for (const [name, tell] of Object.entries(RIGHT)) {
	test(`a job that was decided is accounted for: ${name}`, (t) => {
		const judged = tell().close().judge();
		t.deepEqual(judged.broken, []);
		t.true(judged.of('audited').checks > 0);
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'a job that nobody sent': { tell: () => open(fleet(1), { job: 'job-1-hw-a' }), message: /job job-1-hw-a was opened, and no decision on record sent it/ },
	'a wave that is not on record': { tell: () => open(planned(), { job: 'r-1-wave-0-hw-a' }), message: /no decision on record sent it/ },
	'a job of another wave than the one on record': { tell: () => open(wave(planned(), 1), { job: 'r-1-wave-10-hw-a' }), message: /no decision on record/ },
	'a deployment to one device more': {
		tell: () => open(open(ordered(1), { job: 'job-1-hw-a' }), { device: 'd-1', job: 'job-1-hw-a' }),
		message: /opened for one device more than the decision on record sent it to/,
	},
	'a deployment of another release': {
		tell: () => open(ordered(2), { job: 'job-1-hw-a', release: 'v1' }),
		message: /brings an image of v1; the decision on record was about v2/,
	},
	'a wave of another release': {
		tell: () => open(wave(planned()), { job: 'r-1-wave-0-hw-a', release: 'v1' }),
		message: /brings an image of v1; the decision on record was about v2/,
	},
	'a rollback that is not on record': { tell: () => open(halt(planned()), { job: 'r-1-rollback-hw-a', release: 'v1' }), message: /no decision on record/ },
	'a deployment that is taken back without an order': {
		tell: () => cancel(open(ordered(1), { job: 'job-1-hw-a' }), 'job-1-hw-a'),
		message: /job job-1-hw-a was taken back, and no order to cancel job-1 is on record/,
	},
	'a wave that is taken back without a halt': {
		tell: () => cancel(open(wave(planned()), { job: 'r-1-wave-0-hw-a' }), 'r-1-wave-0-hw-a'),
		message: /was taken back, and no halt of r-1 is on record/,
	},
	"a campaign's decision about another device": { tell: () => open(decided('d-1'), { job: 'whatever-7' }), message: /no decision on record/ },
	"a campaign's decision about another image": { tell: () => open(decided('d-0', 'v1'), { job: 'whatever-7' }), message: /no decision on record/ },
	"a campaign's decision that sends nothing": {
		tell: () => open(decide(fleet(1), { what: 'device-succeeded' }), { job: 'whatever-7' }),
		message: /no decision on record/,
	},
	'two jobs for what was sent again': {
		tell: () => open(open(decide(decided('d-0'), { what: 'sent-again' }), { job: 'whatever-7' }), { job: 'whatever-8' }),
		message: /job whatever-8 was opened, and no decision/,
	},
	"a campaign's job that is taken back without a decision": {
		tell: () => cancel(open(decided('d-0'), { job: 'whatever-7' }), 'whatever-7'),
		message: /job whatever-7 was taken back, and no such decision of c is on record/,
	},
	"two jobs for one of a campaign's decisions": {
		tell: () => open(open(decided('d-0'), { job: 'whatever-7' }), { job: 'whatever-8' }),
		message: /job whatever-8 was opened, and no decision/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`audited alone is broken: ${name}`, (t) => {
		const judged = tell().close().judge();
		t.deepEqual(judged.broken, ['audited']);
		t.regex(judged.of('audited').violations[0]?.message ?? '', message);
	});
}

/** Every kind of event that a right course has, and that a trail must not leave out. */
const KINDS = [
	...['deployment-ordered', 'rollout-wave', 'rollout-rolled-back', 'rollout-halted', 'campaign-decision'],
	...['service-job', 'device-job', 'device-refused', 'device-trial-requested', 'device-confirmed', 'device-boot'],
] as const;

for (const kind of KINDS) {
	test(`a builder that leaves ${kind} out of the trail is found out`, (t) => {
		const stories: readonly (() => EventStory)[] = [...Object.values(RIGHT), ...Object.values(RIGHT_STORIES)];
		const judgeWith = (describe: typeof describeEvent): number => {
			let violations = 0;
			for (const tell of stories) {
				const invariant = createAudited(describe);
				for (const event of tell().events) invariant.observe(event);
				violations += invariant.finish().violations.length;
			}
			return violations;
		};
		t.is(judgeWith(describeEvent), 0);
		t.true(judgeWith((event: BlackstartEvent, book) => (event.kind === kind ? undefined : describeEvent(event, book))) > 0);
	});
}

test('an entry that names another device or image than the transition is none', (t) => {
	for (const lie of [{ device: 'd-9' }, { digest: '0'.repeat(64) }]) {
		const invariant = createAudited((event, book) => {
			const facts = describeEvent(event, book);
			return facts === undefined ? undefined : { ...facts, ...lie };
		});
		for (const event of fleet(1).update('d-0', 'v2').events) invariant.observe(event);
		t.true(invariant.finish().violations.length > 0, JSON.stringify(lie));
	}
});
