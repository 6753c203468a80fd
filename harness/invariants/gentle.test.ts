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
	readonly segment?: string;
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

test('a segment is judged by itself, and named', (t) => {
	const judged = after({ requests: 700, segment: 'north' }, { requests: 700, segment: 'south' }, { requests: 1_300, segment: 'south' }).judge();
	t.deepEqual(
		judged.of('gentle').violations.map(({ message }) => message),
		['segment south made 2000 requests in 10 seconds after an outage that cut off 100 devices; at most 1220 were expected'],
	);
});

const routine = (busiest: number): EventStory => fleet(1).tell({ kind: 'fleet-routine', everyMs: 60_000, devices: 100, busiest, busiestAt: 7_000 }).close();

test('gentle alone is broken: reports by a timer that are all due in one second', (t) => {
	const judged = routine(21).judge();
	t.deepEqual(judged.broken, ['gentle']);
	t.deepEqual(judged.of('gentle'), {
		invariant: 'gentle',
		checks: 1,
		violations: [{ at: 7_000, message: '21 of 100 devices, each of which reports once in 60 s, reported in one second; at most 20 were expected' }],
	});
	t.deepEqual(routine(20).judge().of('gentle'), { invariant: 'gentle', checks: 1, violations: [] });
});

const contest = (dials: number): EventStory => fleet(1).tell({ kind: 'device-contended', device: 'd-0', forMs: 600_000, takenBack: 40, dials }).close();

test('gentle alone is broken: a device that fights for its place', (t) => {
	const judged = contest(51).judge();
	t.deepEqual(judged.broken, ['gentle']);
	const [violation] = judged.of('gentle').violations;
	t.is(violation?.device, 'd-0');
	t.regex(violation?.message ?? '', /^dialled 51 times in 600 s, .* it took its place back 40 times; at most 50 were expected$/);
	t.deepEqual(contest(50).judge().of('gentle'), { invariant: 'gentle', checks: 1, violations: [] });
});
