import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { attachBoard } from './attach-board.js';
import type { BoardProcessOptions } from './board-options.js';
import { readProcessOptions, serveParent } from './serve-parent.js';

const options = readProcessOptions<BoardProcessOptions>();
const board = await attachBoard(options, { readFile: (path) => readFileSync(path) });
await serveParent({ tty: board.ttyPath, socket: options.lineSocketPath });
await board[Symbol.asyncDispose]();
// Made for this board; whoever made it may be gone.
rmSync(dirname(options.lineSocketPath), { recursive: true, force: true });
process.exit(0);
