import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BoardProcessOptions, BoardReady } from './process/board-options.js';

export interface VirtualBoardOptions {
	/** Its serial number too: up to 16 characters of ASCII. */
	readonly name: string;
	/** Where flash and EEPROM are kept; made as from the factory where there is none. Default: a file that goes with the board. */
	readonly stateFile?: string;
	/** Of what cuts leave of an operation; 1 by default. */
	readonly seed?: number;
	/** `boot`, one of those broken on purpose (`boot-record-early`, `boot-no-journal`), or the path of an Intel HEX file. */
	readonly bootloader?: string;
	/** Path of the image it leaves the factory with; golden by default. */
	readonly image?: string;
}

export interface VirtualBoard extends AsyncDisposable {
	readonly name: string;
	readonly ttyPath: string;
	/** A chip of lines (`harness/protocols/line-socket`): POWER, RESET, SENSE. */
	readonly lineSocketPath: string;
	readonly stateFile: string;
	readonly pid: number;
	/** Resolves when its process is gone, whatever ended it, with the last it said on its standard error. */
	readonly ended: Promise<string>;
}

const READY_WITHIN_MS = 15_000;
const END_WITHIN_MS = 3000;
const KEPT_CHARACTERS = 4096;
const MAIN = fileURLToPath(new URL('process/main.js', import.meta.url));

/** Starts a board in a process of its own, without power. Rejects with what the process said where it does not come up. */
export const openVirtualBoard = async (options: VirtualBoardOptions): Promise<VirtualBoard> => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-board-'));
	const stateFile = resolve(options.stateFile ?? join(folder, 'state'));
	const told: BoardProcessOptions = {
		name: options.name,
		stateFile,
		lineSocketPath: join(folder, 'lines'),
		seed: options.seed ?? 1,
		bootloader: options.bootloader ?? 'boot',
		...(options.image === undefined ? {} : { image: resolve(options.image) }),
	};
	const child = spawn(process.execPath, [MAIN, JSON.stringify(told)], { stdio: ['pipe', 'pipe', 'pipe'] });
	let complaint = '';
	child.stderr.setEncoding('utf8').on('data', (text: string) => {
		complaint = (complaint + text).slice(-KEPT_CHARACTERS);
	});
	child.stdin.on('error', () => {});
	const ended = new Promise<string>((settle) => {
		child.once('close', () => settle(complaint));
		child.once('error', (cause) => settle(cause.message));
	});
	const end = async () => {
		child.stdin.end();
		const timer = setTimeout(() => child.kill('SIGKILL'), END_WITHIN_MS);
		await ended;
		clearTimeout(timer);
		rmSync(folder, { recursive: true, force: true });
	};
	const ready = await Promise.race([firstLine(child.stdout), ended.then(() => null), afterMs(READY_WITHIN_MS)]);
	if (ready === null) {
		await end();
		throw new Error(`virtual board ${options.name}: ready within ${READY_WITHIN_MS} ms was expected, got ${JSON.stringify(complaint.trim())}`);
	}
	const { tty, socket } = JSON.parse(ready) as BoardReady;
	return {
		name: options.name,
		ttyPath: tty,
		lineSocketPath: socket,
		stateFile,
		pid: child.pid as number,
		ended,
		[Symbol.asyncDispose]: end,
	};
};

const firstLine = (stream: NodeJS.ReadableStream): Promise<string> =>
	new Promise((settle) => {
		let text = '';
		stream.setEncoding('utf8');
		stream.on('data', (chunk: string) => {
			text += chunk;
			if (text.includes('\n')) settle(text.slice(0, text.indexOf('\n')));
		});
	});

const afterMs = (delayMs: number): Promise<null> =>
	new Promise((settle) => {
		setTimeout(settle, delayMs, null).unref();
	});
