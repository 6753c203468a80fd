import { once } from 'node:events';
import { closeSync, constants, openSync, writeSync } from 'node:fs';
import type { ReadStream } from 'node:tty';
import * as nodePty from '@lydell/node-pty';

/** What node-pty's `open()` gives; its types know `spawn` alone. */
interface PtyPair {
	readonly master: ReadStream;
	readonly slave: ReadStream;
	readonly ptsName: string;
	/** Of the master. */
	readonly fd: number;
}

/** The device's side of a real kernel tty; dies as an adapter that is unplugged. */
export interface FarEnd {
	readonly path: string;
	/** All bytes that were sent to the device. */
	readonly heard: () => Buffer;
	write(bytes: string | Uint8Array): void;
	onBytes(listener: (bytes: Buffer) => void): void;
	die(): Promise<void>;
}

export const openFarEnd = (): FarEnd => {
	const { master, slave, ptsName, fd } = (nodePty as unknown as { open(options: object): PtyPair }).open({ encoding: null });
	// The pty lives while this side is open; node-pty's own stream on it would take bytes away from the driver.
	const held = openSync(ptsName, constants.O_RDWR | constants.O_NOCTTY);
	slave.destroy();
	// Not by `master`, whose writes stop this process, and with it the driver that should read them, once the tty is full.
	const queue: Buffer[] = [];
	let pumping = false;
	const pump = (): void => {
		pumping = false;
		for (let next = queue[0]; next !== undefined && !master.destroyed; next = queue[0]) {
			const written = writeSome(fd, next);
			if (written === next.length) queue.shift();
			else queue[0] = next.subarray(written);
			if (written === 0) {
				pumping = true;
				setTimeout(pump, 1);
				return;
			}
		}
	};
	const heard: Buffer[] = [];
	const listeners: ((bytes: Buffer) => void)[] = [];
	master.on('error', () => undefined);
	master.on('data', (bytes: Buffer) => {
		heard.push(bytes);
		for (const listener of listeners) listener(bytes);
	});
	return {
		path: ptsName,
		heard: () => Buffer.concat(heard),
		write: (bytes) => {
			queue.push(Buffer.from(bytes));
			if (!pumping) pump();
		},
		onBytes: (listener) => void listeners.push(listener),
		die: async () => {
			if (master.destroyed) return;
			closeSync(held);
			const closed = once(master, 'close');
			master.destroy();
			await closed;
		},
	};
};

const writeSome = (fd: number, bytes: Buffer): number => {
	try {
		return writeSync(fd, bytes);
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'EAGAIN') return 0;
		throw error;
	}
};
