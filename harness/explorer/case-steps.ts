import type { Step } from './machine.js';
import { CUT_TEARS, type CutTear } from './tear-ladder.js';

/** One step of a case: it runs to its end, or power goes in the middle of it. */
export interface CaseStep {
	readonly step: Step;
	readonly cut?: { readonly operation: number; readonly tear: CutTear; readonly seed: number };
	/** Decides what weak cells read as; 0 where there are none. */
	readonly readSeed: number;
}

/**
 * Steps as text: `erase,write-1,trial,reset,boot@37.half.0,boot`. After `@`: the operation, counted from 0 in its step,
 * what power left of it, and the seed of a tear that is drawn; `~` and a number: how weak cells read.
 */
export const encodeSteps = (steps: readonly CaseStep[]): string =>
	steps
		.map(({ step, cut, readSeed }) => `${step}${cut === undefined ? '' : `@${cut.operation}.${cut.tear}.${cut.seed}`}${readSeed === 0 ? '' : `~${readSeed}`}`)
		.join();

/** Throws a TypeError that quotes the step it cannot read. */
export const parseSteps = (text: string): readonly CaseStep[] =>
	text.split(',').map((part) => {
		const found = /^(reset|boot|confirm|acknowledge|trial|permanent|erase|write-\d{1,2})(?:@(\d{1,6})\.([a-z]+)\.(\d{1,4}))?(?:~(\d))?$/.exec(part);
		const [, step, operation, tear = '', seed, readSeed = '0'] = found ?? [];
		if (step === undefined || (operation !== undefined && !CUT_TEARS.includes(tear as CutTear))) {
			throw new TypeError(`steps: one like boot or boot@37.half.0 was expected, got '${part}'; tears are ${CUT_TEARS.join(', ')}`);
		}
		const cut = operation === undefined ? {} : { cut: { operation: Number(operation), tear: tear as CutTear, seed: Number(seed) } };
		return { step: step as Step, ...cut, readSeed: Number(readSeed) };
	});

/** Power losses in a case. */
export const countCuts = (steps: readonly CaseStep[]): number => steps.filter(({ cut }) => cut !== undefined).length;
