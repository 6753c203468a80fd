import type { CommandModule } from 'yargs';
import { type Output, printResult } from '../image/index.js';
import { readRigFile } from './choose-rig.js';
import { declareJson } from './rig-arguments.js';

interface CheckArguments {
	readonly file: string;
	readonly json: boolean;
}

/** `rig check`: a rig file against its schema. */
export const createCheckCommand = (output: Output, { directory }: { readonly directory: string }): CommandModule<object, CheckArguments> => ({
	command: 'check <file>',
	describe: 'Hold a rig file against its schema',
	builder: (yargs) =>
		declareJson(yargs.positional('file', { type: 'string', demandOption: true, describe: 'The rig file, YAML' })).example(
			'$0 rig check rigs/bench.yaml',
			'0 good, 2 a wrong file',
		),
	handler: async ({ file, json }) => {
		const rig = await readRigFile(file, { directory });
		printResult(output, {
			asJson: json,
			data: { rig: rig.name, file: rig.path, sha256: rig.sha256 },
			text: `${rig.path}: ${rig.boards.length} boards as written`,
		});
	},
});
