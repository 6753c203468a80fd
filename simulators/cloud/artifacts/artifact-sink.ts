/** Where a download is kept: it outlives the one that fills it, so that the next can go on. */
export interface ArtifactSink {
	readonly sizeBytes: number;
	/** The ETag that what is kept came under. */
	validator: string | undefined;
	append(bytes: Uint8Array): void;
	clear(): void;
	/** What is kept, in order. */
	pieces(): Iterable<Uint8Array>;
}

export class MemorySink implements ArtifactSink {
	validator: string | undefined;
	#pieces: Uint8Array[] = [];
	#sizeBytes = 0;

	get sizeBytes(): number {
		return this.#sizeBytes;
	}

	append(bytes: Uint8Array): void {
		this.#pieces.push(bytes);
		this.#sizeBytes += bytes.length;
	}

	clear(): void {
		this.#pieces = [];
		this.#sizeBytes = 0;
		this.validator = undefined;
	}

	pieces(): Iterable<Uint8Array> {
		return this.#pieces;
	}
}
