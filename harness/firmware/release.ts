import type { ImageDefect } from './image-defect.js';

export interface Release {
	readonly name: string;
	readonly version: string;
	readonly origin: 'user' | 'harness' | 'imgtool';
	/** One per hardware revision. */
	readonly images: readonly ReleaseImage[];
	/** What makes it a variant that must never run, where it is one. */
	readonly defect?: ImageDefect | 'revoked-key';
}

export interface ReleaseImage {
	readonly hardware: string;
	readonly bytes: Uint8Array;
	/** SHA-256 of `bytes`, hex. */
	readonly digest: string;
}
