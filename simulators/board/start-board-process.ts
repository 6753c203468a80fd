import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BoardReady } from './process/board-options.js';

/** A board in a process of its own. Its end is the end of the process, which does not outlive its parent. */
export interface BoardProcess extends AsyncDisposable {
	readonly name: string;
	readonly ttyPath: string;
	/** A chip of lines (`harness/protocols/line-socket`): POWER, RESET, SENSE. */
	readonly lineSocketPath: string;
	readonly pid: number;
	/** Resolves when its process is gone, whatever ended it, with the last it said on its standard error. */
	readonly ended: Promise<string>;
}

const READY_WITHIN_MS = 15_000;
const END_WITHIN_MS = 3000;
const KEPT_CHARACTERS = 4096;

/** `options`: what the process is told as JSON, made for a folder that goes with it. Rejects with what the process said where it does not come up. */
export const startBoardProcess = async (
	name: string,
	{ main, options }: { readonly main: string; readonly options: (folder: string) => object },
): Promise<BoardProcess> => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-board-'));
	const child = spawn(process.execPath, [main, JSON.stringify(options(folder))], { stdio: ['pipe', 'pipe', 'pipe'] });
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
		throw new Error(`virtual board ${name}: ready within ${READY_WITHIN_MS} ms was expected, got ${JSON.stringify(complaint.trim())}`);
	}
	const { tty, socket } = JSON.parse(ready) as BoardReady;
	return { name, ttyPath: tty, lineSocketPath: socket, pid: child.pid as number, ended, [Symbol.asyncDispose]: end };
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
