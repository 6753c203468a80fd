import type { Argv, CommandModule } from 'yargs';
import { type Output, printResult } from '../image/index.js';
import { declareTrail, type TrailArguments } from './trail-arguments.js';
import { describeBroken, readTrail } from './trail-file.js';

interface VerifyArguments extends TrailArguments {
	readonly json: boolean;
}

/** `audit verify`: exit 0 where a trail is what was written and sealed, 1 where it is not, with the first line that shows it. */
export const createVerifyCommand = (output: Output): CommandModule<object, VerifyArguments> => ({
	command: 'verify <file>',
	describe: 'Hold a trail against its chain and its seal: 0 good, 1 broken',
	builder: (yargs: Argv<object>): Argv<VerifyArguments> =>
		declareTrail(yargs)
			.option('json', { type: 'boolean', default: false, describe: 'One JSON object on standard output' })
			.example('$0 audit verify reports/runs/latest/audit.jsonl', 'The trail of the newest run')
			.example('$0 audit verify audit.jsonl --seal /mnt/safe/audit.jsonl.head', 'Against a copy of the seal that nobody here can change'),
	handler: ({ file, seal, json }) => {
		const { verdict } = readTrail(file, seal);
		if (verdict.ok) {
			const { entries, hash } = verdict;
			printResult(output, { asJson: json, data: { file, verdict: 'good', entries, hash }, text: `good: ${file}: ${entries} entries, the last ${hash}` });
		} else {
			const { problem, line, reason } = verdict;
			const data = { file, verdict: 'broken', problem, line: line ?? null, reason };
			printResult(output, { asJson: json, data, text: `broken: ${file}: ${describeBroken(verdict)}` });
		}
		output.setExitCode(verdict.ok ? 0 : 1);
	},
});
