/**
 * What a board can fail with:
 *
 * | code | meaning |
 * |---|---|
 * | `no-boot` | no firmware answered in time |
 * | `refused` | the board answered a command with an error |
 * | `transfer` | an image could not be brought to it |
 * | `lacks` | its rig file or its type has not what was asked for |
 */
export type BoardErrorCode = 'no-boot' | 'refused' | 'transfer' | 'lacks';

export class BoardError extends Error {
	override readonly name = 'BoardError';
	readonly code: BoardErrorCode;

	constructor(code: BoardErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}
