import test from 'ava';
import { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 2, refusal: 1, revert: 3, cuts: 3, rollout: 8, migration: 5, recovery: 3 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`no-downgrade holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('no-downgrade'), { invariant: 'no-downgrade', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'the counter falls with a revert': {
		tell: () => fleet(1).update('d-0', 'v2').boot('d-0', { cause: 'power-on' }).boot('d-0', { cause: 'power-loss', securityCounter: 1 }).close(),
		message: /security counter fell from 2 to 1/,
	},
	'the counter is raised before the confirm': {
		tell: () => fleet(1).install('d-0', 'v2').boot('d-0', { securityCounter: 2 }).confirm('d-0').ends('d-0', 'SUCCEEDED').reports('d-0').close(),
		message: /security counter is 2, above the 1 of the images it has confirmed/,
	},
	'the counter leaps past the confirmed image': {
		tell: () =>
			fleet(1)
				.update('d-0', 'v2')
				.close({ 'd-0': { securityCounter: 4_294_967_295 } }),
		message: /is 4294967295, above the 2/,
	},
	'an image below the counter is installed': {
		tell: () => fleet(1).release('v0', { securityCounter: 0 }).update('d-0', 'v0').close(),
		message: /boots v0 0 \([0-9a-f]{12}\) of security counter 0, below the device's 1/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`no-downgrade alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['no-downgrade']);
		t.regex(judged.of('no-downgrade').violations[0]?.message ?? '', message);
		t.true(judged.of('no-downgrade').checks > 0);
	});
}

test('images without counters on devices without counters do not put it to the test', (t) => {
	const story = new EventStory().release('v1', { securityCounter: 0 }).release('v2', { securityCounter: 0 }).device('d-0').update('d-0', 'v2');
	t.is(story.close().judge().of('no-downgrade').checks, 0);
});
