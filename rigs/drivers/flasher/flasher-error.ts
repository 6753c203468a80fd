/**
 * What flashing can fail with:
 *
 * | code | meaning |
 * |---|---|
 * | `identity` | the device is another than the rig file says, or nothing is known to tell it by; nothing was written |
 * | `configuration` | the area is not known, the image does not fit, or a word of the command line has nothing to stand for |
 * | `absent` | the tool is not installed, or its port is not there |
 * | `failed` | the tool failed, or did not say that it verified what it wrote |
 * | `timeout` | the deadline passed |
 * | `aborted` | it was called off |
 */
export const FLASHER_ERROR_CODES = ['identity', 'configuration', 'absent', 'failed', 'timeout', 'aborted'] as const;

export type FlasherErrorCode = (typeof FLASHER_ERROR_CODES)[number];

/** Its message begins with the board and the tool. */
export class FlasherError extends Error {
	override readonly name = 'FlasherError';
	/** Says nothing about what the board does. */
	readonly isRigFault = true;
	readonly code: FlasherErrorCode;

	constructor(code: FlasherErrorCode, message: string, options?: { readonly cause?: unknown }) {
		super(message, options);
		this.code = code;
	}
}
