/** Cuts a byte stream into whole MQTT packets and holds at most one unfinished packet, of bounded size. */
export class PacketFramer {
	readonly #limitBytes: number;
	/** What has come and was not given out, and where the next packet begins in it. */
	#bytes: Buffer | undefined;
	#offset = 0;
	/** Pieces that came behind `#bytes`, joined once the packet is whole. */
	#pieces: Buffer[] | undefined;
	#heldBytes = 0;
	#neededBytes = 0;

	constructor(limitBytes: number) {
		this.#limitBytes = limitBytes;
	}

	push(chunk: Buffer): void {
		if (!this.#bytes) {
			this.#bytes = chunk;
			this.#offset = 0;
			this.#heldBytes = chunk.length;
			return;
		}
		this.#pieces ??= [];
		this.#pieces.push(chunk);
		this.#heldBytes += chunk.length;
	}

	/** The next whole packet, or undefined while there is none; throws an Error when the length is malformed or over the limit. */
	next(): Buffer | undefined {
		if (!this.#bytes || this.#heldBytes < this.#neededBytes) return undefined;
		if (this.#pieces) {
			this.#bytes = Buffer.concat([this.#bytes.subarray(this.#offset), ...this.#pieces]);
			this.#pieces = undefined;
			this.#offset = 0;
		}
		const bytes = this.#bytes;
		const start = this.#offset;
		const sizeBytes = packetSize(bytes, start);
		if (sizeBytes < 0) throw new Error('the length of a packet runs over four bytes');
		if (sizeBytes > this.#limitBytes) throw new Error(`a packet of ${sizeBytes} bytes: at most ${this.#limitBytes} are accepted`);
		if (sizeBytes === 0 || sizeBytes > this.#heldBytes) {
			this.#neededBytes = sizeBytes === 0 ? this.#heldBytes + 1 : sizeBytes;
			return undefined;
		}
		this.#neededBytes = 0;
		this.#heldBytes -= sizeBytes;
		this.#offset += sizeBytes;
		if (this.#heldBytes === 0) this.#bytes = undefined;
		return start === 0 && sizeBytes === bytes.length ? bytes : bytes.subarray(start, start + sizeBytes);
	}
}

/** Size of the packet that starts at `offset`, header included; 0 while its length is not known, -1 where that is malformed. */
const packetSize = (bytes: Uint8Array, offset: number): number => {
	let length = 0;
	for (let index = 1, multiplier = 1; index <= 4; index++, multiplier *= 128) {
		const byte = bytes[offset + index];
		if (byte === undefined) return 0;
		length += (byte & 0x7f) * multiplier;
		if (byte < 0x80) return 1 + index + length;
	}
	return -1;
};
