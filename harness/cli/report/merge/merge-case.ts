import type { BlackstartEvent, FaultCount, RowCoverage, UpdatePhase, Verdict } from '../../../events/index.js';
import { encodeCell } from '../../../scenario/index.js';
import { type CellCase, type CellLog, readSpan } from './cell-log.js';

type EventOf<Kind extends BlackstartEvent['kind']> = Extract<BlackstartEvent, { readonly kind: Kind }>;

/** A case as one of the cells has it. */
export interface Part {
	readonly log: CellLog;
	readonly own: CellCase;
}

const RANK: readonly Verdict[] = ['failed', 'errored', 'inconclusive', 'passed', 'skipped'];
/** What every cell says of the fleet, and one for all is enough. */
const OF_THE_FLEET =
	/^\{"kind":"(world-opened|release-published|deployment-(ordered|cancelled)|scenario-step|broker-(started|stopped)|service-(started|stopped|restored))"/;

/** Told once, behind the worlds. */
const EVIDENCE = '{"kind":"scenario-evidence"';

/**
 * Joins the cells of one case: its worlds with the devices of every cell, and one verdict, the worst of theirs. A fault of the
 * whole fleet needs its evidence in some cell.
 */
export const mergeCase = (parts: readonly Part[], write: (line: string) => void): Verdict => {
	const say = (event: BlackstartEvent): void => write(`${JSON.stringify(event)}\n`);
	const facts = <Kind extends BlackstartEvent['kind']>(kind: Kind): readonly (readonly [Part, EventOf<Kind>])[] =>
		parts.flatMap((part) => part.own.facts.filter((event): event is EventOf<Kind> => event.kind === kind).map((event) => [part, event] as const));
	const ends = facts('scenario-ended');
	const [worstPart, worst] = [...ends].sort(([, one], [, other]) => RANK.indexOf(one.verdict) - RANK.indexOf(other.verdict))[0] ?? [];
	const [[, started] = []] = facts('scenario-started');
	if (started === undefined) return 'skipped';
	const { reduction: _, ...options } = started.options;
	say({ ...started, options });
	const [, replay] = facts('run-case').find(([part]) => part === worstPart) ?? [];
	if (replay) say({ ...replay, case: isBad(worst?.verdict) ? replay.case : replay.case.replace(/:cell=\d+\/\d+/, '') });
	const worlds = Math.max(0, ...parts.map(({ own }) => own.worlds.length));
	for (let world = 0; world < worlds; world++) {
		for (const [index, { log, own }] of parts.entries()) {
			const span = own.worlds[world];
			if (span === undefined) continue;
			for (const lines of readSpan(log.path, span))
				for (const line of lines) if (!line.startsWith(EVIDENCE) && (index === 0 || !OF_THE_FLEET.test(line))) write(`${line}\n`);
		}
	}
	for (const event of sumEvidence(facts('scenario-evidence').map(([, event]) => event))) say(event);
	for (const event of sumInvariants(facts('invariant-judged').map(([, event]) => event))) say(event);
	if (facts('fault-coverage').length > 0) say({ kind: 'fault-coverage', rows: sumRows(facts('fault-coverage').flatMap(([, { rows }]) => rows)) });
	const timings = facts('run-case-timing').map(([, event]) => event);
	if (timings[0]) say({ ...timings[0], wallMs: Math.max(...timings.map(({ wallMs }) => wallMs)) });
	for (const [, event] of facts('run-console')) say(event);
	const faults = sumFaults(ends.flatMap(([, end]) => end.faults));
	const silent = faults.filter(({ armed, fired }) => armed > 0 && fired === 0);
	const missing = parts.filter((part) => !ends.some(([one]) => one === part)).map(({ log }) => encodeCell(log.cell));
	const judged = judge({ worst, worstPart, silent, missing });
	say({
		kind: 'scenario-ended',
		scenario: started.scenario,
		title: started.title,
		...judged,
		faults,
		virtualMs: Math.max(0, ...ends.map(([, end]) => end.virtualMs)),
	});
	return judged.verdict;
};

const isBad = (verdict: Verdict | undefined): boolean => verdict !== undefined && verdict !== 'passed' && verdict !== 'skipped';

const judge = ({
	worst,
	worstPart,
	silent,
	missing,
}: {
	readonly worst: EventOf<'scenario-ended'> | undefined;
	readonly worstPart: Part | undefined;
	readonly silent: readonly FaultCount[];
	readonly missing: readonly string[];
}): Pick<EventOf<'scenario-ended'>, 'verdict' | 'reason' | 'detail'> => {
	if (worst?.verdict === 'failed') return inCell(worst, worstPart);
	if (missing.length > 0) return { verdict: 'errored', reason: `it did not end in cell ${missing.join(', ')}` };
	if (worst === undefined) return { verdict: 'errored', reason: 'it ended in no cell' };
	if (isBad(worst.verdict)) return inCell(worst, worstPart);
	if (silent.length > 0) return { verdict: 'inconclusive', reason: `a fault left no evidence in any cell: ${silent.map(({ fault }) => fault).join(', ')}` };
	return { verdict: worst.verdict, ...(worst.reason === undefined ? {} : { reason: worst.reason }) };
};

const inCell = (
	{ verdict, reason, detail }: EventOf<'scenario-ended'>,
	part: Part | undefined,
): Pick<EventOf<'scenario-ended'>, 'verdict' | 'reason' | 'detail'> => ({
	verdict,
	reason: `${part === undefined ? '' : `cell ${encodeCell(part.log.cell)}: `}${reason ?? verdict}`,
	...(detail === undefined ? {} : { detail }),
});

/** Numbers are added up, words are the first cell's. */
const sumEvidence = (told: readonly EventOf<'scenario-evidence'>[]): readonly EventOf<'scenario-evidence'>[] => {
	const sums = new Map<string, EventOf<'scenario-evidence'>>();
	for (const one of told) {
		const before = sums.get(one.name);
		if (before === undefined) sums.set(one.name, one);
		else if (typeof before.value === 'number' && typeof one.value === 'number') sums.set(one.name, { ...one, value: before.value + one.value });
	}
	return [...sums.values()];
};

const sumInvariants = (judged: readonly EventOf<'invariant-judged'>[]): readonly EventOf<'invariant-judged'>[] => {
	const sums = new Map<string, EventOf<'invariant-judged'>>();
	for (const one of judged) {
		const { checks = 0, violations = [] } = sums.get(one.invariant) ?? {};
		sums.set(one.invariant, { ...one, checks: checks + one.checks, violations: [...violations, ...one.violations] });
	}
	return [...sums.values()];
};

const sumRows = (rows: readonly RowCoverage[]): readonly RowCoverage[] => {
	const sums = new Map<string, Partial<Record<UpdatePhase, number>>>();
	for (const { row, phases } of rows) {
		const sum = sums.get(row) ?? {};
		for (const [phase, times] of Object.entries(phases) as [UpdatePhase, number][]) sum[phase] = (sum[phase] ?? 0) + times;
		sums.set(row, sum);
	}
	return [...sums].map(([row, phases]) => ({ row, phases }));
};

const sumFaults = (counts: readonly FaultCount[]): readonly FaultCount[] => {
	const sums = new Map<string, FaultCount>();
	for (const { fault, armed, fired } of counts) {
		const sum = sums.get(fault);
		sums.set(fault, { fault, armed: armed + (sum?.armed ?? 0), fired: fired + (sum?.fired ?? 0) });
	}
	return [...sums.values()].sort((one, other) => (one.fault < other.fault ? -1 : 1));
};
