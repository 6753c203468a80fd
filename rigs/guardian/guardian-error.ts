/** The guardian could not be started, or is gone; the rig is safe, or its lines are undriven. Errors of drivers keep their own name and code. */
export class GuardianError extends Error {
	override readonly name: string = 'GuardianError';
	readonly code: string;

	constructor(code: string, message: string, options?: { readonly name?: string; readonly cause?: unknown }) {
		super(message, options);
		this.code = code;
		if (options?.name !== undefined) this.name = options.name;
	}
}
