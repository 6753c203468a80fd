import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { machineOf, type QemuMachine } from './machines.js';

export interface QemuMachineOptions {
	readonly machine: QemuMachine;
	/** Its flash, and the sockets of a QEMU that runs. */
	readonly folder: string;
	readonly onOutput: (bytes: Uint8Array) => void;
	readonly onFault: (message: string) => void;
}

const CONNECT_WITHIN_MS = 10_000;
const CONNECT_EVERY_MS = 5;
const KICK_EVERY_MS = 20;
const KEPT_CHARACTERS = 2000;

/** One emulated machine: powered is a QEMU that runs, unpowered is none. */
export class QemuMachineRun {
	readonly #options: QemuMachineOptions;
	#child: ChildProcess | null = null;
	#console: Socket | null = null;
	#control: Socket | null = null;
	#ended: Promise<void> = Promise.resolve();
	#isHeld = false;
	#cutsOn: string | null = null;
	/** The end of what was said, as long as the text that is waited for. */
	#tail = '';

	constructor(options: QemuMachineOptions) {
		this.#options = options;
	}

	get isPowered(): boolean {
		return this.#child !== null;
	}

	get isHeld(): boolean {
		return this.#isHeld;
	}

	setPower(on: boolean): void {
		if (on === this.isPowered) return;
		if (on) this.#start();
		else this.#kill();
	}

	/** The supply fails once, as soon as the console has said that. */
	cutOn(text: string): void {
		if (text === '') throw new RangeError('text: some text was expected, got none');
		this.#cutsOn = text;
		this.#tail = '';
	}

	/** Held, the processor stands still; let go, it begins anew. */
	setReset(held: boolean): void {
		if (held === this.#isHeld) return;
		this.#isHeld = held;
		if (held) this.#tell('stop');
		else for (const order of ['system_reset', 'cont']) this.#tell(order);
	}

	/** Lost without power, and in reset. */
	receive(bytes: Uint8Array): void {
		if (this.#isHeld) return;
		this.#console?.write(bytes);
		this.#tell('query-status');
	}

	async stop(): Promise<void> {
		this.#kill();
		await this.#ended;
	}

	#start(): void {
		const { machine, folder } = this.#options;
		const consolePath = join(folder, 'console');
		const controlPath = join(folder, 'control');
		for (const path of [consolePath, controlPath]) rmSync(path, { force: true });
		const { program, arguments: argumentsFor } = machineOf(machine);
		const child = spawn(
			program(),
			[
				...['-nodefaults', '-no-user-config', '-display', 'none', ...argumentsFor(folder)],
				...['-chardev', `socket,id=c,path=${consolePath},server=on,wait=on`, '-serial', 'chardev:c'],
				...['-qmp', `unix:${controlPath},server=on,wait=off`],
			],
			{ stdio: ['ignore', 'ignore', 'pipe'] },
		);
		this.#child = child;
		let complaint = '';
		child.stderr.setEncoding('utf8').on('data', (text: string) => {
			complaint = (complaint + text).slice(-KEPT_CHARACTERS);
		});
		this.#ended = new Promise((resolve) => {
			child.once('close', () => resolve());
			child.once('error', () => resolve());
		});
		void this.#ended.then(() => {
			if (this.#child !== child) return;
			this.#forget();
			this.#options.onFault(`${program()} ended by itself: ${complaint.trim()}`);
		});
		void this.#attach(child, { consolePath, controlPath });
	}

	/** The machine waits for its console to be there, so that no byte of its boot is lost. */
	async #attach(child: ChildProcess, { consolePath, controlPath }: { readonly consolePath: string; readonly controlPath: string }): Promise<void> {
		const isCurrent = () => this.#child === child;
		const console = await connectTo(consolePath, isCurrent);
		console?.on('data', (bytes: Buffer) => {
			if (!isCurrent()) return;
			this.#options.onOutput(bytes);
			this.#cutWhereAsked(bytes);
		});
		const control = await connectTo(controlPath, isCurrent);
		if (!isCurrent() || console === null || control === null) {
			console?.destroy();
			control?.destroy();
			if (isCurrent()) this.#options.onFault(`QEMU: its sockets within ${CONNECT_WITHIN_MS} ms were expected`);
			return;
		}
		this.#console = console;
		this.#control = control;
		control.resume();
		this.#tell('qmp_capabilities');
		if (this.#isHeld) this.#tell('stop');
		// A UART that refused input when QEMU last polled is not polled again until something wakes its main loop.
		const kick = setInterval(() => this.#tell('query-status'), KICK_EVERY_MS);
		control.once('close', () => clearInterval(kick));
	}

	#cutWhereAsked(bytes: Buffer): void {
		const text = this.#cutsOn;
		if (text === null) return;
		const said = this.#tail + bytes.toString('latin1');
		this.#tail = said.slice(-text.length);
		if (!said.includes(text)) return;
		this.#cutsOn = null;
		this.#kill();
	}

	#tell(execute: string): void {
		this.#control?.write(`${JSON.stringify({ execute })}\n`);
	}

	#kill(): void {
		this.#child?.kill('SIGKILL');
		this.#forget();
	}

	#forget(): void {
		this.#console?.destroy();
		this.#control?.destroy();
		this.#child = null;
		this.#console = null;
		this.#control = null;
	}
}

/** Null where it was no longer wanted, or took too long. */
const connectTo = async (path: string, isWanted: () => boolean): Promise<Socket | null> => {
	for (let waitedMs = 0; waitedMs < CONNECT_WITHIN_MS && isWanted(); waitedMs += CONNECT_EVERY_MS) {
		const socket = await new Promise<Socket | null>((resolve) => {
			const trying = connect(path, () => resolve(trying)).once('error', () => resolve(null));
		});
		if (socket !== null) return socket.on('error', () => socket.destroy());
		await new Promise((resolve) => setTimeout(resolve, CONNECT_EVERY_MS));
	}
	return null;
};
