const HEADER_BYTES = 5;

/**
 * Counts whole TLS records in a byte stream however it is cut into chunks (RFC 8446, 5.1): one byte of type, two of version,
 * two of length, high first. What a record holds stays its own.
 */
export class RecordCounter {
	/** Records whose last byte has been taken. */
	packets = 0;
	#headerBytes = 0;
	#leftBytes = 0;

	/** Takes bytes in up to the end of record number `stopAt`, counted from the start of the stream; returns how many. */
	take(bytes: Uint8Array, stopAt: number): number {
		let offset = 0;
		while (offset < bytes.length && this.packets < stopAt) {
			if (this.#headerBytes < HEADER_BYTES) {
				const byte = bytes[offset++] as number;
				if (++this.#headerBytes === HEADER_BYTES - 1) this.#leftBytes = byte << 8;
				else if (this.#headerBytes === HEADER_BYTES) this.#leftBytes |= byte;
			} else {
				const part = Math.min(this.#leftBytes, bytes.length - offset);
				offset += part;
				this.#leftBytes -= part;
			}
			if (this.#headerBytes < HEADER_BYTES || this.#leftBytes > 0) continue;
			this.packets++;
			this.#headerBytes = 0;
		}
		return offset;
	}
}
