import { type CaseStep, type Finding, type ReplayedStep, type TearLevel, type WalkEnd, type WalkResult, WORDS_OF } from '../../explorer/index.js';
import type { ExplorerTarget } from './explorer-case.js';

/** What a level of tears means, for a person. */
export const TEARS_IN_WORDS: Readonly<Record<TearLevel, string>> = {
	L0: 'power goes between operations only',
	L1: 'and in the middle of them: prefix and half of a write, half of an erase',
	L2: 'and leaving seeded subsets of bits',
	L3: 'and words and sectors that cannot be read until erased',
	L4: 'and disturbed neighbours and weak bits',
};

export type EndReason = WalkEnd | 'time' | 'memory' | 'interrupted';

/** Why a walk that did not close is no proof. */
const LIMIT_WORDS: Readonly<Record<Exclude<EndReason, 'closed'>, string>> = {
	states: '--max-states was reached',
	depth: '--depth was reached',
	time: '--max-time was reached',
	memory: 'memory ran short',
	stopped: 'it was stopped',
	interrupted: 'it was interrupted',
};

/** What is tried of the tears of a level. */
export type DrawnTears = Pick<ExplorerTarget, 'tears' | 'seeds'>;

/** From L2 on tears are a sample of what power may leave. */
export const drawsTears = ({ tears }: DrawnTears): boolean => tears >= 'L2';

export const sayDrawn = (target: DrawnTears): string => (drawsTears(target) ? ` (${target.seeds} drawn of each kind for each operation)` : '');

export const formatEnd = (
	result: WalkResult,
	facts: { readonly end: EndReason; readonly findings: number; readonly knownLimits: number; readonly target: DrawnTears; readonly neverUpdates?: boolean },
): string => {
	const { end, findings, knownLimits, target, neverUpdates = false } = facts;
	const beside = knownLimits === 0 ? '' : ` but for ${knownLimits} known ${knownLimits === 1 ? 'limit' : 'limits'} of the real one`;
	const brought = `${findings === 0 ? 'no brick' : `${findings} ${findings === 1 ? 'finding' : 'findings'}`}${beside}`;
	if (end === 'closed' && neverUpdates)
		return `NO PROOF: the update was never carried out, so that nothing is shown of updates; all ${count(result.states)} states were visited, ${count(result.cuts)} cuts\n`;
	const counts = `${count(result.states)} states, ${count(result.cuts)} cuts`;
	if (end === 'closed')
		return drawsTears(target)
			? `closed over the tears drawn${sayDrawn(target)}, no proof for all others: ${counts}, ${brought}\n`
			: `closed: ${counts}, ${brought}\n`;
	return `NOT closed, no proof: ${LIMIT_WORDS[end]} with ${count(result.frontier)} known situations never visited; in ${counts} up to ${result.depth} power ${result.depth === 1 ? 'loss' : 'losses'} deep: ${findings === 0 ? `nothing found${beside}` : brought}\n`;
};

/** A finding as it comes about. */
export const formatStory = (finding: Finding, story: { readonly steps: readonly CaseStep[]; readonly case: string }): string => {
	const title = `${finding.limit === undefined ? finding.class : `known limit: ${finding.limit.name}`} (${finding.invariant}) after ${finding.cuts} power ${finding.cuts === 1 ? 'loss' : 'losses'}`;
	const source = finding.limit === undefined ? '' : `  ${finding.limit.what}\n  source: ${finding.limit.source}\n`;
	const steps = story.steps.map((step) => `  ${describeStep(step)}\n`).join('');
	return `${title}\n${source}${steps}  => ${WORDS_OF[finding.class]}: ${finding.detail}\n  ${story.case}\n`;
};

export const describeStep = ({ step, cut }: CaseStep): string => {
	const what = STEP_WORDS[step] ?? `the application writes image ${step.slice('write-'.length)} into the other slot`;
	if (cut === undefined) return what;
	return `${what}: power goes at operation ${cut.operation}${cut.tear === 'after' ? ', just after it' : `, ${cut.tear}${cut.tear === 'half' ? '' : ` (seed ${cut.seed})`}`}`;
};

const STEP_WORDS: Readonly<Record<string, string>> = {
	reset: 'reset',
	boot: 'boot',
	confirm: 'the application confirms the running image',
	acknowledge: 'the application acknowledges the return',
	trial: 'the application requests a trial',
	permanent: 'the application requests the update for good',
	erase: 'the application erases the other slot',
};

/** A step of a replay, with every flash operation. */
export const formatReplayedStep = (replayed: ReplayedStep): string => {
	const lines = replayed.operations.map((operation, index) => {
		const last = replayed.cut !== undefined && index === replayed.cut.operation ? `   <- power goes, ${replayed.cut.tear}` : '';
		if (operation.kind === 'counter') return `  ${index}  counter ${operation.from} to ${operation.to}${last}\n`;
		const lengthBytes = operation.kind === 'program' ? operation.bytes.length : operation.lengthBytes;
		return `  ${index}  ${operation.kind} 0x${operation.offsetBytes.toString(16)}+${lengthBytes}${last}\n`;
	});
	const breaks = replayed.breaks.map(
		(broken) =>
			`  !! ${broken.class}: ${WORDS_OF[broken.class]}: ${broken.detail}${broken.limit === undefined ? '' : ` (known limit: ${broken.limit.name})`}\n`,
	);
	return `${describeStep(replayed)}\n${lines.join('')}  -> ${replayed.outcome}\n${breaks.join('')}`;
};

export const count = (value: number): string => value.toLocaleString('en');
