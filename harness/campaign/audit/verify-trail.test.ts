import test from 'ava';
import { createHash } from 'node:crypto';
import { appendEntry, type AuditFacts, EMPTY_TRAIL, FIRST_PREVIOUS, type TrailHead } from './entry.js';
import { encodeSeal } from './seal.js';
import { type TrailProblem, verifyTrail } from './verify-trail.js';

const facts = (number: number): AuditFacts => ({
	at: number * 1_000,
	scenario: 'bad-release',
	title: 'it is halted',
	who: number % 2 === 0 ? 'controller' : 'device',
	what: 'confirmed',
	...(number % 3 === 0 ? {} : { device: `d-${number}`, hardware: 'hw-a', version: '1.1.0', digest: 'ab'.repeat(32) }),
	why: `because of “${number}”`,
});

interface Trail {
	readonly lines: readonly string[];
	readonly text: string;
	readonly seal: string;
	readonly head: TrailHead;
}

const trailOf = (all: readonly AuditFacts[], from: TrailHead = EMPTY_TRAIL): Trail => {
	let head = from;
	const lines = all.map((one) => {
		const appended = appendEntry(head, one);
		head = appended.head;
		return appended.line;
	});
	return { lines, text: lines.join(''), seal: encodeSeal(head), head };
};

const ENTRIES = 7;
const TRAIL = trailOf(Array.from({ length: ENTRIES }, (_, index) => facts(index + 1)));

const problemOf = (
	lines: readonly string[],
	seal: string | undefined = TRAIL.seal,
): { readonly problem: TrailProblem; readonly line: number | undefined } | 'good' => {
	const verdict = verifyTrail(lines.join(''), seal);
	return verdict.ok ? 'good' : { problem: verdict.problem, line: verdict.line };
};

test('a trail that is as it was written is good', (t) => {
	t.deepEqual(verifyTrail(TRAIL.text, TRAIL.seal), { ok: true, entries: ENTRIES, hash: TRAIL.head.hash });
});

test('an empty trail under its own seal is good, under another it is not', (t) => {
	t.deepEqual(verifyTrail('', encodeSeal(EMPTY_TRAIL)), { ok: true, entries: 0, hash: FIRST_PREVIOUS });
	t.like(verifyTrail('', TRAIL.seal), { ok: false, problem: 'cut-off', line: 1 });
	t.like(verifyTrail('', undefined), { ok: false, problem: 'unsealed' });
});

test('the hash of a line is that of the line without it', (t) => {
	for (const line of TRAIL.lines) {
		const [, hash = ''] = /,"hash":"([0-9a-f]{64})"\}\n$/.exec(line) ?? [];
		t.is(
			createHash('sha256')
				.update(line.replace(`,"hash":"${hash}"}\n`, '}'))
				.digest('hex'),
			hash,
		);
	}
});

test('any character that is changed, removed or added is found, in the line where it is', (t) => {
	const { text } = TRAIL;
	for (let index = 0; index < text.length; index++) {
		const line = text.slice(0, index).split('\n').length;
		const other = text[index] === '7' ? '3' : '7';
		for (const changed of [
			text.slice(0, index) + other + text.slice(index + 1),
			text.slice(0, index) + text.slice(index + 1),
			text.slice(0, index) + other + text.slice(index),
		]) {
			const verdict = verifyTrail(changed, TRAIL.seal);
			t.like(verdict, { ok: false, line }, `at ${index}: ${JSON.stringify(verdict)}`);
		}
	}
});

test('any line that is removed is found, and how many are missing', (t) => {
	for (let index = 0; index < ENTRIES; index++) {
		const lines = TRAIL.lines.filter((_, other) => other !== index);
		const isLast = index === ENTRIES - 1;
		t.deepEqual(problemOf(lines), { problem: isLast ? 'cut-off' : 'removed', line: index + 1 });
	}
	const verdict = verifyTrail([...TRAIL.lines.slice(0, 2), ...TRAIL.lines.slice(5)].join(''), TRAIL.seal);
	t.like(verdict, { reason: 'entry 3 was expected, entry 6 came: entries 3 to 5 are missing' });
});

test('an end that is cut off is found, wherever it is cut', (t) => {
	for (let index = 0; index < TRAIL.text.length; index++) t.like(verifyTrail(TRAIL.text.slice(0, index), TRAIL.seal), { ok: false, problem: 'cut-off' });
	t.like(verifyTrail(TRAIL.lines.slice(0, 5).join(''), TRAIL.seal), { line: 6, reason: '7 entries were sealed, 5 are there: the last 2 are missing' });
});

test('any two lines that change places are found', (t) => {
	for (let one = 0; one < ENTRIES; one++) {
		for (let other = one + 1; other < ENTRIES; other++) {
			const lines = [...TRAIL.lines];
			[lines[one], lines[other]] = [lines[other] as string, lines[one] as string];
			t.deepEqual(problemOf(lines), { problem: 'reordered', line: one + 1 });
		}
	}
});

test('any line that stands there twice is found, and where it stood before', (t) => {
	for (let from = 0; from < ENTRIES; from++) {
		for (let to = from + 1; to <= ENTRIES; to++) {
			const lines = [...TRAIL.lines.slice(0, to), TRAIL.lines[from] as string, ...TRAIL.lines.slice(to)];
			t.deepEqual(problemOf(lines), { problem: 'duplicated', line: to + 1 });
		}
	}
});

