/**
 * Cuts a byte stream into whole MQTT packets and holds at most one unfinished packet, of bounded size. A packet is given
 * out in the pieces it came in, so that a block of a download is never copied on its way.
 */
export class PacketFramer {
	readonly #limitBytes: number;
	/** What has come and was not given out; the next packet begins at `#offset` of the first piece. */
	#pieces: Buffer[] = [];
	#offset = 0;
	#heldBytes = 0;
	/** No packet is whole before so many bytes are held. */
	#neededBytes = 1;

	constructor(limitBytes: number) {
		this.#limitBytes = limitBytes;
	}

	push(chunk: Buffer): void {
		this.#pieces.push(chunk);
		this.#heldBytes += chunk.length;
	}

	/** The pieces of the next whole packet, or undefined while there is none; throws an Error when the length is malformed or over the limit. */
	next(): readonly Buffer[] | undefined {
		if (this.#heldBytes < this.#neededBytes) return undefined;
		const sizeBytes = packetSize(this.#head(), this.#offset);
		if (sizeBytes < 0) throw new Error('the length of a packet runs over four bytes');
		if (sizeBytes > this.#limitBytes) throw new Error(`a packet of ${sizeBytes} bytes: at most ${this.#limitBytes} are accepted`);
		if (sizeBytes === 0 || sizeBytes > this.#heldBytes) {
			this.#neededBytes = sizeBytes === 0 ? this.#heldBytes + 1 : sizeBytes;
			return undefined;
		}
		this.#neededBytes = 1;
		this.#heldBytes -= sizeBytes;
		return this.#take(sizeBytes);
	}

	/** The first piece, with as much in it as tells a packet's size where that has come. */
	#head(): Buffer {
		const [first] = this.#pieces as [Buffer, ...Buffer[]];
		if (this.#pieces.length === 1 || first.length - this.#offset >= LONGEST_HEADER_BYTES) return first;
		this.#pieces = [Buffer.concat([first.subarray(this.#offset), ...this.#pieces.slice(1)])];
		this.#offset = 0;
		return this.#pieces[0] as Buffer;
	}

	#take(sizeBytes: number): readonly Buffer[] {
		const taken: Buffer[] = [];
		for (let leftBytes = sizeBytes; leftBytes > 0; ) {
			const piece = this.#pieces[0] as Buffer;
			const start = this.#offset;
			const end = Math.min(piece.length, start + leftBytes);
			taken.push(start === 0 && end === piece.length ? piece : piece.subarray(start, end));
			leftBytes -= end - start;
			this.#offset = end;
			if (end < piece.length) break;
			this.#pieces.shift();
			this.#offset = 0;
		}
		return taken;
	}
}

/** Type and flags, and four bytes of length. */
const LONGEST_HEADER_BYTES = 5;

/** Size of the packet that starts at `offset`, header included; 0 while its length is not known, -1 where that is malformed. */
export const packetSize = (bytes: Uint8Array, offset: number): number => {
	let length = 0;
	for (let index = 1, multiplier = 1; index <= 4; index++, multiplier *= 128) {
		const byte = bytes[offset + index];
		if (byte === undefined) return 0;
		length += (byte & 0x7f) * multiplier;
		if (byte < 0x80) return 1 + index + length;
	}
	return -1;
};
