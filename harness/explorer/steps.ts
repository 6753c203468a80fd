import { type Action, imageOf, type Step } from './machine.js';

/** Steps by number: what nodes remember. */
const STEPS: readonly Step[] = ['reset', 'boot', 'confirm', 'acknowledge', 'trial', 'permanent', 'erase'];

export const stepNumber = (action: Step): number => {
	const index = STEPS.indexOf(action);
	return index >= 0 ? index : STEPS.length + imageOf(action as Action);
};

export const stepOf = (number: number): Step => STEPS[number] ?? `write-${number - STEPS.length}`;

/** Steps that there are where so many images may be written. */
export const stepCount = (images: number): number => STEPS.length + images;
