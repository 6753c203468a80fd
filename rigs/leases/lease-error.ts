export const LEASE_ERROR_CODES = ['held', 'broken', 'lost', 'folder'] as const;
export type LeaseErrorCode = (typeof LEASE_ERROR_CODES)[number];

/** A board that cannot be had: another holds it, it is marked broken, or where leases are kept is not ours. */
export class LeaseError extends Error {
	override readonly name = 'LeaseError';
	/** Says nothing about what the board does. */
	readonly isRigFault = true;
	readonly code: LeaseErrorCode;

	constructor(code: LeaseErrorCode, message: string, options?: ErrorOptions) {
		super(message, options);
		this.code = code;
	}
}
