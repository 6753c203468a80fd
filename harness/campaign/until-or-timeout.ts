import type { Clock } from '../time/index.js';

/** Waits for a condition, at most so long; false where it did not come true, which is an answer here and no failure. */
export const untilOrTimeout = async (
	clock: Clock,
	{ condition, withinMs, label }: { readonly condition: () => boolean; readonly withinMs: number; readonly label: string },
): Promise<boolean> => {
	try {
		await clock.until(condition, { withinMs, label });
		return true;
	} catch (error) {
		if ((error as { readonly code?: unknown } | undefined)?.code !== 'timeout') throw error;
		return false;
	}
};
