/** What can be wrong with bytes that should be an MCUboot image. */
export type ImageErrorCode = 'truncated' | 'bad-magic' | 'bad-size' | 'bad-tlv-info' | 'bad-tlv';

/** Bytes that are no MCUboot image. `field` names the field that gave it away, `offsetBytes` says where it stands. */
export class ImageError extends Error {
	override readonly name = 'ImageError';
	readonly code: ImageErrorCode;
	readonly field: string;
	readonly offsetBytes: number;

	constructor(message: string, facts: { readonly code: ImageErrorCode; readonly field: string; readonly offsetBytes: number }) {
		super(`${facts.field}: ${message}`);
		this.code = facts.code;
		this.field = facts.field;
		this.offsetBytes = facts.offsetBytes;
	}
}
