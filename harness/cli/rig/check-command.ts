import type { CommandModule } from 'yargs';
import type { CheckStep } from '../../../rigs/check/index.js';
import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import { once } from '../audit/index.js';
import { type Output, printResult } from '../image/index.js';
import { readRigFile } from './choose-rig.js';
import { type Bench, openBench } from './open-bench.js';
import { chooseBoard, declareJson } from './rig-arguments.js';

interface CheckArguments {
	readonly file: string;
	readonly board: string | undefined;
	readonly 'schema-only': boolean;
	readonly json: boolean;
}

interface CheckedBoard {
	readonly board: string;
	readonly type: string;
	readonly isGood: boolean;
	readonly steps: readonly CheckStep[];
}

const RIG_FAULT = 3;

/** `rig check`: a rig file against its schema, then every board of it opened, read, cut and sensed. */
export const createCheckCommand = (output: Output, { directory }: { readonly directory: string }): CommandModule<object, CheckArguments> => ({
	command: 'check <file>',
	describe: 'Hold a rig file against its schema, then open, read, cut and sense every board: 0 good, 2 a wrong file, 3 a board that is not as it says',
	builder: (yargs) =>
		declareJson(yargs.positional('file', { type: 'string', demandOption: true, describe: 'The rig file, YAML' }))
			.option('board', { type: 'string', requiresArg: true, describe: 'This board alone', coerce: (given: unknown) => once('board', given) })
			.option('schema-only', { type: 'boolean', default: false, describe: 'Touch no board' })
			.example('$0 rig check rigs/bench.yaml', 'Every board, one after the other')
			.example('$0 rig check rigs/bench.yaml --board esp-1', 'One of them')
			.example('$0 rig check rigs/bench.yaml --schema-only', 'For an editor, or CI without the boards')
			.epilogue('Boards are powered and cut twice and reset once. Nothing is written to them, and they are left as the rig file says is safe.'),
	handler: async ({ file, board, 'schema-only': isSchemaOnly, json }) => {
		const rig = await readRigFile(file, { directory });
		const boards = board === undefined ? rig.boards : [chooseBoard(rig, board)];
		const say = (text: string): void => (json ? output.printAside : output.print)(text);
		say(`${rig.path}: rig ${rig.name}, ${rig.boards.length} ${rig.boards.length === 1 ? 'board' : 'boards'}, as written (SHA-256 ${rig.sha256.slice(0, 12)}…)`);
		const checked = isSchemaOnly ? [] : await checkBoards(rig, boards, { say });
		const bad = checked.filter(({ isGood }) => !isGood).length;
		const skipped = checked.filter(({ steps }) => steps.every(({ state }) => state === 'skipped')).length;
		const good = `${checked.length - bad - skipped} of ${checked.length} boards are good`;
		const text = isSchemaOnly ? 'no board was touched' : `${good}${skipped === 0 ? '' : `, ${skipped} cannot run here`}`;
		printResult(output, { asJson: json, data: { rig: rig.name, file: rig.path, sha256: rig.sha256, boards: checked }, text });
		output.setExitCode(bad > 0 ? RIG_FAULT : 0);
	},
});

const checkBoards = async (rig: RigFile, boards: readonly BoardSpec[], { say }: { readonly say: (text: string) => void }): Promise<readonly CheckedBoard[]> => {
	const checked: CheckedBoard[] = [];
	await using bench = await openBench(rig, { boards, purpose: 'blackstart rig check', say });
	for (const spec of boards) {
		say(`${spec.name} (${spec.type.type}${spec.backend === 'real' ? '' : `, ${spec.backend}`})`);
		const steps: CheckStep[] = [];
		const add = (step: CheckStep): void => {
			steps.push(step);
			say(formatStep(step));
		};
		const missing = bench.missing(spec);
		if (missing !== undefined) add({ step: 'open', state: 'skipped', what: missing });
		else await tryBoard(spec, { bench, say, add });
		if (spec.type.network !== undefined && rig.service !== undefined) add(await (await import('../../../rigs/check/index.js')).checkService(rig.service));
		checked.push({ board: spec.name, type: spec.type.type, isGood: !steps.some(({ state }) => state === 'wrong'), steps });
	}
	return checked;
};

const tryBoard = async (
	spec: BoardSpec,
	{ bench, say, add }: { readonly bench: Bench; readonly say: (text: string) => void; readonly add: (step: CheckStep) => void },
): Promise<void> => {
	const { checkBoard } = await import('../../../rigs/check/index.js');
	try {
		await using parts = await bench.open(spec);
		for (const note of parts.notes) say(`${' '.repeat(12)}${note}`);
		for await (const step of checkBoard(spec, parts)) add(step);
	} catch (error) {
		add({
			step: 'open',
			state: 'wrong',
			what: (error as Error).message,
			remedy: '`blackstart rig discover` shows what is plugged in, `blackstart rig doctor` what stands in its way',
		});
	}
};

const WORDS: Readonly<Record<CheckStep['state'], string>> = { good: 'good    ', wrong: 'WRONG   ', doubtful: 'doubtful', skipped: 'skipped ' };

export const formatStep = ({ step, state, what, remedy }: CheckStep): string =>
	`  ${WORDS[state]}  ${step.padEnd(8)}  ${what}${remedy === undefined ? '' : `\n${' '.repeat(22)}remedy: ${remedy}`}`;
