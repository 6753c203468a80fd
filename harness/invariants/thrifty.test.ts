import test from 'ava';
import type { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES, type RightStory } from './right-stories.js';

/** How often each right course puts it to the test. */
const CHECKS: Readonly<Record<RightStory, number>> = { nothing: 0, update: 0, refusal: 0, revert: 0, cuts: 1, rollout: 0, migration: 0, recovery: 0 };

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`thrifty holds and is put to the test as often as it should: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('thrifty'), { invariant: 'thrifty', checks: CHECKS[name as RightStory], violations: [] });
	});
}

const WRONG: Readonly<Record<string, { readonly tell: () => EventStory; readonly message: RegExp }>> = {
	'a download begins anew after a cut': {
		tell: () =>
			fleet(1)
				.job('d-0', 'v2')
				.download('d-0', { received: 31, resumes: 1 })
				.requestTrial('d-0')
				.boot('d-0')
				.confirm('d-0')
				.ends('d-0', 'SUCCEEDED')
				.reports('d-0')
				.close(),
		message: /job job-v2: 31 blocks arrived for an image of 16; at most 24 were expected with 1 resumes/,
	},
	'blocks arrive twice without any cut': {
		tell: () => fleet(1).job('d-0', 'v2').download('d-0', { received: 21 }).refuse('d-0').close(),
		message: /at most 20 were expected with 0 resumes/,
	},
};

for (const [name, { tell, message }] of Object.entries(WRONG)) {
	test(`thrifty alone is broken: ${name}`, (t) => {
		const judged = tell().judge();
		t.deepEqual(judged.broken, ['thrifty']);
		t.regex(judged.of('thrifty').violations[0]?.message ?? '', message);
		t.true(judged.of('thrifty').checks > 0);
	});
}

test('one window for each resume and one more is thrifty, a block above it is not', (t) => {
	for (const resumes of [0, 1, 2, 7]) {
		const most = 16 + (resumes + 1) * 4;
		const broken = (received: number): readonly string[] =>
			fleet(1).job('d-0', 'v2').download('d-0', { resumes, received }).refuse('d-0').close().judge().broken;
		t.deepEqual(broken(most), []);
		t.deepEqual(broken(most + 1), ['thrifty']);
	}
});
