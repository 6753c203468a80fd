import assert from 'node:assert';
import test from 'ava';
import { InconclusiveError, ProductFailure } from './outcome-errors.js';
import { StallWatch } from './stall-watch.js';
import { type CaseFindings, type CaseOutcome, decideOutcome } from './verdict.js';

const CLEAN: CaseFindings = { errors: [], invariants: [{ invariant: 'whole', checks: 3, violations: [] }], withoutEvidence: [], opened: true, checked: true };
const BROKEN = { invariant: 'whole', checks: 3, violations: [{ device: 'd-1', at: 12, message: 'wanted a, got b' }] } as const;
const assertion = (() => {
	try {
		assert.equal(1, 2, 'one is not two');
	} catch (error) {
		return error;
	}
	return undefined;
})();

const ROWS: readonly { readonly findings: Partial<CaseFindings>; readonly verdict: CaseOutcome['verdict']; readonly reason?: RegExp }[] = [
	{ findings: {}, verdict: 'passed' },
	{ findings: { errors: [new ProductFailure('wanted 1\nmore')] }, verdict: 'failed', reason: /^wanted 1$/ },
	{ findings: { errors: [assertion] }, verdict: 'failed', reason: /^one is not two$/ },
	{ findings: { errors: [new InconclusiveError('cannot tell')] }, verdict: 'inconclusive', reason: /^cannot tell$/ },
	{ findings: { errors: [new TypeError('no')] }, verdict: 'errored', reason: /^TypeError: no/ },
	{ findings: { errors: ['text'] }, verdict: 'errored', reason: /no Error was thrown: text/ },
	{ findings: { invariants: [BROKEN] }, verdict: 'failed', reason: /^invariant whole was broken: d-1 at 12 ms: wanted a, got b$/ },
	{
		findings: { invariants: [BROKEN], errors: [Object.assign(new Error('a callback threw'), { code: 'callback-threw' })], withoutEvidence: ['x'] },
		verdict: 'errored',
		reason: /^a callback threw/,
	},
	{ findings: { invariants: [BROKEN], errors: [new TypeError('no')] }, verdict: 'failed', reason: /^invariant whole/ },
	{ findings: { errors: [new InconclusiveError('cannot tell'), new TypeError('no')] }, verdict: 'errored', reason: /^TypeError/ },
	{ findings: { withoutEvidence: ['power-cut: 1 of 2 armed never fired'] }, verdict: 'inconclusive', reason: /power-cut: 1 of 2/ },
	{ findings: { withoutEvidence: ['x'], errors: [new ProductFailure('wanted 1')] }, verdict: 'failed', reason: /^wanted 1$/ },
	{ findings: { opened: false, checked: false, invariants: [] }, verdict: 'inconclusive', reason: /opened no target/ },
	{
		findings: { checked: false, invariants: [{ invariant: 'whole', checks: 0, violations: [] }] },
		verdict: 'inconclusive',
		reason: /no invariant was ever checked/,
	},
	{ findings: { stalled: 'it stood still' }, verdict: 'passed' },
	{ findings: { stalled: 'it stood still', invariants: [BROKEN] }, verdict: 'failed', reason: /^invariant whole/ },
	{
		findings: { stalled: 'it stood still', invariants: [{ ...BROKEN, invariant: 'converges' }] },
		verdict: 'errored',
		reason: /^it stood still; what came of it: invariant converges was broken/,
	},
	{
		findings: { stalled: 'it stood still', errors: [new ProductFailure('wanted 1')] },
		verdict: 'errored',
		reason: /^it stood still; what came of it: wanted 1/,
	},
	{
		findings: { errors: [Object.assign(new Error('the relay is gone'), { isRigFault: true })], invariants: [{ ...BROKEN, invariant: 'trial' }] },
		verdict: 'errored',
		reason: /^the relay is gone/,
	},
	{
		findings: { errors: [Object.assign(new Error('the relay is gone'), { isRigFault: true })], invariants: [BROKEN] },
		verdict: 'failed',
		reason: /^invariant whole/,
	},
	{ findings: { errors: [new Error('no answer')], invariants: [{ ...BROKEN, invariant: 'trial' }] }, verdict: 'failed', reason: /^invariant trial/ },
	{ findings: { checked: false }, verdict: 'passed' },
	{ findings: { opened: false, invariants: [] }, verdict: 'passed' },
];

for (const [index, { findings, verdict, reason }] of ROWS.entries()) {
	test(`findings of row ${index + 1} come to ${verdict}`, (t) => {
		const outcome = decideOutcome({ ...CLEAN, ...findings });
		t.is(outcome.verdict, verdict);
		if (reason) t.regex(outcome.reason ?? '', reason);
		else t.is(outcome.reason, undefined);
	});
}

test('the detail of an error holds its causes and no path of the machine', (t) => {
	const { detail = '' } = decideOutcome({ ...CLEAN, errors: [new Error('outer', { cause: new RangeError('inner') })] });
	t.regex(detail, /^Error: outer\n[\s\S]*caused by RangeError: inner/);
	t.regex(detail, /verdict\.test\.[jt]s:\d+/);
	t.notRegex(detail, /\/harness\//);
});

test('a path with blanks in a stack leaves only the name of its file', (t) => {
	const error = Object.assign(new Error('no'), { stack: 'Error: no\n    at run (/home/né w/sc/mine.ts:2:3)\n    at async file:///home/a%20b/mine.ts:4:5' });
	const { detail } = decideOutcome({ ...CLEAN, errors: [error] });
	t.is(detail, 'Error: no\n    at run (mine.ts:2:3)\n    at async mine.ts:4:5');
});

test('a process that stands still longer than devices wait is found, at the speed of their time', (t) => {
	const watch = (gaps: readonly number[], speed: number): string | undefined => {
		let nowMs = 0;
		let look = (): void => {};
		const stalls = new StallWatch(
			{
				nowMs: () => nowMs,
				every: (_periodMs, callback) => {
					look = callback;
					return () => {};
				},
			},
			{ speed },
		);
		for (const gap of gaps) {
			nowMs += gap;
			look();
		}
		return stalls.finish();
	};
	t.is(watch([100, 150, 4_000], 1), undefined);
	t.regex(watch([100, 6_000, 100], 1) ?? '', /stood still for 5900 ms, in which 5900 ms/);
	t.is(watch([100, 350], 100), undefined);
	t.regex(watch([100, 700], 10) ?? '', /stood still for 600 ms, in which 6000 ms/);
});
