import test from 'ava';
import type { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 2, refusal: 0, revert: 3, cuts: 3, rollout: 8, migration: 5, recovery: 3 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`bootable holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('bootable'), { invariant: 'bootable', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'power lost in the update leaves nothing that boots': {
		tell: () =>
			fleet(1)
				.job('d-0', 'v2')
				.cut('d-0')
				.noBoot('d-0')
				.close({ 'd-0': { running: null, outcome: 'bricked' } }),
		message: /does not boot after power-loss, and never again: slot a: hash differs/,
	},
	'a device boots no more though it is not seen trying': {
		tell: () => fleet(1).close({ 'd-0': { running: null, outcome: 'stuck' } }),
		message: /expected to run when the world closed, and none does/,
	},
	'the last boot failed, whatever the audit says': {
		tell: () => fleet(2).cut('d-1').noBoot('d-1').close(),
		message: /does not boot/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`bootable alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['bootable']);
		t.regex(judged.of('bootable').violations[0]?.message ?? '', message);
		t.true(judged.of('bootable').checks > 0);
	});
}

test('a boot that fails and then succeeds is no violation', (t) => {
	const judged = fleet(1).cut('d-0').noBoot('d-0').boot('d-0', { cause: 'watchdog' }).close().judge();
	t.deepEqual(judged.broken, []);
	t.is(judged.of('bootable').checks, 2);
});
