/**
 * What a guardian itself can fail with; errors of the drivers that it holds keep their own name and code.
 *
 * | code | meaning |
 * |---|---|
 * | `start` | its process did not come up |
 * | `timeout` | it did not answer |
 * | `lost` | it is gone: lines and supplies are no longer held |
 * | `closed` | it was closed |
 */
export const GUARDIAN_ERROR_CODES = ['start', 'timeout', 'lost', 'closed'] as const;

/** The guardian could not be started, or is gone; the rig is safe, or its lines are undriven. Errors of drivers keep their own name and code. */
export class GuardianError extends Error {
	override readonly name: string = 'GuardianError';
	/** Says nothing about what the board does. */
	readonly isRigFault = true;
	readonly code: string;

	constructor(code: string, message: string, options?: { readonly name?: string; readonly cause?: unknown }) {
		super(message, options);
		this.code = code;
		if (options?.name !== undefined) this.name = options.name;
	}
}
