import type { CommandModule } from 'yargs';
import type { CheckStep } from '../../../rigs/check/index.js';
import type { BoardSpec } from '../../../rigs/rig-file/index.js';
import { type Output, printResult } from '../image/index.js';
import { formatStep } from './check-command.js';
import { chooseRig } from './choose-rig.js';
import { type Bench, openBench } from './open-bench.js';
import { chooseBoard, declareJson, declareRig, type RigArguments } from './rig-arguments.js';

interface RepairArguments extends RigArguments {
	readonly board: string;
	readonly json: boolean;
}

const RIG_FAULT = 3;

/** `rig repair`: brings a board that is marked broken to its golden image, checks it, and lets it be had again where both went well. */
export const createRepairCommand = (output: Output, { directory }: { readonly directory: string }): CommandModule<object, RepairArguments> => ({
	command: 'repair <board>',
	describe: 'Bring a board that is marked broken to its golden image, check it, and clear the mark: 0 good, 3 it stays broken',
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
		// Golden first: a board that lies dead may need nothing else.
		const isRestored = await restore(bench, { spec, say });
		const steps = await inspect(bench, { spec, say });
		const isGood = isRestored && !steps.some(({ state }) => state === 'wrong');
		if (isGood) clearBroken(name);
		const text = isGood
			? `${spec.name}: good${mark === undefined ? '' : ', its mark is cleared'}`
			: `${spec.name}: not good${mark === undefined ? '' : ', it stays marked broken'}`;
		printResult(output, { asJson: json, data: { board: spec.name, wasBroken: mark ?? null, isGood, isRestored, steps }, text });
		output.setExitCode(isGood ? 0 : RIG_FAULT);
	},
});

interface RepairOptions {
	readonly spec: BoardSpec;
	readonly say: (text: string) => void;
}

/** Takes the board for no longer than it is looked at. */
const inspect = async (bench: Bench, { spec, say }: RepairOptions): Promise<readonly CheckStep[]> => {
	await using parts = await bench.open(spec, { evenBroken: true });
	const { checkBoard } = await import('../../../rigs/check/index.js');
	const steps: CheckStep[] = [];
	for await (const step of checkBoard(spec, parts)) {
		steps.push(step);
		say(formatStep(step));
	}
	return steps;
};

const restore = async (bench: Bench, { spec, say }: RepairOptions): Promise<boolean> => {
	try {
		say(`  ${await bench.restore(spec)}`);
		return true;
	} catch (error) {
		say(`  golden does not run: ${(error as Error).message}`);
		return false;
	}
};
