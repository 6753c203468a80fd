/**
 * What flash refuses: `misaligned`, `out-of-range`, `not-erased` (a bit would move toward erased), `write-once` (a unit
 * is programmed a second time), `worn` (an erase beyond endurance), `unreadable` (a unit torn into an error that
 * correction cannot mend, until its sector is erased).
 */
export type FlashErrorCode = 'misaligned' | 'out-of-range' | 'not-erased' | 'write-once' | 'worn' | 'unreadable';

export class FlashError extends Error {
	readonly code: FlashErrorCode;
	readonly offsetBytes: number;

	constructor(code: FlashErrorCode, facts: { readonly message: string; readonly offsetBytes: number }) {
		super(facts.message);
		this.name = 'FlashError';
		this.code = code;
		this.offsetBytes = facts.offsetBytes;
	}
}

/** The device has no power: whoever runs on it stops here, and nothing it does from now on reaches the flash. */
export class PowerLoss extends Error {
	/** Of the operation that was hit or, after that, refused. */
	readonly operation: number;

	constructor(operation: number, message: string) {
		super(message);
		this.name = 'PowerLoss';
		this.operation = operation;
	}
}
