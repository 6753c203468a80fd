/**
 * What switching power can fail with:
 *
 * | code | meaning |
 * |---|---|
 * | `unreachable` | what switches the supply is not there, or does not answer |
 * | `refused` | it answered that it will not, or something that makes no sense |
 * | `unconfirmed` | it was told, and what is observed is something else |
 * | `timeout` | the deadline passed |
 * | `configuration` | the rig file asks for what this driver cannot do |
 */
export const POWER_ERROR_CODES = ['unreachable', 'refused', 'unconfirmed', 'timeout', 'configuration'] as const;

export type PowerErrorCode = (typeof POWER_ERROR_CODES)[number];

/** Its message begins with the board and the driver. */
export class PowerError extends Error {
	override readonly name = 'PowerError';
	/** Says nothing about what the board does. */
	readonly isRigFault = true;
	readonly code: PowerErrorCode;

	constructor(code: PowerErrorCode, message: string, options?: { readonly cause?: unknown }) {
		super(message, options);
		this.code = code;
	}
}
