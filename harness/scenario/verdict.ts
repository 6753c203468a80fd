import { basename } from 'node:path';
import type { Verdict } from '../events/index.js';
import type { InvariantResult } from './host.js';
import { EmptyCellError, InconclusiveError, ProductFailure } from './outcome-errors.js';

/** What one case came to. */
export interface CaseOutcome {
	readonly verdict: Verdict;
	/** One line that a person can act on; absent when passed. */
	readonly reason?: string;
	readonly detail?: string;
}

export interface CaseFindings {
	/** What the body, the target and the cleanups threw, in that order. */
	readonly errors: readonly unknown[];
	readonly invariants: readonly InvariantResult[];
	/** Faults armed without evidence that they fired. */
	readonly withoutEvidence: readonly string[];
	/** Whether the case opened a target. */
	readonly opened: boolean;
	/** Whether the case expected or recorded anything. */
	readonly checked: boolean;
	/** How the harness itself stood still, where it did for long. */
	readonly stalled?: string | undefined;
}

interface Finding {
	readonly verdict: 'failed' | 'errored' | 'inconclusive';
	readonly reason: string;
	readonly detail?: string;
}

const RANK = ['failed', 'errored', 'inconclusive'] as const;
const SHOWN_VIOLATIONS = 10;

/** Failed comes before errored before inconclusive; the detail holds every finding. */
export const decideOutcome = (findings: CaseFindings): CaseOutcome => {
	const [thrown] = findings.errors;
	if (thrown instanceof EmptyCellError && findings.errors.length === 1) return { verdict: 'skipped', reason: thrown.message };
	const { stalled } = findings;
	const cutShort = stalled ?? findings.errors.find(isRigFault)?.message;
	const invariants = findings.invariants.flatMap((result) =>
		judgeInvariant(result).map((finding) => (LATE.has(result.invariant) ? excuse(finding, cutShort) : finding)),
	);
	const errors = findings.errors.map((error) => excuse(judgeError(error), stalled));
	const found: Finding[] = worldBroke(findings)
		? [...errors, ...invariants.map((finding) => ({ ...finding, verdict: 'errored' as const }))]
		: [...invariants, ...errors, ...judgeFaults(findings)];
	if (found.length === 0) found.push(...judgeExercise(findings));
	found.sort((one, other) => RANK.indexOf(one.verdict) - RANK.indexOf(other.verdict));
	const [first] = found;
	if (!first) return { verdict: 'passed' };
	const detail = found.flatMap(({ reason, detail }, index) => [...(index === 0 ? [] : [reason]), ...(detail === undefined ? [] : [detail])]).join('\n');
	return { verdict: first.verdict, reason: first.reason, ...(detail === '' ? {} : { detail }) };
};

/** A rig that fails in the middle of a case leaves boards where they stood: on trial, or with half an update. */
const isRigFault = (error: unknown): error is Error => error instanceof Error && Reflect.get(error, 'isRigFault') === true;

/** What late answers alone can break. A brick, or an image that must not run, is one however busy the machine was. */
const LATE: ReadonlySet<string> = new Set(['converges', 'truthful', 'gentle', 'thrifty', 'contained', 'trial']);

/** Where the harness stood still, or the rig failed, the product is not to blame for what did not come in time. */
const excuse = (finding: Finding, cause: string | undefined): Finding =>
	cause === undefined || finding.verdict === 'errored'
		? finding
		: { ...finding, verdict: 'errored', reason: oneLine(`${cause}; what came of it: ${finding.reason}`) };

/** Virtual time that a throwing callback stopped leaves every device where it stood, which is not the product's fault. */
const worldBroke = ({ errors }: CaseFindings): boolean => errors.some((error) => error instanceof Error && Reflect.get(error, 'code') === 'callback-threw');

