import type { Duplex } from 'node:stream';
import type { Clock, Timer } from '../../harness/time/index.js';
import { type Burst, eachPiece } from './burst.js';
import { PacketCounter } from './packet-counter.js';
import { RecordCounter } from './record-counter.js';
import { PACKET_BYTES, type Wire } from './wire.js';

/** What waits on a lane: bytes, the orderly end behind them, or a packet that is given up at its instant. */
interface Parcel {
	readonly content: Buffer | 'end' | 'lost';
	readonly dueMs: number;
	next: Parcel | undefined;
}

/** Where a cut falls, counted from the start of the stream. */
export interface Cut {
	readonly bytes: number;
	readonly packets: number;
	readonly how: 'reset' | 'half-open';
	readonly label: string;
}

/** What a lane tells its link. */
export interface LaneOwner {
	onCut(cut: Cut): void;
	onLost(): void;
	onOverflow(queuedBytes: number): void;
	onStallFelt(queuedBytes: number): void;
}

/** One direction of a link: bytes in order, each burst at its instant, with one timer however much is under way. */
export class Lane {
	deliveredBytes = 0;
	readonly wire: Wire;
	readonly #clock: Clock;
	readonly #owner: LaneOwner;
	readonly #bufferBytes: number;
	/** Only towards the device: what overflows there resets the link; towards the broker the writer waits. */
	readonly #counter: PacketCounter | RecordCounter | undefined;
	#receiver: Duplex | undefined;
	#head: Parcel | undefined;
	#tail: Parcel | undefined;
	#queuedBytes = 0;
	/** Nothing more is taken in. */
	#ended = false;
	/** Nothing more is taken in or given out. */
	#dead = false;
	/** The receiver's own buffer is full. */
	#blocked = false;
	#ticking = false;
	#timer: Timer | undefined;
	#armedForMs = 0;
	#wake: (() => void) | undefined;
	#waiter: (() => void) | undefined;
	#stalledUntilMs = 0;
	#cut: Cut | undefined;

	constructor(options: {
		readonly clock: Clock;
		readonly wire: Wire;
		readonly owner: LaneOwner;
		readonly bufferBytes: number;
		readonly towards: 'device' | 'broker';
		/** What counts as a packet: one of MQTT, or a record of TLS. */
		readonly framing?: 'tls' | undefined;
	}) {
		this.#clock = options.clock;
		this.wire = options.wire;
		this.#owner = options.owner;
		this.#bufferBytes = options.bufferBytes;
		this.#counter = options.towards === 'device' ? (options.framing === 'tls' ? new RecordCounter() : new PacketCounter()) : undefined;
	}

	get packets(): number {
		return this.#counter?.packets ?? 0;
	}

	connect(receiver: Duplex): void {
		this.#receiver = receiver;
	}

