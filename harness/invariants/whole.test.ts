import test from 'ava';
import { digestOf, type EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 1, update: 3, refusal: 1, revert: 4, cuts: 4, rollout: 16, migration: 6, recovery: 4 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`whole holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('whole'), { invariant: 'whole', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'a half-written image boots': {
		tell: () =>
			fleet(1)
				.install('d-0', 'v2')
				.boot('d-0', { digest: digestOf('half') })
				.revert('d-0')
				.ends('d-0', 'FAILED')
				.reports('d-0')
				.close(),
		message: /boots bytes of no release from slot a: digest [0-9a-f]{12}, which calls itself 2/,
	},
	'a mix is taken for a success': {
		tell: () =>
			fleet(1)
				.install('d-0', 'v2')
				.boot('d-0', { digest: digestOf('mix') })
				.confirm('d-0', { digest: digestOf('mix') })
				.ends('d-0', 'SUCCEEDED')
				.reports('d-0')
				.close({ 'd-0': { running: digestOf('mix') } }),
		message: /bytes of no release/,
	},
	'the running image rots without a boot': {
		tell: () => fleet(1).close({ 'd-0': { running: digestOf('rotten') } }),
		message: /runs bytes of no release when the world closes/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`whole alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['whole']);
		t.regex(judged.of('whole').violations[0]?.message ?? '', message);
		t.true(judged.of('whole').checks > 0);
	});
}

test('what the boot already said of wrong bytes, the audit does not repeat', (t) => {
	const mix = digestOf('mix');
	t.is(
		fleet(1)
			.boot('d-0', { digest: mix })
			.close({ 'd-0': { running: mix } })
			.judge()
			.of('whole').violations.length,
		1,
	);
});

test('an image must be released before it runs', (t) => {
	const judged = fleet(1)
		.boot('d-0', { digest: digestOf('v3 for hw-a') })
		.release('v3')
		.close()
		.judge();
	t.deepEqual(judged.broken, ['whole']);
});
