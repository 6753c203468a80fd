import type { InvariantName, Verdict } from '../../harness/events/index.js';
import { quoteForShell, scrubLine, scrubText } from '../text/index.js';
import type { CaseRecord, RunRecord } from './run-record.js';

/** Each invariant in plain words. */
export const invariantPromises: Readonly<Record<InvariantName, string>> = {
	bootable: 'some authentic firmware boots after any faults',
	whole: 'what runs is byte-equal to one release',
	authentic: 'nothing unsigned, tampered or foreign ever runs',
	'no-downgrade': 'the security counter never falls',
	trial: 'unconfirmed firmware is reverted, confirmed never',
	settings: 'settings survive updates, rollbacks and cuts',
	truthful: 'what the service believes is what devices run',
	once: 'a job has effect once; stale and repeated ones none',
	converges: 'when the faults stop, every device arrives',
	thrifty: 'a resumed download costs only missing blocks',
	gentle: 'after an outage the fleet comes back at a bounded rate',
	contained: 'a bad release stays within pilot and gates',
	audited: 'every job and transition has its decision on record',
	tidy: 'a finished update leaves nothing behind',
};

/** What a case came to, and why, in words that say whether the product is to blame. */
export interface Outcome {
	readonly verdict: Verdict;
	/** False where the case never came to an end; its verdict is then `errored`. */
	readonly finished: boolean;
	/** One line, absent when passed. */
	readonly message?: string;
}

/** The outcome of a case as things stand: one that has not ended counts as errored, one in quarantine that did not pass as skipped. */
export const describeOutcome = (record: CaseRecord, run: RunRecord): Outcome => {
	const outcome = describeObserved(record, run);
	const { quarantine } = record;
	if (quarantine === undefined || !outcome.finished || outcome.verdict === 'passed' || outcome.verdict === 'skipped') return outcome;
	const { owner, reason, until } = quarantine;
	return {
		...outcome,
		verdict: 'skipped',
		message: `quarantined until ${until} by ${scrubLine(owner)}: ${scrubLine(reason)}; observed: ${outcome.message ?? outcome.verdict}`,
	};
};

const describeObserved = (record: CaseRecord, run: RunRecord): Outcome => {
	const reason = scrubLine(record.reason ?? '') || 'no reason was given';
	switch (record.status) {
		case 'passed':
			return { verdict: 'passed', finished: true };
		case 'failed':
			return { verdict: 'failed', finished: true, message: `product failure: ${reason}` };
		case 'errored':
			return { verdict: 'errored', finished: true, message: `harness error (not the product): ${reason}` };
		case 'inconclusive':
			return { verdict: 'inconclusive', finished: true, message: `inconclusive: ${reason}` };
		case 'skipped':
			return { verdict: 'skipped', finished: true, message: reason };
		default: {
			const how = record.reason ?? (record.status === 'waiting' ? 'it never started' : 'it started and never ended');
			const why = run.ended?.verdict === 'interrupted' ? ', the run was interrupted' : '';
			return { verdict: 'errored', finished: false, message: `not finished (not a product verdict): ${how}${why}` };
		}
	}
};

/** Whether it passed, and had not when it was run before. */
export const isFlaky = (record: CaseRecord): boolean => record.status === 'passed' && record.earlier.length > 0;

/** The command that brings the case back, or undefined while its case line is unknown. */
export const replayLine = (record: CaseRecord): string | undefined =>
	record.case === undefined ? undefined : toCommand(scrubText(record.case).replaceAll('\n', ' '));

/** A case that is a command of its own is typed as it is. */
export const toCommand = (text: string): string => (isCommand(text) ? text : `blackstart replay ${quoteForShell(text)}`);

export const isCommand = (text: string): boolean => text.startsWith('blackstart ');

/** Armed and fired by kind of fault over many cases, by name. */
export const sumFaults = (cases: readonly CaseRecord[]): { readonly fault: string; readonly armed: number; readonly fired: number }[] => {
	const sums = new Map<string, { readonly armed: number; readonly fired: number }>();
	for (const { fault, armed, fired } of cases.flatMap((one) => one.faults)) {
		const sum = sums.get(fault) ?? { armed: 0, fired: 0 };
		sums.set(fault, { armed: sum.armed + armed, fired: sum.fired + fired });
	}
	return [...sums].map(([fault, sum]) => ({ fault, ...sum })).sort((a, b) => (a.fault < b.fault ? -1 : 1));
};

/** Checks and violations of every invariant over many cases, in the order of `invariantPromises`. No checks: never exercised. */
export const sumInvariants = (
	cases: readonly CaseRecord[],
): { readonly invariant: InvariantName; readonly checks: number; readonly violations: number; readonly cases: number }[] => {
	const judged = cases.map((one) => one.invariants);
	return (Object.keys(invariantPromises) as InvariantName[]).map((invariant) => {
		const own = judged.map((all) => all.filter((one) => one.invariant === invariant));
		const flat = own.flat();
		return {
			invariant,
			checks: flat.reduce((sum, one) => sum + one.checks, 0),
			violations: flat.reduce((sum, one) => sum + one.violations.length, 0),
			cases: own.filter((all) => all.some((one) => one.checks > 0)).length,
		};
	});
};
