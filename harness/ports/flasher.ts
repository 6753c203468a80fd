/** Writes images to a board from outside: a programmer, a ROM loader. */
export interface FlasherPort {
	/** Asks the device itself who it is and throws where it is another than the rig file says. */
	assertIdentity(options: { readonly withinMs: number }): Promise<void>;
	/** Writes a file to an area of the board's type (`golden`, `secondary` …), its identity asserted first. */
	flash(image: Uint8Array, options: FlashOptions): Promise<void>;
}

export interface FlashOptions {
	/** An area the board's type names. */
	readonly area: string;
	readonly withinMs: number;
	readonly onProgress?: (ratio: number) => void;
	readonly signal?: AbortSignal;
}
