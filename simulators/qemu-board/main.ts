import { mkdirSync } from 'node:fs';
import type { LineRequest } from '../../harness/protocols/line-socket/index.js';
import { isFlashArea } from '../board/factory.js';
import type { BoardRequest } from '../board/process/board-socket.js';
import { type ChipAnswer, linesOf, openLineChip } from '../board/process/line-chip.js';
import { openPseudoTerminal } from '../board/process/pseudo-terminal.js';
import { readProcessOptions, serveParent } from '../board/process/serve-parent.js';
import { machineOf } from './machines.js';
import type { QemuBoardProcessOptions } from './process-options.js';
import { QemuMachineRun } from './qemu-machine.js';

const options = readProcessOptions<QemuBoardProcessOptions>();
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

const chip = await openLineChip({ path: lineSocketPath, lines: linesOf(machine), onRequest: carryOut });
await serveParent({ tty: terminal.path, socket: lineSocketPath });
await machine.stop();
await chip[Symbol.asyncDispose]();
await terminal[Symbol.asyncDispose]();
process.exit(0);
