import { type Geometry, geometrySizeBytes } from './geometry.js';

/**
 * Units of a write-once part that may not be programmed although they read as erased: programmed with erased bytes,
 * or torn before a bit moved. All other programmed units show in their bytes, so that most parts never need this map.
 */
export class SpentUnits {
	readonly #geometry: Geometry;
	/** One bit a unit. */
	#bits: Uint8Array | null = null;

	constructor(geometry: Geometry) {
		this.#geometry = geometry;
	}

	/** Takes note of a program that was carried out. */
	note(offsetBytes: number, program: { readonly bytes: Uint8Array }): void {
		if (!this.#geometry.writeOnce) return;
		const { writeSizeBytes } = this.#geometry;
		for (let at = 0; at < program.bytes.length; at += writeSizeBytes) {
			if (this.#isBlank(program.bytes, at)) this.mark(offsetBytes + at, writeSizeBytes);
		}
	}

	mark(offsetBytes: number, lengthBytes: number): void {
		if (!this.#geometry.writeOnce || lengthBytes === 0) return;
		this.#bits ??= new Uint8Array(Math.ceil(geometrySizeBytes(this.#geometry) / this.#geometry.writeSizeBytes / 8));
		const [first, end] = this.#units(offsetBytes, lengthBytes);
		for (let unit = first; unit < end; unit++) this.#bits[unit >> 3] = (this.#bits[unit >> 3] as number) | (1 << (unit & 7));
	}

	clear(offsetBytes: number, lengthBytes: number): void {
		if (this.#bits === null) return;
		const [first, end] = this.#units(offsetBytes, lengthBytes);
		for (let unit = first; unit < end; unit++) this.#bits[unit >> 3] = (this.#bits[unit >> 3] as number) & ~(1 << (unit & 7));
	}

	/** Offset of the first such unit in a range, -1: none. */
	firstIn(offsetBytes: number, lengthBytes: number): number {
		if (this.#bits === null) return -1;
		const [first, end] = this.#units(offsetBytes, lengthBytes);
		for (let unit = first; unit < end; unit++) {
			if (((this.#bits[unit >> 3] as number) & (1 << (unit & 7))) !== 0) return unit * this.#geometry.writeSizeBytes;
		}
		return -1;
	}

	snapshot(): Uint8Array | null {
		return this.#bits?.slice() ?? null;
	}

	restore(bits: Uint8Array | null): void {
		this.#bits = bits?.slice() ?? null;
	}

	#units(offsetBytes: number, lengthBytes: number): [number, number] {
		const { writeSizeBytes } = this.#geometry;
		return [offsetBytes / writeSizeBytes, (offsetBytes + lengthBytes) / writeSizeBytes];
	}

	#isBlank(bytes: Uint8Array, from: number): boolean {
		const { writeSizeBytes, erasedByte } = this.#geometry;
		for (let index = from; index < from + writeSizeBytes; index++) {
			if (bytes[index] !== erasedByte) return false;
		}
		return true;
	}
}
