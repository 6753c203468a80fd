import { milderCuts, type Size, smallestFirst } from '../../../explorer/index.js';
import { count } from '../explore-text.js';
import { ownBootloader } from './own-bootloader.js';
import { runSession, type RunSessionOptions, type SessionRun } from './run-session.js';
import { encodeSessionCase, SESSION_TEARS, type SessionCase, type SessionCut } from './session-case.js';
import { findInSessions } from './session-findings.js';
import { describeCuts } from './session-text.js';

/** The smaller case, for people and for programs. */
export interface ShrunkSession {
	readonly text: string;
	/** `minimal`: no smaller one of those it knows to try breaks the same; false: it ran out of time. */
	readonly json: { readonly case: string; readonly cuts: number; readonly tried: number; readonly minimal: boolean };
}

export interface ShrinkSessionOptions extends Pick<RunSessionOptions, 'parts'> {
	/** Asked before each try. */
	readonly goesOn: () => boolean;
}

/** Fewer power losses, then milder tears, with which the same invariant, or known limit, is broken first. Null: the case breaks nothing. */
export const shrinkSession = async (one: SessionCase, { goesOn, ...options }: ShrinkSessionOptions): Promise<ShrunkSession | null> => {
	const wanted = keyOf(one, await runSession(one, options));
	if (wanted === undefined) return null;
	let smallest = one;
	let run: SessionRun | undefined;
	let tried = 0;
	let minimal = false;
	while (!minimal) {
		minimal = true;
		for (const cuts of smallerThan(smallest.cuts)) {
			if (!goesOn()) return tell(one, { smallest, run, tried, minimal: false });
			tried++;
			const candidate = { ...one, cuts };
			const found = await runSession(candidate, options);
			// A cut that the session was over before is none.
			if (found.hits.length < cuts.length || keyOf(candidate, found) !== wanted) continue;
			smallest = candidate;
			run = found;
			minimal = false;
			break;
		}
	}
	return tell(one, { smallest, run, tried, minimal });
};

const keyOf = (one: SessionCase, run: SessionRun): string | undefined => {
	const bootloader = one.bootloader ?? ownBootloader(one.profile) ?? 'ab';
	const [first] = findInSessions([run], { target: one, bootloader });
	return first === undefined ? undefined : (first.limit?.name ?? first.invariant);
};

/** Those with the fewest power losses and the mildest tears first. */
const smallerThan = (cuts: readonly SessionCut[]): readonly (readonly SessionCut[])[] =>
	smallestFirst([...withoutOne(cuts), ...milder(cuts)], { than: cuts, sizeOf });

/** A second cut is counted from the first: alone it comes as far into the session, or as far as both together. */
const withoutOne = ([first, second]: readonly SessionCut[]): readonly (readonly SessionCut[])[] => {
	if (first === undefined || second === undefined) return [];
	const together =
		first.at === 'operation' && second.at === 'operation'
			? [{ ...second, operation: first.operation + second.operation }]
			: first.at === 'message' && second.at === 'message'
				? [{ ...second, message: first.message + second.message }]
				: [];
	return [[first], [second], ...together.map((cut) => [cut])];
};

const milder = (cuts: readonly SessionCut[]): readonly (readonly SessionCut[])[] =>
	cuts.flatMap((cut, index) => (cut.at === 'message' ? [] : milderCuts(cut, SESSION_TEARS).map((other) => cuts.with(index, { at: 'operation', ...other }))));

/** Power losses, how far up the ladder their tears are, seeds. */
const sizeOf = (cuts: readonly SessionCut[]): Size => {
	const torn = cuts.flatMap((cut) => (cut.at === 'operation' ? [cut] : []));
	return [cuts.length, torn.reduce((sum, { tear }) => sum + SESSION_TEARS.indexOf(tear), 0), torn.reduce((sum, { seed }) => sum + seed, 0)];
};

const tell = (
	one: SessionCase,
	found: { readonly smallest: SessionCase; readonly run: SessionRun | undefined; readonly tried: number; readonly minimal: boolean },
): ShrunkSession => {
	const { smallest, run, tried, minimal } = found;
	const line = encodeSessionCase(smallest);
	const ended = minimal ? '' : ', out of time before it was sure that no smaller one does';
	const losses = ({ cuts }: SessionCase): string => `${count(cuts.length)} power ${cuts.length === 1 ? 'loss' : 'losses'}`;
	const text =
		run === undefined
			? `no smaller case fails so (${tried} tried${ended})\n`
			: `shrunk from ${losses(one)} to ${losses(smallest)} (${tried} tried${ended})\n${describeCuts(run)}  blackstart replay ${line}\n`;
	return { text, json: { case: line, cuts: smallest.cuts.length, tried, minimal } };
};
