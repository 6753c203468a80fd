import test from 'ava';
import { digestOf, type EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 1, update: 3, refusal: 2, revert: 4, cuts: 4, rollout: 16, migration: 6, recovery: 4 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`authentic holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('authentic'), { invariant: 'authentic', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'an unsigned image is installed and stays': {
		tell: () => fleet(1).release('v9', { authentic: false, rejection: 'no signature' }).update('d-0', 'v9').close(),
		message: /boots v9 9 \([0-9a-f]{12}\), which must never run: no signature/,
	},
	'a tampered image runs only for its trial': {
		tell: () => fleet(1).release('v9', { authentic: false }).fail('d-0', 'v9').close(),
		message: /which must never run: it is not authentic/,
	},
	'an image for other hardware runs': {
		tell: () =>
			fleet(1)
				.release('v9', { on: ['hw-b'] })
				.device('d-b', { hardware: 'hw-b', release: 'v9' })
				.job('d-0', 'v9', { digest: digestOf('v9 for hw-b') })
				.tell({ kind: 'device-trial-requested', device: 'd-0', digest: digestOf('v9 for hw-b') })
				.boot('d-0', { digest: digestOf('v9 for hw-b'), trial: true })
				.revert('d-0')
				.ends('d-0', 'FAILED')
				.close(),
		message: /it is not for hardware hw-a/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`authentic alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['authentic']);
		t.regex(judged.of('authentic').violations[0]?.message ?? '', message);
		t.true(judged.of('authentic').checks > 0);
	});
}

test('bytes published as authentic and as forbidden may run on the hardware they were authentic for', (t) => {
	const story = fleet(1);
	const digest = story.digest('v2');
	t.deepEqual(story.release('v2-again', { digest, authentic: false }).update('d-0', 'v2').close().judge().broken, []);
});
