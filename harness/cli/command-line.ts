import type { Argv } from 'yargs';
import yargs from 'yargs';
import { UsageError } from './usage-error.js';

/** Where the command line runs. */
export interface CommandContext {
	/** Every relative path is meant from here. */
	readonly directory: string;
	readonly version: string;
}

const CI_SYSTEMS = ['gitlab', 'jenkins', 'azure', 'github'] as const;

/** Parses the arguments and runs the command they name; resolves with the exit code, or undefined where the command set it itself. Throws a UsageError for wrong use. */
export const runCommandLine = async (values: readonly string[], context: CommandContext): Promise<number | undefined> => {
	let exitCode: number | undefined;
	const keep = async (work: Promise<number>): Promise<void> => {
		exitCode = await work;
	};
	const { imageCommand } = await import('./image/index.js');
	await yargs()
		.scriptName('blackstart')
		.usage('$0 <command>\n\nProves that a firmware update cannot brick a device or a fleet, before it ships.')
		.command('run [scenarios..]', 'run scenarios: all of the catalogue, or those named, or files of your own', declareRun, (typed) =>
			keep(import('./run-command.js').then(({ runCommand }) => runCommand({ ...typed, scenarios: typed.scenarios ?? [] }, context))),
		)
		.command('list [scenarios..]', 'list scenario files, their cases and what they need', declareList, (typed) =>
			keep(import('./list-command.js').then(({ listCommand }) => listCommand({ scenarios: typed.scenarios ?? [], json: typed.json }, context))),
		)
		.command('replay [case]', 'run one case again, exactly as it ran', declareReplay, (typed) =>
			keep(import('./replay-command.js').then(({ replayCommand }) => replayCommand(typed, context))),
		)
		.command(imageCommand)
		.example('$0 run', 'every promise of the catalogue, on simulated devices')
		.example('$0 run packet-loss --seed 7 --devices 1000', 'one of them, with this seed and so many devices')
		.example('$0 run my-scenario.ts', 'a scenario of your own')
		.example('$0 replay packet-loss/5-percent-packet-loss:seed=7:devices=500', 'a failure again')
		.epilogue('Exit codes: 0 all passed, 1 product failure, 2 wrong use, 3 rig or harness, 4 inconclusive, 130 interrupted.')
		.demandCommand(1, 'a command was expected: run, list, replay or image')
		.strict()
		.recommendCommands()
		.version(context.version)
		.help()
		.parserConfiguration({ 'parse-numbers': false, 'parse-positional-numbers': false, 'duplicate-arguments-array': true, 'camel-case-expansion': false })
		.wrap(100)
		.exitProcess(false)
		.fail((message, error) => {
			throw error ?? new UsageError(message);
		})
		.parseAsync(values);
	return exitCode;
};

/** A flag with one value, as typed: what it means is checked where it is used, in words of ours. */
const value = (flag: string, describe: string) =>
	({
		type: 'string',
		requiresArg: true,
		describe,
		coerce: (given: unknown) => {
			if (Array.isArray(given)) throw new UsageError(`--${flag}: it was given ${given.length} times, once was expected`);
			return given as string | undefined;
		},
	}) as const;

const declareOutput = <Given>(command: Argv<Given>) =>
	command
		.option('out', value('out', 'folder to write into, in place of a new one below reports/runs'))
		.option('timeout', value('timeout', 'a scenario silent for that long is ended as hung (120s)'))
		.option('tap', { type: 'boolean', default: false, describe: 'TAP on stdout, for tap-junit and its like' })
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout at the end' });

const declareRun = (command: Argv) =>
	declareOutput(command.positional('scenarios', { type: 'string', array: true, describe: 'names from `list`, scenario files, or folders of them' }))
		.option('seed', value('seed', 'whole number that every random choice derives from; random where absent'))
		.option('devices', value('devices', 'devices of a fleet (500)'))
		.option('image', value('image', 'the image under test: devices install exactly these bytes'))
		.option('key', value('key', 'public key of that image, PEM'))
		.option('from', value('from', 'the image that devices run before it'))
		.option('jobs', value('jobs', 'scenario files at a time (one for each core)'))
		.option('ci', { choices: CI_SYSTEMS, requiresArg: true, describe: 'attach consoles to the JUnit report as this system reads them' })
		.example('$0 run', 'the whole catalogue')
		.example('$0 run packet-loss power-loss --seed 7', 'two scenario files, one seed')
		.example('$0 run --image app.bin --key pub.pem --from old.bin', 'your own release')
		.example('$0 run my-scenario.ts --out build/blackstart', 'your own scenario, into a folder of yours')
		.example('$0 run --tap | tap-junit', 'for a pipeline that reads TAP');

const declareList = (command: Argv) =>
	command
		.positional('scenarios', { type: 'string', array: true, describe: 'names, scenario files, or folders of them; default the catalogue' })
		.option('json', { type: 'boolean', default: false, describe: 'one JSON list on stdout' })
		.example('$0 list', 'the catalogue')
		.example('$0 list my-scenario.ts --json', 'the cases of a file of your own');

const declareReplay = (command: Argv) =>
	declareOutput(command.positional('case', { type: 'string', describe: 'the line that a failure printed' })).example(
		'$0 replay packet-loss/5-percent-packet-loss:seed=7:devices=500',
		'exit code 1 where the failure comes back, 0 where it does not',
	);
