/** Reads a binary module from its start; throws a RangeError where it ends too early. */
export class WasmReader {
	readonly bytes: Uint8Array;
	at: number;
	readonly #end: number;

	constructor(bytes: Uint8Array, at = 0, end = bytes.length) {
		this.bytes = bytes;
		this.at = at;
		this.#end = end;
	}

	get isAtEnd(): boolean {
		return this.at >= this.#end;
	}

	byte(): number {
		if (this.at >= this.#end) throw new RangeError(`module: more bytes were expected at ${this.at}`);
		return this.bytes[this.at++] as number;
	}

	skip(count: number): void {
		if (this.at + count > this.#end) throw new RangeError(`module: ${count} bytes were expected at ${this.at}`);
		this.at += count;
	}

	/** Unsigned LEB128 of 32 bits. */
	u32(): number {
		let value = 0;
		for (let shift = 0; shift < 35; shift += 7) {
			const byte = this.byte();
			value += (byte & 0x7f) * 2 ** shift;
			if (byte < 0x80) return value;
		}
		throw new RangeError(`module: a number of at most 5 bytes was expected before ${this.at}`);
	}

	/** LEB128 of any sign and size. */
	skipNumber(): void {
		while (this.byte() >= 0x80);
	}

	slice(from: number): Uint8Array {
		return this.bytes.subarray(from, this.at);
	}

	/** As many bytes as the next number says, as a reader of their own. */
	sized(): WasmReader {
		const size = this.u32();
		const from = this.at;
		this.skip(size);
		return new WasmReader(this.bytes, from, this.at);
	}

	rest(): Uint8Array {
		return this.bytes.subarray(this.at, this.#end);
	}
}

export const encodeU32 = (value: number): readonly number[] => {
	const bytes: number[] = [];
	for (let left = value; ; left = Math.floor(left / 128)) {
		if (left < 128) return [...bytes, left];
		bytes.push((left % 128) + 128);
	}
};

/** A length, then the bytes. */
export const encodeSized = (parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array => {
	const body = concat(parts);
	return concat([encodeU32(body.length), body]);
};

export const encodeName = (name: string): Uint8Array => encodeSized([new TextEncoder().encode(name)]);

export const concat = (parts: readonly (readonly number[] | Uint8Array)[]): Uint8Array => {
	const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
	let at = 0;
	for (const part of parts) {
		bytes.set(part, at);
		at += part.length;
	}
	return bytes;
};
