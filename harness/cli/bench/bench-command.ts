import { execa } from 'execa';
import yargs from 'yargs';
import { UsageError } from '../usage-error.js';
import { figuresOf, formatNotes, formatTable } from './bench-table.js';
import { PART_NAMES, type PartName, type PartResult, partOf } from './parts.js';

/** Measures the parts named, all by default, each in a process of its own so that memory and compiled code are clean; the table or the JSON goes to stdout. */
export const runBench = async (values: readonly string[], { main }: { readonly main: string }): Promise<void> => {
	const { only, json, measure } = await parseBenchArguments(values);
	if (measure !== undefined) {
		process.stdout.write(`${JSON.stringify({ part: measure, ...(await partOf(measure).measure()) })}\n`);
		return;
	}
	const results: PartResult[] = [];
	for (const part of PART_NAMES.filter((name) => only.length === 0 || only.includes(name))) {
		process.stderr.write(`${part}: ${partOf(part).describe}\n`);
		results.push(await measureApart(part, main));
	}
	const figures = figuresOf(results);
	process.stdout.write(json ? `${JSON.stringify({ node: process.version, parts: figures, results })}\n` : `${formatTable(figures)}${formatNotes(results)}`);
};

const measureApart = async (part: PartName, main: string): Promise<PartResult> => {
	const { heapMib } = partOf(part);
	const heap = heapMib === undefined ? [] : [`--max-old-space-size=${heapMib}`];
	const { stdout } = await execa(process.execPath, [...process.execArgv, ...heap, main, '--measure', part], { stderr: 'inherit' });
	return JSON.parse(stdout) as PartResult;
};

interface BenchArguments {
	readonly only: readonly PartName[];
	readonly json: boolean;
	readonly measure: PartName | undefined;
}

/** Throws a UsageError that names the flag. `--help` prints and ends the process. */
const parseBenchArguments = async (values: readonly string[]): Promise<BenchArguments> => {
	const typed = await yargs()
		.scriptName('npm run bench --')
		.usage(`$0 [options]\n\nMeasures the simulated fleet against the least that its messages cost.\n\n${describeParts()}`)
		.option('only', { type: 'string', array: true, choices: PART_NAMES, requiresArg: true, describe: 'measure these parts alone' })
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout' })
		.option('measure', { type: 'string', choices: PART_NAMES, requiresArg: true, hidden: true })
		.example('$0 --only floor-1000 fleet-1000', 'a thousand devices and their floor')
		.epilogue(
			'CPU is that of all threads of the process. live: in use when all is done; peak: growth of the process at its largest, garbage included.\nEvent logs are encoded as JSON lines, counted and thrown away.',
		)
		.strict()
		.version(false)
		.wrap(100)
		.fail((message, error) => {
			throw error ?? new UsageError(message);
		})
		.parseAsync(values);
	return { only: typed.only ?? [], json: typed.json, measure: typed.measure };
};

const describeParts = (): string => PART_NAMES.map((name) => `${name.padEnd(12)} ${partOf(name).describe}`).join('\n');