	/** Takes a burst in. It is never delivered within this call. */
	send(burst: Burst): void {
		if (this.#ended || burst.sizeBytes === 0) return;
		if (this.#counter && this.#queuedBytes + burst.sizeBytes > this.#bufferBytes) {
			this.#owner.onOverflow(this.#queuedBytes + burst.sizeBytes);
			return;
		}
		const { wire } = this;
		const nowMs = Math.floor(this.#clock.nowMs);
		const delayMs = wire.conditions.latencyMs + wire.drawJitter();
		if (wire.keepsBurstsWhole) this.#addPart(burst, { start: 0, end: burst.sizeBytes, dueMs: wire.arrival(nowMs, delayMs) });
		else this.#sendPackets(burst, { nowMs, delayMs });
	}

	/** Calls `done` at once while there is room, else when there is again. */
	whenRoom(done: () => void): void {
		if (this.#counter || this.#ended || this.#queuedBytes <= this.#bufferBytes) done();
		else this.#waiter = done;
	}

	/** Orderly: everything taken in so far arrives first. */
	end(): void {
		if (this.#ended) return;
		this.#ended = true;
		this.#add('end', this.wire.arrival(Math.floor(this.#clock.nowMs), this.wire.conditions.latencyMs));
	}

	/** The sender is gone without a word: what has left it arrives, nothing after. */
	abandon(): void {
		this.#ended = true;
		const { latencyMs, jitterMs } = this.wire.conditions;
		const leftUntilMs = this.#clock.nowMs + latencyMs + jitterMs;
		let last: Parcel | undefined;
		for (let parcel = this.#head; parcel && parcel.dueMs <= leftUntilMs; parcel = parcel.next) last = parcel;
		if (last) last.next = undefined;
		else this.#head = undefined;
		this.#tail = last;
	}

	/** What is under way is gone, nothing is taken in or given out again. */
	kill(): void {
		this.#ended = true;
		this.#dead = true;
		this.#head = undefined;
		this.#tail = undefined;
		this.#queuedBytes = 0;
		this.#timer?.cancel();
		this.#timer = undefined;
		this.#cut = undefined;
		this.#release();
	}

	/** The receiver has room again. */
	resume(): void {
		if (!this.#blocked) return;
		this.#blocked = false;
		if (this.#head) this.#arm(this.#head.dueMs);
	}

	/** Gives nothing out until then. */
	stall(untilMs: number): void {
		this.#stalledUntilMs = Math.max(this.#stalledUntilMs, Math.ceil(untilMs));
	}

	arm(cut: Cut): void {
		if (this.#dead) return;
		this.#cut = cut;
		if (this.#isReached(cut)) this.#owner.onCut(cut);
	}

	tick(): void {
		this.#ticking = false;
		this.pump();
	}

	/** Gives out all that is due. What a receiver's listener throws goes to the caller; the rest follows in another tick. */
	pump(): void {
		this.#timer = undefined;
		const nowMs = Math.max(this.#clock.nowMs, this.#armedForMs);
		try {
			while (this.#head && this.#head.dueMs <= nowMs && !this.#blocked && nowMs >= this.#stalledUntilMs) this.#deliver(this.#take(this.#head));
		} finally {
			if (this.#head && !this.#blocked) this.#arm(this.#head.dueMs);
			if (this.#waiter && this.#queuedBytes <= this.#bufferBytes) this.#release();
		}
	}

	#sendPackets(burst: Burst, { nowMs, delayMs }: { nowMs: number; delayMs: number }): void {
		const { sizeBytes } = burst;
		let start = 0;
		let startDueMs = 0;
		for (let offset = 0; offset < sizeBytes; offset += PACKET_BYTES) {
			const leftMs = this.wire.serialise(Math.min(PACKET_BYTES, sizeBytes - offset), nowMs);
			const { stallMs, lost } = this.wire.drawStall();
			const dueMs = this.wire.arrival(leftMs, lost ? stallMs : delayMs + stallMs);
			if (offset > start && (lost || dueMs !== startDueMs)) {
				this.#addPart(burst, { start, end: offset, dueMs: startDueMs });
				start = offset;
			}
			startDueMs = dueMs;
			if (lost) {
				this.#ended = true;
				this.#add('lost', dueMs);
				return;
			}
		}
		this.#addPart(burst, { start, end: sizeBytes, dueMs: startDueMs });
	}

	#addPart(burst: Burst, part: { readonly start: number; readonly end: number; readonly dueMs: number }): void {
		const [only] = burst.pieces;
		if (burst.pieces.length === 1 && part.start === 0 && part.end === burst.sizeBytes) this.#add(only as Buffer, part.dueMs);
		else eachPiece(burst, part, (bytes) => this.#add(bytes, part.dueMs));
	}

	#add(content: Parcel['content'], dueMs: number): void {
		const parcel: Parcel = { content, dueMs, next: undefined };
		if (typeof content !== 'string') this.#queuedBytes += content.length;
		if (this.#tail) this.#tail.next = parcel;
		else this.#head = parcel;
		this.#tail = parcel;
		if (!this.#blocked) this.#arm((this.#head as Parcel).dueMs);
	}

	#take(parcel: Parcel): Parcel {
		this.#head = parcel.next;
		if (!this.#head) this.#tail = undefined;
		if (typeof parcel.content !== 'string') this.#queuedBytes -= parcel.content.length;
		return parcel;
	}

	#deliver({ content }: Parcel): void {
		const receiver = this.#receiver as Duplex;
		if (content === 'lost') this.#owner.onLost();
		else if (content === 'end') receiver.push(null);
		else this.#give(content, receiver);
	}

	#give(bytes: Buffer, receiver: Duplex): void {
		const cut = this.#cut;
		let { length } = bytes;
		if (cut) length = Math.min(length, cut.bytes - this.deliveredBytes);
		if (this.#counter) length = this.#counter.take(length === bytes.length ? bytes : bytes.subarray(0, length), cut?.packets ?? Number.POSITIVE_INFINITY);
		this.deliveredBytes += length;
		const reached = cut !== undefined && this.#isReached(cut);
		try {
			this.#blocked = !receiver.push(length === bytes.length ? bytes : bytes.subarray(0, length));
		} finally {
			if (reached && !this.#dead) this.#owner.onCut(cut);
		}
	}

	#isReached(cut: Cut): boolean {
		return this.deliveredBytes >= cut.bytes || this.packets >= cut.packets;
	}

	#arm(dueMs: number): void {
		if (this.#timer || this.#ticking) return;
		const nowMs = this.#clock.nowMs;
		if (nowMs < this.#stalledUntilMs && dueMs <= nowMs) this.#owner.onStallFelt(this.#queuedBytes);
		this.#armedForMs = Math.max(dueMs, dueMs <= nowMs ? this.#stalledUntilMs : dueMs);
		const delayMs = this.#armedForMs - nowMs;
		if (delayMs > 0) {
			this.#wake ??= () => this.pump();
			this.#timer = this.#clock.after(Math.ceil(delayMs), this.#wake);
		} else {
			this.#ticking = true;
			process.nextTick(pumpInTick, this);
		}
	}

	#release(): void {
		const waiter = this.#waiter;
		this.#waiter = undefined;
		waiter?.();
	}
}

/** One function for all lanes: a closure for each tick would be garbage at every delivery. */
const pumpInTick = (lane: Lane): void => lane.tick();
