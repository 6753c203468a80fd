import { isFlashArea, manufacture, program, readSerial } from '../factory.js';
import { BOARD_BOOTLOADERS, type BoardBootloader, readApplication, readBootloader } from '../firmware-files.js';
import { buildImage } from '../image.js';
import { type HexRun, parseIntelHex } from '../intel-hex.js';
import { GOLDEN } from '../releases.js';
import type { BoardProcessOptions } from './board-options.js';
import type { BoardRequest } from './board-socket.js';
import { linesOf, openLineChip } from './line-chip.js';
import { LiveBoard } from './live-board.js';
import { openPseudoTerminal } from './pseudo-terminal.js';
import { readStateFile, writeStateFile } from './state-file.js';

/** In the datasheet's section 27.3. */
const SIGNATURE = '1e950f';

/** A board in this process: its tty, its lines, its state in a file at every loss of power and at the end. */
export const attachBoard = async (
	options: BoardProcessOptions,
	{ readFile }: { readonly readFile: (path: string) => Uint8Array },
): Promise<{ readonly ttyPath: string } & AsyncDisposable> => {
	const bootloader = bootloaderOf(options.bootloader, readFile);
	const memory = readStateFile(options.stateFile) ?? manufacture({ bootloader, image: imageOf(options.image, readFile), serial: options.name });
	const save = () => writeStateFile(options.stateFile, memory);
	save();
	const terminal = await openPseudoTerminal({ onReceive: (bytes) => board.receive(bytes) });
	const board = new LiveBoard({
		memory,
		seed: options.seed,
		onOutput: (bytes) => terminal.send(bytes),
		onUnpowered: save,
		onChipError: (error) => process.stderr.write(`${options.name}: ${(error as Error).message}\n`),
	});

	const assertHeld = () => {
		if (!board.isPowered) throw new Error('power was expected, the board has none');
		if (!board.isHeld) throw new Error('RESET was expected to be held, the board runs');
	};
	const onRequest = (request: Exclude<BoardRequest, { readonly line: string }>) => {
		switch (request.op) {
			case 'identify':
				assertHeld();
				return { signature: SIGNATURE, serial: readSerial(memory) };
			case 'program': {
				assertHeld();
				if (!isFlashArea(request.area)) throw new RangeError(`area: golden, primary or secondary was expected, got ${JSON.stringify(request.area)}`);
				const image = Buffer.from(request.image, 'base64');
				program(memory, { area: request.area, image, bootloader });
				save();
				return { bytes: image.length };
			}
			case 'cut-at':
				board.cutAt(request.cycles);
				return {};
			case 'status':
				return {
					powered: board.isPowered,
					held: board.isHeld,
					cycles: board.cycles,
					slippedMs: board.slippedMs,
					lostBytes: terminal.lostBytes,
					cpuMs: cpuMs(),
				};
			default:
				throw new TypeError(`op: a request of the board's socket was expected, got ${JSON.stringify((request as { op?: unknown }).op)}`);
		}
	};
	const chip = await openLineChip({ path: options.lineSocketPath, lines: linesOf(board), onRequest });
	return {
		ttyPath: terminal.path,
		async [Symbol.asyncDispose]() {
			board.stop();
			save();
			await chip[Symbol.asyncDispose]();
			await terminal[Symbol.asyncDispose]();
		},
	};
};

const cpuMs = (): number => {
	const { user, system } = process.cpuUsage();
	return (user + system) / 1000;
};

const bootloaderOf = (name: string, readFile: (path: string) => Uint8Array): readonly HexRun[] =>
	(BOARD_BOOTLOADERS as readonly string[]).includes(name) ? readBootloader(name as BoardBootloader) : parseIntelHex(new TextDecoder().decode(readFile(name)));

const imageOf = (path: string | undefined, readFile: (path: string) => Uint8Array): Uint8Array =>
	path === undefined ? buildImage(readApplication(GOLDEN.application), GOLDEN) : readFile(path);
