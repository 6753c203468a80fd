import type { CommandModule } from 'yargs';
import { type Output, printResult } from '../image/index.js';
import { formatStep } from './check-command.js';
import { chooseRig } from './choose-rig.js';
import { openBench } from './open-bench.js';
import { chooseBoard, declareJson, declareRig, type RigArguments } from './rig-arguments.js';

interface RepairArguments extends RigArguments {
	readonly board: string;
	readonly json: boolean;
}

const RIG_FAULT = 3;

/** `rig repair`: checks a board that is marked broken, and lets it be had again where it is good. */
export const createRepairCommand = (output: Output, { directory }: { readonly directory: string }): CommandModule<object, RepairArguments> => ({
	command: 'repair <board>',
	describe: 'Check a board that is marked broken, and clear the mark where it is good: 0 good, 3 it stays broken',
	builder: (yargs) =>
		declareJson(declareRig(yargs))
			.positional('board', { type: 'string', demandOption: true, describe: 'Name of the board' })
			.example('$0 rig repair esp-1', 'After its wire was put back'),
	handler: async ({ rig: typed, board, json }) => {
		const { rig, why } = await chooseRig(typed, { directory });
		const spec = chooseBoard(rig, board);
		const say = (text: string): void => (json ? output.printAside : output.print)(text);
		if (why !== undefined) say(why);
		const { clearBroken, readBroken } = await import('../../../rigs/leases/index.js');
		const name = { rig: rig.name, board: spec.name };
		const mark = readBroken(name);
		say(mark === undefined ? `${spec.name}: not marked broken` : `${spec.name}: marked broken since ${mark.since}: ${mark.reason}`);
		await using bench = await openBench(rig, { boards: [spec], purpose: 'blackstart rig repair', say });
		await using parts = await bench.open(spec, { evenBroken: true });
		const { checkBoard } = await import('../../../rigs/check/index.js');
		const steps = [];
		for await (const step of checkBoard(spec, parts)) {
			steps.push(step);
			say(formatStep(step));
		}
		const isGood = !steps.some(({ state }) => state === 'wrong');
		if (isGood) clearBroken(name);
		const text = isGood
			? `${spec.name}: good${mark === undefined ? '' : ', its mark is cleared'}`
			: `${spec.name}: not good${mark === undefined ? '' : ', it stays marked broken'}`;
		printResult(output, { asJson: json, data: { board: spec.name, wasBroken: mark ?? null, isGood, steps }, text });
		output.setExitCode(isGood ? 0 : RIG_FAULT);
	},
});
