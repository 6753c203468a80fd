import { constants, openSync } from 'node:fs';
import type { Socket } from 'node:net';
import { ReadStream } from 'node:tty';

/** The far end of a kernel tty that serial drivers open. */
export interface PseudoTerminal extends AsyncDisposable {
	readonly path: string;
	/** Sends towards whoever has the tty open; bytes beyond what an adapter would keep are lost, and counted. */
	send(bytes: Uint8Array): void;
	readonly lostBytes: number;
}

/** What is kept for a reader that does not come: the kernel's own buffer comes on top. */
const KEPT_BYTES = 1 << 16;

/** What `open` of the package gives: it leaves out what a terminal of a process has. */
interface OpenedPair {
	readonly _master: Socket;
	readonly _slave: Socket;
	readonly _pty: string;
}

/** Opens a pair: raw, without echo, its near end held open so that drivers come and go. Rejects where the package has no binary for this platform. */
export const openPseudoTerminal = async ({ onReceive }: { readonly onReceive: (bytes: Uint8Array) => void }): Promise<PseudoTerminal> => {
	const { default: package_ } = (await import('@lydell/node-pty')) as unknown as { default: { open(options: { encoding: null }): OpenedPair } };
	const { _master: master, _slave: slave, _pty: path } = package_.open({ encoding: null });
	const held = openSync(path, constants.O_RDWR | constants.O_NOCTTY);
	// The package would read here what is meant for drivers.
	slave.destroy();
	const settings = new ReadStream(held);
	settings.setRawMode(true);
	master.on('data', onReceive);
	let lostBytes = 0;
	return {
		path,
		send(bytes) {
			if (master.writableLength + bytes.length > KEPT_BYTES) lostBytes += bytes.length;
			else master.write(bytes);
		},
		get lostBytes() {
			return lostBytes;
		},
		async [Symbol.asyncDispose]() {
			master.destroy();
			settings.destroy();
		},
	};
};
