/** No MQTT packet is longer: four length bytes of seven bits (MQTT 3.1.1, 2.2.3). */
const MAX_LENGTH_MULTIPLIER = 128 ** 3;

/**
 * Counts whole MQTT packets in a byte stream however it is cut into chunks, from the fixed headers alone: one
 * byte of type and flags, then the length of the rest in one to four bytes, seven bits each, low first, the high
 * bit set on all but the last.
 */
export class PacketCounter {
	/** Packets whose last byte has been taken. */
	packets = 0;
	/** The longest packet declared so far, without its fixed header. */
	largestBytes = 0;
	/** Set once a length runs over four bytes: this is no MQTT, nothing is counted any more. */
	malformed = false;
	#expecting: 'type' | 'length' | 'body' = 'type';
	#multiplier = 1;
	/** Of the body; while the length is read, what of it is known. */
	#leftBytes = 0;

	/** Takes bytes in up to the end of packet number `stopAt`, counted from the start of the stream; returns how many. */
	take(bytes: Uint8Array, stopAt: number): number {
		const { length } = bytes;
		let offset = 0;
		while (offset < length && this.packets < stopAt && !this.malformed) {
			if (this.#expecting === 'body') {
				const part = Math.min(this.#leftBytes, length - offset);
				offset += part;
				this.#leftBytes -= part;
				if (this.#leftBytes === 0) this.#complete();
			} else if (this.#expecting === 'type') {
				offset++;
				this.#expecting = 'length';
			} else {
				this.#takeLength(bytes[offset++] as number);
			}
		}
		return this.malformed ? length : offset;
	}

	#takeLength(byte: number): void {
		this.#leftBytes += (byte & 0x7f) * this.#multiplier;
		if (byte & 0x80) {
			this.malformed = this.#multiplier === MAX_LENGTH_MULTIPLIER;
			this.#multiplier *= 128;
			return;
		}
		this.#multiplier = 1;
		this.largestBytes = Math.max(this.largestBytes, this.#leftBytes);
		this.#expecting = 'body';
		if (this.#leftBytes === 0) this.#complete();
	}

	#complete(): void {
		this.packets++;
		this.#expecting = 'type';
	}
}
