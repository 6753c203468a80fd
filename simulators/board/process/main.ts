import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { attachBoard } from './attach-board.js';
import type { BoardProcessOptions, BoardReady } from './board-options.js';

const options = JSON.parse(process.argv[2] ?? 'null') as BoardProcessOptions | null;
if (options === null) throw new TypeError('options: JSON was expected as the one argument, got nothing');
const board = await attachBoard(options, { readFile: (path) => readFileSync(path) });
const ready: BoardReady = { ready: true, tty: board.ttyPath, socket: options.lineSocketPath };
process.stdout.write(`${JSON.stringify(ready)}\n`);

/** The end of standard input is the end of the parent. */
const ended = new Promise<void>((resolve) => {
	// Ctrl-C goes to all of a terminal's processes: what becomes of the board then is for its parent to say.
	process.on('SIGINT', () => undefined);
	for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
	process.stdin.once('end', resolve).once('error', () => resolve());
	process.stdin.resume();
});
await ended;
await board[Symbol.asyncDispose]();
// Made for this board; whoever made it may be gone.
rmSync(dirname(options.lineSocketPath), { recursive: true, force: true });
process.exit(0);
