import test from 'ava';
import type { EventStory } from './event-story.js';
import { fleet, RIGHT_STORIES } from './right-stories.js';

for (const [name, tell] of Object.entries(RIGHT_STORIES)) {
	test(`gentle is not put to the test without an outage: ${name}`, (t) => {
		t.deepEqual(tell().judge().of('gentle'), { invariant: 'gentle', checks: 0, violations: [] });
	});
}

interface Load {
	readonly connects?: number;
	readonly requests?: number;
	readonly affected?: number;
	readonly outageMs?: number;
}

/** Seconds after an outage, one after the other. */
const after = (...seconds: readonly Load[]): EventStory => {
	const story = fleet(1);
	for (const load of seconds) story.tell({ kind: 'fleet-load', connects: 0, requests: 0, affected: 100, outageMs: 20_000, ...load });
	return story.close();
};

const WRONG: Readonly<Record<string, { readonly seconds: readonly Load[]; readonly message: RegExp }>> = {
	'everybody dials in one second after a long outage': {
		seconds: [{ connects: 100 }],
		message: /dialled 100 times in a second after an outage of 20 s that cut off 100 devices; at most 40 were expected/,
	},
	'one dial too many': { seconds: [{ connects: 41 }], message: /dialled 41 times .* at most 40/ },
	'an outage of hours leaves as much time as one of a minute': { seconds: [{ connects: 21, outageMs: 7_200_000 }], message: /at most 20 were expected/ },
	'a flood of requests in one second': { seconds: [{ requests: 1_221 }], message: /made 1221 requests in 10 seconds .* at most 1220/ },
	'a flood of requests over ten seconds': { seconds: Array.from({ length: 10 }, () => ({ requests: 123 })), message: /made 1230 requests/ },
};

for (const [name, { seconds, message }] of Object.entries(WRONG)) {
	test(`gentle alone is broken: ${name}`, (t) => {
		const judged = after(...seconds).judge();
		t.deepEqual(judged.broken, ['gentle']);
		t.is(judged.of('gentle').violations.length, 1);
		t.regex(judged.of('gentle').violations[0]?.message ?? '', message);
		t.is(judged.of('gentle').checks, seconds.length);
	});
}

test('as many attempts as the bound allows are no violation, second after second', (t) => {
	const judged = after(...Array.from({ length: 60 }, () => ({ connects: 40, requests: 122 }))).judge();
	t.deepEqual(judged.broken, []);
	t.is(judged.of('gentle').checks, 60);
});

test('after an outage of a second everybody may come back at once', (t) => {
	t.deepEqual(after({ connects: 100, outageMs: 1_000 }).judge().broken, []);
});

test('a flood that goes on is told of once in ten seconds', (t) => {
	const judged = after(...Array.from({ length: 20 }, () => ({ requests: 2_000 }))).judge();
	t.is(judged.of('gentle').violations.length, 2);
});
