import { Duplex } from 'node:stream';
import type { Lane } from './lane.js';

type Done = (error?: Error | null) => void;

export interface LinkEndOwner {
	onDestroyed(end: LinkEnd): void;
}

/** As a TCP socket's: an end from the peer ends this side too, and `close` follows. */
const END_OPTIONS = { allowHalfOpen: false, writableHighWaterMark: 1 << 20 } as const;

/**
 * One end of a link. It extends Duplex, methods on the prototype, since a fleet holds tens of thousands:
 * methods given as options would be closures of each.
 */
export class LinkEnd extends Duplex {
	readonly #out: Lane;
	readonly #in: Lane;
	readonly #owner: LinkEndOwner;

	constructor(options: { readonly out: Lane; readonly in: Lane; readonly owner: LinkEndOwner }) {
		super(END_OPTIONS);
		this.#out = options.out;
		this.#in = options.in;
		this.#owner = options.owner;
	}

	override _read(): void {
		this.#in.resume();
	}

	override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
		this.#out.send(chunk);
		this.#out.whenRoom(done);
	}

	/** What was written in one tick travels together, as a socket's corked writes do. */
	override _writev(chunks: { readonly chunk: Buffer }[], done: Done): void {
		this.#out.send(joinChunks(chunks));
		this.#out.whenRoom(done);
	}

	override _final(done: Done): void {
		this.#out.end();
		done();
	}

	override _destroy(error: Error | null, done: Done): void {
		this.#owner.onDestroyed(this);
		done(error);
	}
}

/**
 * Bursts of a message are cut from shared slabs: a buffer of its own over 4 KiB costs an allocation outside the heap and
 * its collection, more than all else a delivery does.
 */
const SLAB_BYTES = 32 * 1024;
const LARGEST_SHARE_BYTES = SLAB_BYTES / 4;
let slab: Buffer | undefined;
let slabOffset = 0;

const allocate = (sizeBytes: number): Buffer => {
	if (sizeBytes > LARGEST_SHARE_BYTES) return Buffer.allocUnsafeSlow(sizeBytes);
	if (!slab || slabOffset + sizeBytes > SLAB_BYTES) {
		slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
		slabOffset = 0;
	}
	const share = slab.subarray(slabOffset, slabOffset + sizeBytes);
	slabOffset += (sizeBytes + 7) & ~7;
	return share;
};

const joinChunks = (chunks: readonly { readonly chunk: Buffer }[]): Buffer => {
	let sizeBytes = 0;
	for (const { chunk } of chunks) sizeBytes += chunk.length;
	const joined = allocate(sizeBytes);
	let offset = 0;
	for (const { chunk } of chunks) {
		joined.set(chunk, offset);
		offset += chunk.length;
	}
	return joined;
};
