import { countCuts, shrinkSteps, type Subject } from '../../explorer/index.js';
import { encodeExplorerCase, type ExplorerCase } from './explorer-case.js';
import { describeStep } from './explore-text.js';

/** The smaller case, for people and for programs. */
export interface ShrunkCase {
	readonly text: string;
	readonly json: { readonly case: string; readonly cuts: number; readonly steps: number; readonly tried: number; readonly minimal: boolean };
}

/** Fewer power losses, milder tears, fewer steps. Null: the case breaks nothing. */
export const shrinkExplorerCase = (subject: Subject, options: { readonly one: ExplorerCase; readonly goesOn: () => boolean }): ShrunkCase | null => {
	const { one, goesOn } = options;
	const { tears, seeds, cycles } = one;
	const shrunk = shrinkSteps(subject, { tears, cycles, seeds, steps: one.steps, goesOn });
	if (shrunk === null) return null;
	const { steps, tried, isMinimal } = shrunk;
	const line = encodeExplorerCase({ ...one, steps });
	const size = (of: ExplorerCase['steps']): string => `${countCuts(of)} power ${countCuts(of) === 1 ? 'loss' : 'losses'} in ${of.length} steps`;
	const ended = isMinimal ? '' : ', out of time before it was sure that no smaller one does';
	const what =
		line === encodeExplorerCase(one)
			? `no smaller case fails so (${tried} tried)`
			: `shrunk from ${size(one.steps)} to ${size(steps)} (${tried} tried${ended})`;
	const story = steps.map((step) => `  ${describeStep(step)}\n`).join('');
	return {
		text: `${what}\n${story}  blackstart replay ${line}\n`,
		json: { case: line, cuts: countCuts(steps), steps: steps.length, tried, minimal: isMinimal },
	};
};
