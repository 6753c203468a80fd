import test from 'ava';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 1, refusal: 1, revert: 1, cuts: 1, rollout: 5, migration: 1, recovery: 1 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`tidy holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('tidy'), { invariant: 'tidy', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const LEFTOVERS = ['the journal of job-v2, downloading', 'settings of 2 schemas: 1, 2'];

test('tidy alone is broken by what an update leaves behind, and names all of it', (t) => {
	const judged = fleet(2)
		.update('d-0', 'v2')
		.update('d-1', 'v2')
		.close({ 'd-1': { leftovers: LEFTOVERS } })
		.judge();
	t.deepEqual(judged.broken, ['tidy']);
	const { violations, checks } = judged.of('tidy');
	t.is(checks, 2);
	t.deepEqual(
		violations.map(({ device, message }) => [device, message]),
		[['d-1', 'nothing was to be left of an update that is over; there is the journal of job-v2, downloading; settings of 2 schemas: 1, 2']],
	);
});

test('what is left on a device that never had a job is a violation too', (t) => {
	const judged = fleet(1)
		.close({ 'd-0': { leftovers: LEFTOVERS } })
		.judge();
	t.deepEqual(judged.broken, ['tidy']);
});

for (const [title, facts, others] of [
	['a device that is stuck is left to converges', { outcome: 'stuck' }, ['converges']],
	['a device that runs nothing is left to bootable', { running: null, outcome: 'bricked' }, ['bootable']],
	['an unconfirmed image is left to trial', { confirmed: false }, ['trial']],
] as const) {
	test(title, (t) => {
		const judged = fleet(1)
			.update('d-0', 'v2')
			.close({ 'd-0': { leftovers: LEFTOVERS, ...facts } })
			.judge();
		t.deepEqual(judged.broken, others as never);
	});
}
