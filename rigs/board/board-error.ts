/**
 * What a board can fail with:
 *
 * | code | meaning |
 * |---|---|
 * | `no-boot` | no firmware answered in time |
 * | `refused` | the board answered a command with an error |
 * | `transfer` | an image could not be brought to it |
 * | `network` | it did not come to the update service, or did not come back there |
 * | `worn` | it was written to as often as its rig file allows in one run |
 * | `lacks` | its rig file or its type has not what was asked for |
 */
export const BOARD_ERROR_CODES = ['no-boot', 'refused', 'transfer', 'network', 'worn', 'lacks'] as const;
export type BoardErrorCode = (typeof BOARD_ERROR_CODES)[number];

const RIG_CODES: readonly BoardErrorCode[] = ['network', 'worn', 'lacks'];

export class BoardError extends Error {
	override readonly name = 'BoardError';
	readonly code: BoardErrorCode;
	/** Says nothing about what the board does: the rig cannot do what was asked of it. */
	readonly isRigFault: boolean;

	constructor(code: BoardErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
		this.isRigFault = RIG_CODES.includes(code);
	}
}
