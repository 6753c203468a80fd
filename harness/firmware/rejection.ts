import type { ImageErrorCode } from './image-error.js';

/** Why an image is refused: what parsing found, or what verifying did. */
export type RejectionCode =
	| ImageErrorCode
	| 'too-large'
	| 'not-bootable'
	| 'tlv-not-allowed'
	| 'bad-hash'
	| 'bad-key-hash'
	| 'unsigned'
	| 'unknown-key'
	| 'bad-signature'
	| 'other-hardware'
	| 'security-counter'
	| 'downgrade'
	| 'dependency-not-met';

export interface Rejection {
	readonly accepted: false;
	readonly code: RejectionCode;
	/** The field that decided, such as `header.magic` or `SHA256`. */
	readonly field: string;
	readonly reason: string;
}

export const reject = (code: RejectionCode, facts: { readonly field: string; readonly reason: string }): Rejection => ({ accepted: false, code, ...facts });
