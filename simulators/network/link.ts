import type { Duplex } from 'node:stream';
import type { LinkConditions } from '../../harness/faults/index.js';
import type { Clock, Random } from '../../harness/time/index.js';
import { type Cut, Lane, type LaneOwner } from './lane.js';
import { LinkEnd } from './link-end.js';
import { assertConditions, Wire } from './wire.js';

export type LinkFault = 'link-reset' | 'link-half-open' | 'stalled-reader';
export type LinkFaultListener = (fault: LinkFault, detail: string) => void;

/** A network connection between one device and the broker: two stream ends with the faults between them. */
export interface Link {
	readonly deviceEnd: Duplex;
	readonly brokerEnd: Duplex;
	/** For what is sent from now on; what is under way keeps its time. */
	setConditions(conditions: LinkConditions): void;
	/**
	 * Arms a cut after so many MQTT packets or bytes delivered to the device from now, exactly: the device receives
	 * those and nothing more. 0 is before the next one. Another call replaces it.
	 */
	cutAfter(point: { readonly messages: number } | { readonly bytes: number }, how: 'reset' | 'half-open'): void;
	/** Both ends fail with ECONNRESET after one latency; what is under way is lost. */
	reset(): void;
	/** Silence in both directions without an end; writes succeed and vanish. */
	goHalfOpen(): void;
	/** The device stops reading; bytes wait in the link's bounded buffer, and the link resets where that overflows. */
	stallReader(forMs: number): void;
	/**
	 * The device loses power: its end is destroyed, what it had sent arrives, and the broker hears nothing more, not even
	 * an end. Destroying the device's end alone ends the connection as a program that closes its socket does.
	 */
	losePower(): void;
	/** Delivered to the device's end. */
	readonly bytesToDevice: number;
	readonly bytesToBroker: number;
	readonly retransmissions: number;
	/** Called when a fault takes hold, never for an orderly end. */
	onFault?: LinkFaultListener;
	/** Both ends are destroyed at once, without an error, and nothing is delivered any more. */
	close(): void;
}

export interface LinkOptions {
	readonly clock: Clock;
	readonly random: Random;
	readonly conditions: LinkConditions;
	/** Bound on the bytes under way in each direction. Default 1 MiB. */
	readonly bufferBytes?: number;
	readonly onFault?: LinkFaultListener;
	/** What passes in place of plain MQTT: its records are counted as packets are. */
	readonly framing?: 'tls' | undefined;
}

export const LINK_DEFAULTS = { bufferBytes: 1 << 20 } as const;

export const createLink = (options: LinkOptions): Link => new FaultyLink(options);

class FaultyLink implements Link, LaneOwner {
	readonly deviceEnd: Duplex;
	readonly brokerEnd: Duplex;
	onFault?: LinkFaultListener;
	readonly #clock: Clock;
	readonly #toDevice: Lane;
	readonly #toBroker: Lane;
	#state: 'up' | 'silent' | 'resetting' | 'closed' = 'up';

	constructor({ clock, random, conditions, bufferBytes = LINK_DEFAULTS.bufferBytes, onFault, framing }: LinkOptions) {
		assertConditions(conditions);
		this.#clock = clock;
		if (onFault) this.onFault = onFault;
		this.#toDevice = new Lane({ clock, wire: new Wire(conditions, random), owner: this, bufferBytes, towards: 'device', framing });
		this.#toBroker = new Lane({ clock, wire: new Wire(conditions, random), owner: this, bufferBytes, towards: 'broker' });
		this.deviceEnd = new LinkEnd({ out: this.#toBroker, in: this.#toDevice, owner: this });
		this.brokerEnd = new LinkEnd({ out: this.#toDevice, in: this.#toBroker, owner: this });
		this.#toDevice.connect(this.deviceEnd);
		this.#toBroker.connect(this.brokerEnd);
	}

	get bytesToDevice(): number {
		return this.#toDevice.deliveredBytes;
	}

	get bytesToBroker(): number {
		return this.#toBroker.deliveredBytes;
	}

	get retransmissions(): number {
		return this.#toDevice.wire.retransmissions + this.#toBroker.wire.retransmissions;
	}

	setConditions(conditions: LinkConditions): void {
		assertConditions(conditions);
		for (const lane of [this.#toDevice, this.#toBroker]) lane.wire.change(conditions, this.#clock.nowMs);
	}

	cutAfter(point: { readonly messages: number } | { readonly bytes: number }, how: 'reset' | 'half-open'): void {
		const lane = this.#toDevice;
		if ('messages' in point)
			lane.arm({ bytes: Number.POSITIVE_INFINITY, packets: lane.packets + point.messages, how, label: `after ${point.messages} messages` });
		else lane.arm({ bytes: lane.deliveredBytes + point.bytes, packets: Number.POSITIVE_INFINITY, how, label: `after ${point.bytes} bytes` });
	}

	reset(): void {
		this.#reset('asked for');
	}

	goHalfOpen(): void {
		this.#goSilent('asked for');
	}

	stallReader(forMs: number): void {
		this.#toDevice.stall(this.#clock.nowMs + forMs);
	}

	losePower(): void {
		if (this.#state !== 'up') {
			this.deviceEnd.destroy();
			return;
		}
		this.#state = 'silent';
		this.#toDevice.kill();
		this.#toBroker.abandon();
		this.deviceEnd.destroy();
	}

	close(): void {
		this.#state = 'closed';
		this.#toDevice.kill();
		this.#toBroker.kill();
		this.deviceEnd.destroy();
		this.brokerEnd.destroy();
	}

	onCut({ how, label }: Cut): void {
		if (how === 'reset') this.#reset(label);
		else this.#goSilent(label);
	}

	onLost(): void {
		this.#reset('a packet was lost with all its repeats');
	}

	onOverflow(queuedBytes: number): void {
		this.#reset(`${queuedBytes} bytes wait for the device, more than the buffer holds`);
	}

	onStallFelt(queuedBytes: number): void {
		this.onFault?.('stalled-reader', `${queuedBytes} bytes wait`);
	}

	/** The other end hears an orderly end behind what was written, as when a process closes its socket. */
	onDestroyed(end: LinkEnd): void {
		const isDevice = end === this.deviceEnd;
		(isDevice ? this.#toDevice : this.#toBroker).kill();
		(isDevice ? this.#toBroker : this.#toDevice).end();
		if (this.deviceEnd.destroyed && this.brokerEnd.destroyed) this.#state = 'closed';
	}

	#goSilent(detail: string): void {
		if (this.#state !== 'up') return;
		this.#state = 'silent';
		this.#toDevice.kill();
		this.#toBroker.kill();
		this.onFault?.('link-half-open', detail);
	}

	#reset(detail: string): void {
		if (this.#state === 'resetting' || this.#state === 'closed') return;
		this.#state = 'resetting';
		const { latencyMs } = this.#toDevice.wire.conditions;
		this.#toDevice.kill();
		this.#toBroker.kill();
		this.onFault?.('link-reset', detail);
		if (latencyMs === 0) process.nextTick(failEnds, this);
		else this.#clock.after(latencyMs, () => failEnds(this));
	}
}

const failEnds = ({ deviceEnd, brokerEnd }: Link): void => {
	for (const end of [deviceEnd, brokerEnd]) end.destroy(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET', syscall: 'read' }));
};
