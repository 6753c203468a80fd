/**
 * What a GPIO line can fail with:
 *
 * | code | meaning |
 * |---|---|
 * | `unavailable` | this machine has no way to drive lines, or the chip's socket is not there |
 * | `unknown` | there is no such chip, or no such line on it |
 * | `busy` | another process holds the line |
 * | `refused` | the chip does not take what was asked of it |
 * | `timeout` | the chip, or the tool that drives it, did not answer in time |
 * | `lost` | whatever held the line is gone, and with it the level |
 * | `closed` | the line was closed |
 */
export const GPIO_ERROR_CODES = ['unavailable', 'unknown', 'busy', 'refused', 'timeout', 'lost', 'closed'] as const;

export type GpioErrorCode = (typeof GPIO_ERROR_CODES)[number];

/** Its message begins with chip and line. */
export class GpioError extends Error {
	override readonly name = 'GpioError';
	/** Says nothing about what the board does. */
	readonly isRigFault = true;
	readonly code: GpioErrorCode;

	constructor(code: GpioErrorCode, message: string, options?: { readonly cause?: unknown }) {
		super(message, options);
		this.code = code;
	}
}
