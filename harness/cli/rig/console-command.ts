import type { CommandModule } from 'yargs';
import type { Output } from '../image/index.js';
import { bridgeConsole } from './bridge-console.js';
import { chooseRig } from './choose-rig.js';
import { openBench } from './open-bench.js';
import { chooseBoard, declareRig, type RigArguments } from './rig-arguments.js';

interface ConsoleArguments extends RigArguments {
	readonly board: string;
	readonly power: boolean;
}

/** `rig console`: the terminal is the board's until Ctrl-]; a pipe is sent to its end. */
export const createConsoleCommand = (output: Output, { directory }: { readonly directory: string }): CommandModule<object, ConsoleArguments> => ({
	command: 'console <board>',
	describe: 'Talk to a board on its console; Ctrl-] leaves',
	builder: (yargs) =>
		declareRig(yargs)
			.positional('board', { type: 'string', demandOption: true, describe: 'Name of the board' })
			.option('power', { type: 'boolean', default: true, describe: 'Power it first, and leave it safe at the end; --no-power leaves its supply alone' })
			.example('$0 rig console virtual-1', 'All keys go to the board, Ctrl-C too; Ctrl-] leaves')
			.example('echo version | $0 rig console esp-1', 'Sends it once the board has booted, prints what it says until it is quiet')
			.epilogue('What the board says goes to standard output, all else to standard error.'),
	handler: async ({ rig: typed, board, power: isPowered }) => {
		const { rig, why } = await chooseRig(typed, { directory });
		const spec = chooseBoard(rig, board);
		if (why !== undefined) output.printAside(why);
		await using bench = await openBench(rig, { boards: [spec], purpose: 'blackstart rig console', say: output.printAside });
		await using parts = await bench.open(spec, { leaves: isPowered ? 'safe' : 'untouched' });
		const isTerminal = process.stdin.isTTY === true;
		if (isTerminal) output.printAside(`${spec.name}: Ctrl-] leaves`);
		const from = parts.console.mark();
		if (isPowered && parts.power !== undefined) await parts.power.cycle();
		await bridgeConsole(parts.console, {
			spec,
			from,
			input: process.stdin,
			write: (text) => void process.stdout.write(text),
			awaitsBoot: isPowered && !isTerminal,
		});
	},
});
