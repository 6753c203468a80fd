import { mkdirSync } from 'node:fs';
import { openLineChip } from '../board/process/line-chip.js';
import { openPseudoTerminal } from '../board/process/pseudo-terminal.js';
import { machineOf, type QemuMachine } from './machines.js';
import { QemuMachineRun } from './qemu-machine.js';

/** What the process is told, as JSON in its one argument. */
export interface QemuBoardProcessOptions {
	readonly name: string;
	readonly machine: QemuMachine;
	readonly stateFolder: string;
	readonly lineSocketPath: string;
}

const options = JSON.parse(process.argv[2] ?? 'null') as QemuBoardProcessOptions | null;
if (options === null) throw new TypeError('options: JSON was expected as the one argument, got nothing');
mkdirSync(options.stateFolder, { recursive: true });
machineOf(options.machine).manufacture(options.stateFolder);
const terminal = await openPseudoTerminal({ onReceive: (bytes) => machine.receive(bytes) });
const machine = new QemuMachineRun({
	machine: options.machine,
	folder: options.stateFolder,
	onOutput: (bytes) => terminal.send(bytes),
	onFault: (message) => process.stderr.write(`${options.name}: ${message}\n`),
});
const chip = await openLineChip({
	path: options.lineSocketPath,
	lines: {
		POWER: { undriven: false, drive: (level) => machine.setPower(level), level: () => machine.isPowered },
		RESET: { undriven: true, isOpenDrain: true, drive: (level) => machine.setReset(!level), level: () => !machine.isHeld },
		SENSE: { undriven: false, level: () => machine.isPowered },
	},
	onRequest: (request) => {
		const { op } = request;
		if (op === 'cut-on') {
			machine.cutOn(request.text);
			return {};
		}
		if (op === 'status') return { powered: machine.isPowered, held: machine.isHeld, lostBytes: terminal.lostBytes };
		throw new TypeError(`op: request, set, get, cut-on or status was expected, got ${JSON.stringify(op)}`);
	},
});
process.stdout.write(`${JSON.stringify({ ready: true, tty: terminal.path, socket: options.lineSocketPath })}\n`);

await new Promise<void>((resolve) => {
	for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.once(signal, () => resolve());
	process.stdin.once('end', resolve).once('error', () => resolve());
	process.stdin.resume();
});
await machine.stop();
await chip[Symbol.asyncDispose]();
await terminal[Symbol.asyncDispose]();
process.exit(0);