test('an entry that somebody made and put between two others is found', (t) => {
	for (let at = 0; at < ENTRIES; at++) {
		const before = trailOf(Array.from({ length: at }, (_, index) => facts(index + 1)));
		const { line } = appendEntry(before.head, { ...facts(99), why: 'nobody decided this' });
		const found = problemOf([...TRAIL.lines.slice(0, at), line, ...TRAIL.lines.slice(at)]);
		t.like(found, { problem: 'inserted', line: at + 2 });
	}
});

test('an entry that somebody changed and gave a new hash is found at the next one, or at the seal', (t) => {
	for (let at = 0; at < ENTRIES; at++) {
		const before = trailOf(Array.from({ length: at }, (_, index) => facts(index + 1)));
		const { line } = appendEntry(before.head, { ...facts(at + 1), who: 'somebody else' });
		const found = problemOf([...TRAIL.lines.slice(0, at), line, ...TRAIL.lines.slice(at + 1)]);
		t.deepEqual(found, at === ENTRIES - 1 ? { problem: 'wrong-seal', line: undefined } : { problem: 'changed', line: at + 2 });
	}
});

test('an entry that follows the one before and skips numbers is found', (t) => {
	const before = trailOf([facts(1), facts(2)]);
	const { line, head } = appendEntry({ entries: 5, hash: before.head.hash }, facts(6));
	t.like(verifyTrail([...before.lines, line].join(''), encodeSeal(head)), { ok: false, problem: 'removed', line: 3 });
});

test('a whole other trail, an older one that was put back, and one that was carried on are found by the seal', (t) => {
	const other = trailOf(Array.from({ length: ENTRIES }, (_, index) => facts(index + 50)));
	t.deepEqual(problemOf(other.lines), { problem: 'wrong-seal', line: undefined });
	t.deepEqual(problemOf(TRAIL.lines.slice(0, 3)), { problem: 'cut-off', line: 4 });
	t.deepEqual(problemOf([...TRAIL.lines, ...trailOf([facts(8), facts(9)], TRAIL.head).lines]), { problem: 'inserted', line: ENTRIES + 1 });
});

test('a missing seal, and a text that is none, is a failure', (t) => {
	t.deepEqual(problemOf(TRAIL.lines, undefined), 'good', 'the default of this test is the right seal');
	t.like(verifyTrail(TRAIL.text, undefined), { ok: false, problem: 'unsealed' });
	for (const seal of ['', '{}', 'null', '[]', '7', TRAIL.seal.slice(0, -1), ` ${TRAIL.seal}`, `${TRAIL.seal}\n`, TRAIL.seal.replace('7', '7.5'), 'not json'])
		t.like(verifyTrail(TRAIL.text, seal), { ok: false, problem: 'wrong-seal' }, seal);
});

test('any character of the seal that is changed is found', (t) => {
	for (let index = 0; index < TRAIL.seal.length; index++) {
		const other = TRAIL.seal[index] === '3' ? '8' : '3';
		t.false(verifyTrail(TRAIL.text, TRAIL.seal.slice(0, index) + other + TRAIL.seal.slice(index + 1)).ok);
	}
});

test('while a trail is being replaced its seal stands for the old one and the new one, and for no other', (t) => {
	const old = trailOf([facts(1), facts(2)]);
	const seal = encodeSeal({ ...TRAIL.head, replaces: old.head });
	for (let length = 0; length <= ENTRIES; length++)
		t.is(verifyTrail(TRAIL.lines.slice(0, length).join(''), seal).ok, length === 2 || length === ENTRIES, `${length} entries`);
});

const HOSTILE: readonly string[] = ['null\n', '[]\n', '7\n', '"text"\n', '{}\n', '\n', '{"sequence":1}\n', '{"sequence":1e999}\n', `${'['.repeat(5_000)}\n`];

test('lines that are no entries are a broken trail, not a crash', (t) => {
	for (const line of HOSTILE) t.like(verifyTrail(line, encodeSeal(EMPTY_TRAIL)), { ok: false, problem: 'changed', line: 1 }, line.slice(0, 40));
});

test('an entry in another spelling of the same JSON is changed', (t) => {
	const [first = '', ...others] = TRAIL.lines;
	const entry = JSON.parse(first) as Record<string, unknown>;
	const reversed = `${JSON.stringify(Object.fromEntries(Object.entries(entry).reverse()))}\n`;
	for (const spelling of [
		reversed,
		first.replace('"sequence":1', '"sequence": 1'),
		first.replace('"sequence":1', '"sequence":1.0'),
		first.replace('{', '{"extra":1,'),
	])
		t.deepEqual(problemOf([spelling, ...others]), { problem: 'changed', line: 1 }, spelling);
});

test('facts that no entry can hold are refused', (t) => {
	for (const wrong of [{ at: -1 }, { at: 1.5 }, { at: Number.NaN }, { who: undefined }, { device: 7 }, { why: null }])
		t.throws(() => appendEntry(EMPTY_TRAIL, { ...facts(1), ...wrong } as AuditFacts), { instanceOf: TypeError });
});
