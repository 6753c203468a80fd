import { Duplex } from 'node:stream';
import { joinChunks, singleBurst } from './burst.js';
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
		this.#out.send(singleBurst(chunk));
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