const judgeInvariant = ({ invariant, violations }: InvariantResult): readonly Finding[] => {
	const [first] = violations;
	if (!first) return [];
	const lines = violations.slice(0, SHOWN_VIOLATIONS).map(({ device, at, message }) => `${device ?? 'fleet'} at ${at} ms: ${message}`);
	const rest = violations.length - lines.length;
	return [
		{
			verdict: 'failed',
			reason: `invariant ${invariant} was broken${violations.length > 1 ? ` ${violations.length} times` : ''}: ${oneLine(lines[0] ?? '')}`,
			detail: [`${invariant}:`, ...lines.map((line) => `  ${line}`), ...(rest > 0 ? [`  and ${rest} more`] : [])].join('\n'),
		},
	];
};

const judgeError = (error: unknown): Finding => {
	if (error instanceof ProductFailure) return { verdict: 'failed', reason: oneLine(error.message), ...longForm(error.message) };
	if (error instanceof InconclusiveError) return { verdict: 'inconclusive', reason: oneLine(error.message), ...longForm(error.message) };
	if (!(error instanceof Error)) return { verdict: 'errored', reason: oneLine(`something that is no Error was thrown: ${String(error)}`) };
	if (Reflect.get(error, 'code') === 'ERR_ASSERTION')
		return { verdict: 'failed', reason: oneLine(error.message.replaceAll(/\s+/g, ' ')), detail: describeError(error) };
	const place = placeOf(error);
	return {
		verdict: 'errored',
		reason: oneLine(`${error.name === 'Error' ? '' : `${error.name}: `}${error.message}${place === undefined ? '' : ` (${place})`}`),
		detail: describeError(error),
	};
};

const judgeFaults = ({ withoutEvidence }: CaseFindings): readonly Finding[] => {
	const [first] = withoutEvidence;
	if (first === undefined) return [];
	const more = withoutEvidence.length > 1 ? ` (and ${withoutEvidence.length - 1} other kinds)` : '';
	return [{ verdict: 'inconclusive', reason: `a fault left no evidence: ${first}${more}`, ...(more === '' ? {} : { detail: withoutEvidence.join('\n') }) }];
};

const judgeExercise = ({ invariants, opened, checked }: CaseFindings): readonly Finding[] => {
	if (checked || invariants.some(({ checks }) => checks > 0)) return [];
	const why = opened ? 'no invariant was ever checked' : 'the scenario opened no target';
	return [{ verdict: 'inconclusive', reason: `nothing was exercised: ${why}, and nothing was expected` }];
};

const oneLine = (text: string): string => {
	const [line = ''] = text.trim().split('\n');
	return line.length > 400 ? `${line.slice(0, 399)}…` : line;
};

const longForm = (message: string): { readonly detail?: string } => (message.trim() === oneLine(message) ? {} : { detail: message });

/** The error with its causes; stack frames keep the file's name only, for a log must not depend on where things lie. */
export const describeError = (error: Error): string => {
	const own = (error.stack ?? `${error.name}: ${error.message}`).split('\n').filter((line) => !/^\s+at .*(node:internal|node_modules)/.test(line));
	const text = own.map(shortenFrame).slice(0, 30).join('\n');
	return error.cause instanceof Error ? `${text}\ncaused by ${describeError(error.cause)}` : text;
};

const shortenFrame = (line: string): string =>
	line
		// A frame's path may hold blanks: it ends the line.
		.replace(/^(\s+at (?:.*? \()?)(?:file:\/\/)?(?:[A-Za-z]:)?[/\\].*[/\\]([^/\\]+:\d+:\d+\)?)$/, '$1$2')
		.replaceAll(/(?:file:\/\/)?(?:[A-Za-z]:)?[/\\](?:[^\s():]+[/\\])+([^\s():]+)/g, (_whole, name: string) => name);

/** File and line of the innermost frame that may be to blame: not Node's, nor of what only carries errors on. */
const placeOf = (error: Error): string | undefined => {
	for (const line of (error.stack ?? '').split('\n')) {
		const [, path, row] = /^\s+at .*?((?:file:\/\/)?\/[^()]*?):(\d+):\d+\)?$/.exec(line) ?? [];
		if (path !== undefined && !/node_modules|\/harness\/(scenario|time)\//.test(path)) return `${basename(path)}:${row}`;
	}
	return undefined;
};
