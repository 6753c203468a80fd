/** The command line was used wrongly: exit code 2, the message alone, no stack. */
export class UsageError extends Error {
	constructor(message: string, options?: ErrorOptions) {
		super(message, options);
		this.name = 'UsageError';
	}
}
