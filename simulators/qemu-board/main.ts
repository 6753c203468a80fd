import { mkdirSync } from 'node:fs';
import type { LineRequest } from '../../harness/protocols/line-socket/index.js';
import { isFlashArea } from '../board/factory.js';
import type { BoardReady } from '../board/process/board-options.js';
import type { BoardRequest } from '../board/process/board-socket.js';
import { type ChipAnswer, openLineChip } from '../board/process/line-chip.js';
import { openPseudoTerminal } from '../board/process/pseudo-terminal.js';
import { machineOf } from './machines.js';
import type { QemuBoardProcessOptions } from './process-options.js';
import { QemuMachineRun } from './qemu-machine.js';

const options = JSON.parse(process.argv[2] ?? 'null') as QemuBoardProcessOptions | null;
if (options === null) throw new TypeError('options: JSON was expected as the one argument, got nothing');
const { name, stateFolder, lineSocketPath, qemu } = options;
mkdirSync(stateFolder, { recursive: true });
const hardware = machineOf(options.machine).createHardware({ folder: stateFolder, build: options.build, firmware: options.firmware });
hardware.manufacture();
const terminal = await openPseudoTerminal({ onReceive: (bytes) => machine.receive(bytes) });
const machine = new QemuMachineRun({
	qemu,
	hardware,
	folder: stateFolder,
	onOutput: (bytes) => terminal.send(bytes),
	onFault: (message) => process.stderr.write(`${name}: ${message}\n`),
});

const carryOut = (request: Exclude<BoardRequest, LineRequest>): ChipAnswer | Promise<ChipAnswer> => {
	switch (request.op) {
		case 'cut-on':
			machine.cutOn(request.text);
			return {};
		case 'identify':
			machine.assertHeld();
			return { signature: hardware.signature, serial: name.slice(0, 16) };
		case 'program': {
			if (!isFlashArea(request.area)) throw new RangeError(`area: golden, primary or secondary was expected, got ${JSON.stringify(request.area)}`);
			const image = Buffer.from(request.image, 'base64');
			return machine.program(request.area, image).then(() => ({ bytes: image.length }));
		}
		case 'status':
			return { powered: machine.isPowered, held: machine.isHeld, lostBytes: terminal.lostBytes };
		default:
			throw new TypeError(`op: request, set, get, cut-on, identify, program or status was expected, got ${JSON.stringify(request.op)}`);
	}
};

const chip = await openLineChip({
	path: lineSocketPath,
	lines: {
		POWER: { undriven: false, drive: (level) => machine.setPower(level), level: () => machine.isPowered },
		RESET: { undriven: true, isOpenDrain: true, drive: (level) => machine.setReset(!level), level: () => !machine.isHeld },
		SENSE: { undriven: false, level: () => machine.isPowered },
	},
	onRequest: carryOut,
});
const ready: BoardReady = { ready: true, tty: terminal.path, socket: lineSocketPath };
process.stdout.write(`${JSON.stringify(ready)}\n`);

/** The end of standard input is the end of the parent. */
await new Promise<void>((resolve) => {
	// Ctrl-C goes to all of a terminal's processes: what becomes of the board then is for its parent to say.
	process.on('SIGINT', () => undefined);
	for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
	process.stdin.once('end', resolve).once('error', () => resolve());
	process.stdin.resume();
});
await machine.stop();
await chip[Symbol.asyncDispose]();
await terminal[Symbol.asyncDispose]();
process.exit(0);
