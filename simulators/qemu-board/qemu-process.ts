import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';

export interface QemuProcessOptions {
	/** Program that is run. */
	readonly qemu: string;
	readonly words: readonly string[];
	/** For its sockets. */
	readonly folder: string;
	readonly onOutput: (bytes: Uint8Array) => void;
}

/** Of util-linux: what it becomes does not outlive the process that started it, whatever ended that. */
const SETPRIV = '/usr/bin/setpriv';
const DIES_WITH_PARENT = existsSync(SETPRIV) ? [SETPRIV, '--pdeathsig', 'KILL'] : [];
const CONNECT_WITHIN_MS = 10_000;
const CONNECT_EVERY_MS = 5;
const KICK_EVERY_MS = 20;
const KEPT_CHARACTERS = 2000;

interface Question {
	readonly resolve: (value: unknown) => void;
	readonly reject: (error: Error) => void;
}

/** One QEMU from its start to its end. Its processor stands still until it is told `cont`. */
export class QemuProcess {
	/** Resolves when it is gone, with the last it said on its standard error. */
	readonly ended: Promise<string>;
	readonly gdbPath: string;
	readonly #child: ChildProcess;
	readonly #consolePath: string;
	readonly #controlPath: string;
	readonly #onOutput: QemuProcessOptions['onOutput'];
	readonly #questions = new Map<number, Question>();
	#console: Socket | null = null;
	#control: Socket | null = null;
	#kick: NodeJS.Timeout | undefined;
	#isOver = false;
	#asked = 0;

	constructor({ qemu, words, folder, onOutput }: QemuProcessOptions) {
		[this.#consolePath, this.#controlPath, this.gdbPath] = ['console', 'control', 'gdb'].map((name) => join(folder, name)) as [string, string, string];
		for (const path of [this.#consolePath, this.#controlPath, this.gdbPath]) rmSync(path, { force: true });
		this.#onOutput = onOutput;
		const [program = qemu, ...before] = [...DIES_WITH_PARENT, qemu];
		this.#child = spawn(
			program,
			[
				...before,
				...['-S', '-nodefaults', '-no-user-config', '-display', 'none', ...words],
				...['-chardev', `socket,id=console,path=${this.#consolePath},server=on,wait=off`, '-serial', 'chardev:console'],
				...['-chardev', `socket,id=gdb,path=${this.gdbPath},server=on,wait=off`, '-gdb', 'chardev:gdb'],
				...['-qmp', `unix:${this.#controlPath},server=on,wait=off`],
			],
			{ stdio: ['ignore', 'ignore', 'pipe'] },
		);
		let complaint = '';
		this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
			complaint = (complaint + text).slice(-KEPT_CHARACTERS);
		});
		this.ended = new Promise((resolve) => {
			this.#child.once('close', () => resolve(complaint.trim()));
			this.#child.once('error', (cause) => resolve(cause.message));
		});
		void this.ended.then(() => this.#finish());
	}

	/** Joins its console and its control. Rejects where it ends before, or takes too long. */
	async attach(): Promise<void> {
		const console = await this.#connectTo(this.#consolePath);
		this.#console = console;
		console.on('data', (bytes: Buffer) => {
			if (!this.#isOver) this.#onOutput(bytes);
		});
		const control = await this.#connectTo(this.#controlPath);
		this.#control = control;
		let rest = '';
		control.setEncoding('utf8').on('data', (text: string) => {
			const lines = (rest + text).split('\n');
			rest = lines.pop() as string;
			for (const line of lines) this.#take(line);
		});
		await this.ask('qmp_capabilities');
		// A UART that refused input when QEMU last polled is not polled again until something wakes its main loop.
		this.#kick = setInterval(() => this.tell('query-status'), KICK_EVERY_MS);
	}

	send(bytes: Uint8Array): void {
		this.#console?.write(bytes);
		this.tell('query-status');
	}

	/** Whatever it answers. */
	tell(execute: string): void {
		this.#control?.write(`${JSON.stringify({ execute })}\n`);
	}

	/** Rejects with what it says where it refuses, and where it is gone. */
	ask(execute: string, given: Readonly<Record<string, unknown>> = {}): Promise<unknown> {
		return new Promise((resolve, reject) => {
			if (this.#control === null) return reject(new Error(`QEMU: it was to be asked to ${execute}, it is gone`));
			const id = ++this.#asked;
			this.#questions.set(id, { resolve, reject });
			this.#control.write(`${JSON.stringify({ execute, arguments: given, id })}\n`);
		});
	}

	/** At once, as a supply that fails. */
	kill(): void {
		this.#child.kill('SIGKILL');
		this.#finish();
	}

	#take(line: string): void {
		const { id, return: value, error } = JSON.parse(line) as { readonly id?: number; readonly return?: unknown; readonly error?: { readonly desc: string } };
		const question = id === undefined ? undefined : this.#questions.get(id);
		if (id === undefined || question === undefined) return;
		this.#questions.delete(id);
		if (error === undefined) question.resolve(value);
		else question.reject(new Error(`QEMU: ${error.desc}`));
	}

	#finish(): void {
		this.#isOver = true;
		clearInterval(this.#kick);
		this.#console?.destroy();
		this.#control?.destroy();
		this.#control = null;
		for (const { reject } of this.#questions.values()) reject(new Error('QEMU: it is gone'));
		this.#questions.clear();
	}

	async #connectTo(path: string): Promise<Socket> {
		for (let waitedMs = 0; waitedMs < CONNECT_WITHIN_MS && !this.#isOver; waitedMs += CONNECT_EVERY_MS) {
			const socket = await new Promise<Socket | null>((resolve) => {
				const trying = connect(path, () => resolve(trying)).once('error', () => resolve(null));
			});
			if (socket !== null && !this.#isOver) return socket.on('error', () => socket.destroy());
			socket?.destroy();
			await new Promise((resolve) => setTimeout(resolve, CONNECT_EVERY_MS));
		}
		throw new Error(this.#isOver ? 'QEMU: it is gone' : `QEMU: its socket ${path} was expected within ${CONNECT_WITHIN_MS} ms`);
	}
}
