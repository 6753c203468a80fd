import test from 'ava';
import { encodeExplorerCase, parseExplorerCase } from './explorer-case.js';
import { formatEnd } from './explore-text.js';
import { isShortOfMemory, readMemoryInUse } from './memory-left.js';

const CLOSED = { states: 9, cuts: 99, frontier: 0, depth: 2, end: 'closed', findings: [], nodes: 9, pages: 9, sizeBytes: 9, mostBoots: 1 } as const;

test('a walk that closed is told as a proof of what was tried, and of no more', (t) => {
	const facts = { end: 'closed', findings: 0, knownLimits: 0, target: { tears: 'L1', seeds: 2 } } as const;
	t.is(formatEnd(CLOSED, facts), 'closed: 9 states, 99 cuts, no brick\n');
	t.is(formatEnd(CLOSED, { ...facts, knownLimits: 1 }), 'closed: 9 states, 99 cuts, no brick but for 1 known limit of the real one\n');
	t.is(
		formatEnd(CLOSED, { ...facts, target: { tears: 'L2', seeds: 3 } }),
		'closed over the tears drawn (3 drawn of each kind for each operation), no proof for all others: 9 states, 99 cuts, no brick\n',
	);
});

test('a walk looks to the memory that is left before anybody ends it', (t) => {
	const roomy = { heapBytes: 59, heapLimitBytes: 100, availableBytes: 4, machineBytes: 100 };
	t.false(isShortOfMemory(roomy));
	t.true(isShortOfMemory({ ...roomy, heapBytes: 61 }));
	t.true(isShortOfMemory({ ...roomy, availableBytes: 2 }));
	const { heapBytes, heapLimitBytes, availableBytes, machineBytes } = readMemoryInUse();
	t.true(heapBytes > 0 && heapBytes < heapLimitBytes && availableBytes > 0 && availableBytes < machineBytes);
	t.regex(
		formatEnd({ ...CLOSED, end: 'stopped' }, { end: 'memory', findings: 0, knownLimits: 0, target: { tears: 'L2', seeds: 2 } }),
		/^NOT closed, no proof: memory ran short/,
	);
});

test('a case says how many tears were drawn, where that is not what it is by itself, and refuses more than there may be', (t) => {
	const line =
		'explore/ab:sectors=2:sector-size=512:more-sectors=1x1024+2x512:write-size=4:write-once=yes:images=old-fills:tears=L2:seeds=5:cycles=1:steps=boot';
	t.is(encodeExplorerCase(parseExplorerCase(line)), line);
	t.is(parseExplorerCase(line.replace(':seeds=5', '')).seeds, 2);
	for (const [from, to, says] of [
		['seeds=5', 'seeds=65', /seeds= at most 64 were expected, got 65/],
		['write-once=yes', 'write-once=no', /write-once=yes was expected, got 'no'/],
		['1x1024', 'x1024', /more-sectors= sectors like 2x8192/],
	] as const) {
		t.throws(() => parseExplorerCase(line.replace(from, to)), { message: says });
	}
});
