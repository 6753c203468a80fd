import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { LineRequest } from '../../harness/protocols/line-socket/index.js';
import type { BoardRequest } from '../board/process/board-socket.js';
import { type ChipAnswer, linesOf, openLineChip } from '../board/process/line-chip.js';
import { openPseudoTerminal } from '../board/process/pseudo-terminal.js';
import { readProcessOptions, serveParent } from '../board/process/serve-parent.js';
import { manufacture, overwriteSlots } from './factory.js';
import { readMemoryFile, writeMemoryFile } from './kept-memory.js';
import { PoweredBoard } from './powered-board.js';
import type { NetworkedBoardProcessOptions } from './process-options.js';
import { NETWORKED_PROFILE } from './profile.js';

const options = readProcessOptions<NetworkedBoardProcessOptions>();
const { name, seed, stateFile, lineSocketPath } = options;
const memory = readMemoryFile(stateFile) ?? manufacture({ name, ...(options.image === undefined ? {} : { image: readFileSync(options.image) }) });
const save = (): void => writeMemoryFile(stateFile, memory);
save();
const terminal = await openPseudoTerminal({ onReceive: (bytes) => board.receive(bytes) });
const board = new PoweredBoard({ name, memory, seed, onOutput: (bytes) => terminal.send(bytes), onUnpowered: save });

const assertHeld = (): void => {
	if (!board.isPowered) throw new Error('power was expected, the board has none');
	if (!board.isHeld) throw new Error('RESET was expected to be held, the board runs');
};

const program = (area: string, image: Uint8Array): ChipAnswer => {
	const { largestImageBytes } = NETWORKED_PROFILE;
	if (image.length > largestImageBytes) throw new RangeError(`image: at most ${largestImageBytes} bytes were expected, got ${image.length}`);
	if (area === 'golden') {
		const made = manufacture({ name, image });
		memory.flash.set(made.flash);
	} else if (area === 'primary') overwriteSlots(memory, image);
	else throw new RangeError(`area: golden or primary was expected, got ${JSON.stringify(area)}`);
	save();
	return { bytes: image.length };
};

const carryOut = (request: Exclude<BoardRequest, LineRequest>): ChipAnswer => {
	switch (request.op) {
		case 'identify':
			assertHeld();
			return { signature: 'networked', serial: name.slice(0, 16) };
		case 'program':
			assertHeld();
			return program(request.area, Buffer.from(request.image, 'base64'));
		case 'status':
			return { powered: board.isPowered, held: board.isHeld, lostBytes: terminal.lostBytes };
		default:
			throw new TypeError(`op: request, set, get, identify, program or status was expected, got ${JSON.stringify(request.op)}`);
	}
};

const chip = await openLineChip({ path: lineSocketPath, lines: linesOf(board), onRequest: carryOut });
await serveParent({ tty: terminal.path, socket: lineSocketPath });
board.stop();
await chip[Symbol.asyncDispose]();
await terminal[Symbol.asyncDispose]();
// Made for this board; whoever made it may be gone.
rmSync(dirname(lineSocketPath), { recursive: true, force: true });
process.exit(0);
