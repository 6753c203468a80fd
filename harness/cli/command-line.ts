import type { Argv } from 'yargs';
import yargs from 'yargs';
import { auditCommand } from './audit/audit-command.js';
import { imageCommand } from './image/image-command.js';
import { createReportCommand } from './report/report-command.js';
import { createRigCommand } from './rig/rig-command.js';
import { BROKER_ENGINES, FAULT_PLACES, LOSS_MODES, MQTT_VERSIONS, TRANSPORTS } from '../scenario/rung.js';
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
	const init = (typed: { readonly dir?: string | undefined }) =>
		keep(import('./module/index.js').then(({ initModuleCommand }) => initModuleCommand(typed, context)));
	await yargs()
		.scriptName('blackstart')
		.usage('$0 <command>\n\nProves that a firmware update cannot brick a device or a fleet, before it ships.')
		.command('run [scenarios..]', 'run scenarios: all of the catalogue, or those named, or files of your own', declareRun, (typed) =>
			keep(import('./run-command.js').then(({ runCommand }) => runCommand({ ...typed, scenarios: typed.scenarios ?? [] }, context))),
		)
		.command('list [scenarios..]', 'list scenario files, their cases and what they need, or the fault catalogue', declareList, (typed) =>
			keep(import('./list-command.js').then(({ listCommand }) => listCommand({ ...typed, scenarios: typed.scenarios ?? [] }, context))),
		)
		.command('replay [case]', 'run one case again, exactly as it ran', declareReplay, (typed) =>
			keep(import('./replay-command.js').then(({ replayCommand }) => replayCommand(typed, context))),
		)
		.command('campaign [plan]', 'carry out a campaign plan on a simulated fleet', declareCampaign, (typed) =>
			keep(import('./campaign/index.js').then(({ campaignCommand }) => campaignCommand(typed, context))),
		)
		.command('rehearse [plan]', 'carry out a campaign plan over many seeds: how far a bad release gets, how long a good one takes', declareRehearse, (typed) =>
			keep(import('./campaign/index.js').then(({ rehearseCommand }) => rehearseCommand(typed, context))),
		)
		.command('explore', 'walk a bootloader to closure: every sequence of power cuts, at every flash operation', declareExplore, (typed) =>
			keep(import('./explore/index.js').then(({ exploreCommand }) => exploreCommand(typed, context))),
		)
		.command('sweep', 'cut the power of a board during a real update, again and again, and tell what that has shown', declareSweep, (typed) =>
			keep(import('./sweep/index.js').then(({ sweepCommand }) => sweepCommand(typed, context))),
		)
		.command('module', 'begin a bootloader of your own, compiled to WebAssembly, for `explore --module`', (command) => declareModule(command, init))
		.command('museum', 'have every wrong device of the museum caught, and no right one accused', declareMuseum, (typed) =>
			keep(import('./museum/index.js').then(({ museumCommand }) => museumCommand(typed))),
		)
		.command(createReportCommand(context, keep))
		.command(imageCommand)
		.command(auditCommand)
		.command(createRigCommand(context))
		.example('$0 run', 'every promise of the catalogue, on simulated devices')
		.example('$0 run packet-loss --seed 7 --devices 1000', 'one of them, with this seed and so many devices')
		.example('$0 run my-scenario.ts', 'a scenario of your own')
		.example('$0 replay packet-loss/5-percent-packet-loss:seed=7:devices=500', 'a failure again')
		.epilogue('Exit codes: 0 all passed, 1 product failure, 2 wrong use, 3 rig or harness, 4 inconclusive, 130 interrupted.')
		.demandCommand(
			1,
			`a command was expected: run, list, replay, campaign, rehearse, explore, sweep, module, museum, report, image, audit or rig${values.length > 0 ? `, got ${values.join(' ')}` : ''}`,
		)
		.strict()
		.version(context.version)
		.help()
		.parserConfiguration({ 'parse-numbers': false, 'parse-positional-numbers': false, 'duplicate-arguments-array': true, 'camel-case-expansion': false })
		.wrap(100)
		.exitProcess(false)
		.fail((message, error) => {
			throw error && error.name !== 'YError' ? error : new UsageError(nameFlag(message, values));
		})
		.parseAsync(values);
	return exitCode;
};

/** What yargs says of a flag, in the words of ours: the flag as it is typed, and what was expected. */
const nameFlag = (message: string, values: readonly string[]): string =>
	message
		.replace(
			/^Not enough non-option arguments: got (\d+), need at least (\d+)$/,
			(_whole, got: string, needed: string) =>
				`${wordsOf(values)}: ${needed} ${needed === '1' ? 'argument was' : 'arguments were'} expected, got ${got === '0' ? 'nothing' : got} (--help shows ${needed === '1' ? 'it' : 'them'})`,
		)
		.replace(/^Not enough arguments following: (\S+)$/, '--$1: a value was expected, got nothing')
		.replace(/^Missing required arguments?: (.+)$/, (_whole, flags: string) => `${flags.replaceAll(/[^\s,]+/g, '--$&')}: it is required`)
		.replace(/^Unknown (?:command|argument)s?: (.+)$/, (_whole, words: string) => `unknown flag or argument: ${words} (--help shows what is expected)`);

/** What was typed before the first flag. */
const wordsOf = (values: readonly string[]): string => {
	const flag = values.findIndex((value) => value.startsWith('-'));
	return (flag < 0 ? values : values.slice(0, flag)).join(' ');
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
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout at the end' })
		.check(({ tap, json }) => {
			if (tap && json) throw new UsageError('--tap: stdout belongs to one of --tap and --json, both were given');
			return true;
		});

const declareRun = (command: Argv) =>
	declareOutput(command.positional('scenarios', { type: 'string', array: true, describe: 'names from `list`, scenario files, or folders of them' }))
		.option('seed', value('seed', 'whole number that every random choice derives from; random where absent'))
		.option('devices', value('devices', 'devices of a fleet (500)'))
		.option('shard', value('shard', 'run one cell of the fleet, 0/3 to 2/3: the devices whose id falls into it, of scenarios in which devices do not meet'))
		.option('rig', value('rig', 'rig file: run on its boards, in real time, in place of simulated devices'))
		.option('board', value('board', 'with --rig: this board alone; the first one of each type where absent'))
		.option('time', {
			choices: ['virtual', 'real'] as const,
			requiresArg: true,
			describe: 'virtual: as fast as the machine, the same for the same seed; real: by the wall clock (virtual)',
		})
		.option('speed', value('speed', 'with --time real: seconds of the fleet in each second, up to 100 (1)'))
		.option('transport', {
			choices: TRANSPORTS,
			requiresArg: true,
			describe: 'with --time real: streams in memory, or sockets of the loopback through a fault proxy, plain or with mutual TLS (memory)',
		})
		.option('broker', value('broker', 'with --transport tcp or tls: the broker that devices and update service meet at, mqtt://HOST:PORT or mqtts://HOST:PORT'))
		.option('broker-engine', {
			choices: BROKER_ENGINES,
			requiresArg: true,
			describe: "with --transport tcp or tls: the broker to start, the harness's own or the mosquitto of this machine (aedes)",
		})
		.option('mqtt', {
			choices: MQTT_VERSIONS,
			requiresArg: true,
			describe: 'with --broker or --broker-engine mosquitto: what devices and update service speak (3.1.1)',
		})
		.option('loss', {
			choices: LOSS_MODES,
			requiresArg: true,
			describe:
				'with --transport tcp or tls: modelled: a lost packet is a delay in the proxy; real: the kernel drops packets, in a network namespace of the run that needs no root (modelled)',
		})
		.option('faults-at', {
			choices: FAULT_PLACES,
			requiresArg: true,
			describe:
				"with --transport tcp or tls: where faults of links take hold: in a proxy with a socket on either side, or at the device's end of its one socket, for half the open files (proxy)",
		})
		.option('image', value('image', 'the image under test: devices install exactly these bytes'))
		.option('key', value('key', 'public key of that image, PEM'))
		.option('from', value('from', 'the image that devices run before it'))
		.option('jobs', value('jobs', 'scenario files at a time (one for each core)'))
		.option('retries', value('retries', 'run a case that does not end well again up to N times; one that passes then is reported as flaky (0)'))
		.option('quarantine', value('quarantine', 'file of cases that are known not to pass, with owner, reason and last day, YAML: they run and fail no run'))
		.option('shrink', {
			type: 'boolean',
			default: true,
			describe: 'after the run, look for the fewest devices, faults and waves with which a failed case still fails; --no-shrink does not',
		})
		.option('shrink-seconds', value('shrink-seconds', 'time for that, all failed cases together (20)'))
		.option('watch', { type: 'boolean', default: false, describe: 'serve the report while the run goes, on this machine alone, at an address that it prints' })
		.option('ci', {
			choices: CI_SYSTEMS,
			requiresArg: true,
			describe: 'tell this system: attachments in the JUnit report, summary.md, and on github and azure the job summary and annotations',
		})
		.example('$0 run', 'the whole catalogue')
		.example('$0 run packet-loss power-loss --seed 7', 'two scenario files, one seed')
		.example('$0 run --image app.bin --key pub.pem --from old.bin', 'your own release')
		.example('$0 run my-scenario.ts --out build/blackstart', 'your own scenario, into a folder of yours')
		.example('$0 run packet-loss --seed 7 --devices 90000 --shard 0/3 --out cells/0', 'a third of a fleet; `report merge cells/*` joins the thirds')
		.example('$0 run --rig rigs/virtual.yaml', 'the catalogue for boards, on boards that need no hardware')
		.example('$0 run packet-loss --devices 50 --time real --speed 10 --transport tcp', 'over real sockets, ten times as fast as the wall clock')
		.example('$0 run packet-loss --devices 50 --time real --speed 10 --transport tcp --broker-engine mosquitto', 'the same at a mosquitto')
		.example('$0 run packet-loss --devices 20 --time real --transport tcp --loss real', 'packets that are really dropped')
		.example('$0 run --tap | tap-junit', 'for a pipeline that reads TAP')
		.epilogue(
			'At a broker of yours the service is BLACKSTART_BROKER_USERNAME with BLACKSTART_BROKER_PASSWORD; over TLS, files of PEM: BLACKSTART_BROKER_CA, what the service shows in BLACKSTART_BROKER_CERTIFICATE and _KEY, what devices show in BLACKSTART_BROKER_THING_CERTIFICATE and _THING_KEY, where {thing} stands for the name of the device.\n\nA smaller case fails like the whole one where the same invariant is broken first and the same is said of it, or where the same expectation fails: numbers, digests and the names of devices may differ. Of failures in the same words one is shrunk, of different ones the first three.',
		);

const declareList = (command: Argv) =>
	command
		.positional('scenarios', { type: 'string', array: true, describe: 'names, scenario files, or folders of them; default the catalogue' })
		.option('faults', { type: 'boolean', default: false, describe: 'every row of the fault catalogue: how it is exercised, or why not' })
		.option('json', { type: 'boolean', default: false, describe: 'one JSON list on stdout' })
		.example('$0 list', 'the catalogue')
		.example('$0 list --faults', 'what there is to fear, and what is done about it')
		.example('$0 list my-scenario.ts --json', 'the cases of a file of your own');

const declareReplay = (command: Argv) =>
	declareOutput(command.positional('case', { type: 'string', describe: 'the line that a failure printed' }))
		.option('shrink', {
			type: 'boolean',
			default: false,
			describe: 'then look for the fewest devices, faults and waves with which it still fails, and print that case',
		})
		.option('shrink-seconds', value('shrink-seconds', 'time for that (20)'))
		.example('$0 replay packet-loss/5-percent-packet-loss:seed=7:devices=500', 'exit code 1 where the failure comes back, 0 where it does not')
		.example('$0 replay my.ts/holds:seed=7:devices=60:keep-devices=37:keep-faults=1', 'a smaller case: the 37th device alone, the first fault alone')
		.example('$0 replay my.ts/holds:seed=7:devices=60 --shrink --shrink-seconds 300', 'an old case, made smaller');

const declareCampaign = (command: Argv) =>
	command
		.positional('plan', { type: 'string', describe: 'campaign plan, YAML; examples lie in scenarios/plans' })
		.option('devices', value('devices', 'devices of the simulated fleet (60, or those that the plan lists)'))
		.option('seed', value('seed', 'whole number that every random choice derives from; random where absent'))
		.option('failure-rate', value('failure-rate', 'share of the devices on which any new image fails its self-test (0)'))
		.option('drift', value('drift', 'so many devices run another version than the baseline of the plan says (0)'))
		.option('behaviour', value('behaviour', 'how the candidate behaves, such as crashes-at-boot, overheats or leaks-memory (healthy)'))
		.option('kill-after', value('kill-after', 'kill the controller after so much virtual time (2h) and have another one go on from its file'))
		.option('abort-after', value('abort-after', 'have a person order it to stop after so much virtual time (2h)'))
		.option('shrink', {
			type: 'boolean',
			default: true,
			describe: 'where it fails, look for the fewest devices, faults and waves with which it still does; --no-shrink does not',
		})
		.option('shrink-seconds', value('shrink-seconds', 'time for that (20)'))
		.option('keep-devices', value('keep-devices', 'of the fleet, the devices that take part, by their places: 1-3,7 (all)'))
		.option('keep-faults', value('keep-faults', 'of what is to go wrong, what does, by its place in what was asked for; none for nothing (all)'))
		.option('keep-waves', value('keep-waves', 'at most so many waves, the last with all the rest (as planned)'))
		.option('out', value('out', 'folder to write into, in place of a new one below reports/runs'))
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout at the end' })
		.example('$0 campaign scenarios/plans/careful-rollout.yaml', 'on 60 devices')
		.example('$0 campaign plan.yaml --behaviour overheats', 'whether its gates stop a bad release')
		.example('$0 campaign plan.yaml --failure-rate 2% --seed 7 --json', 'a share of the devices fails')
		.example('$0 campaign plan.yaml --kill-after 3h', 'whether a killed controller leaves a mess')
		.epilogue(
			'Exit codes: 0 carried out, 1 halted by a gate or a person, or an invariant broken, 2 wrong use or a plan that is wrong, 3 harness, 4 nothing went out.',
		);

const declareRehearse = (command: Argv) =>
	command
		.positional('plan', { type: 'string', describe: 'campaign plan, YAML; examples lie in scenarios/plans' })
		.option('compare', value('compare', 'another plan, to be set beside it'))
		.option('devices', value('devices', 'devices of the fleet (10000)'))
		.option('seeds', value('seeds', 'how many campaigns of each kind (100)'))
		.option('seed', value('seed', 'whole number that all of them derive from (1)'))
		.option('failure-rate', value('failure-rate', 'share of the devices on which the bad release fails (0.02)'))
		.option('background', value('background', 'share of the devices on which the good release fails all the same (0.002)'))
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout' })
		.example('$0 rehearse plan.yaml --devices 10000 --failure-rate 0.02 --seeds 100', 'percentiles over 100 seeds')
		.example('$0 rehearse small-pilot.yaml --compare large-pilot.yaml', 'two plans side by side')
		.epilogue(
			'The real campaign controller in virtual time over a light statistical fleet: what an update takes and whether it fails is drawn, no MQTT, flash or image is simulated.',
		);

const declareExplore = (command: Argv) =>
	command
		.option('bootloader', value('bootloader', 'ab, esp-otadata, mcuboot-swap-move, mcuboot-swap-scratch, mcuboot-swap-offset, mcuboot-overwrite or avr-board'))
		.option('module', value('module', 'in place of it, your own: compiled to WebAssembly (`module init` writes a sample)'))
		.option('layout', value('layout', 'with --module: the flash it runs on and what it promises, YAML'))
		.option('sectors', value('sectors', 'sectors of each slot (16)'))
		.option('sector-size', value('sector-size', 'bytes of a sector (4096)'))
		.option('more-sectors', value('more-sectors', 'sectors of other sizes behind those in each slot: 2x8192, or 2x8192+1x65536'))
		.option('write-size', value('write-size', 'bytes that are programmed at once (8)'))
		.option('write-once', { type: 'boolean', default: false, describe: 'a part with error correction: a unit takes one program, until its sector is erased' })
		.option('tears', value('tears', 'L0: cuts between operations; L1: prefix and half; L2: bits; L3: unreadable words; L4: neighbours and weak bits (L0)'))
		.option('tear-seeds', value('tear-seeds', 'from L2 on: tears drawn of each kind for each operation, up to 64 (2)'))
		.option('cycles', value('cycles', '1: one update; unlimited: one after the other (unlimited)'))
		.option('from', value('from', 'the image devices run, MCUboot or the format of the module; made up where absent'))
		.option('to', value('to', 'the image they update to'))
		.option(
			'images',
			value(
				'images',
				'shape of images made up: old-fills, new-fills, one-sector, much-shorter, tlvs-across, padded-primary, confirmed-primary, three-releases, rising-counter, tampered (old-fills)',
			),
		)
		.option('max-states', value('max-states', 'end the walk at so many states: it is no proof then'))
		.option('max-time', value('max-time', 'end the walk after so long (90s, 5m): it is no proof then'))
		.option('depth', value('depth', 'power losses one after the other: it is no proof then'))
		.option('sweep', {
			type: 'boolean',
			default: false,
			describe: 'walk a grid of small parts and shapes of images, of one bootloader or of all; limits are those of each cell',
		})
		.option('session', { type: 'boolean', default: false, describe: 'cut a whole update of a device of the fleet, at every flash operation and every message' })
		.option('profile', value('profile', 'with --session: the hardware, sensor, meter or gateway (sensor)'))
		.option('seed', value('seed', 'with --session: whole number that every random choice derives from (1)'))
		.option(
			'jobs',
			value(
				'jobs',
				'threads of a walk (1; more see the same states, take more CPU, and seldom less time); with --session: processes at a time (one for each core)',
			),
		)
		.option('strict', { type: 'boolean', default: false, describe: 'what the real bootloader is known to break counts as a finding' })
		.option('shrink', { type: 'boolean', default: false, describe: 'then look for fewer cuts, milder tears and fewer steps in all that was found' })
		.option('shrink-seconds', value('shrink-seconds', 'time for that (20)'))
		.option('out', value('out', 'folder to write into, in place of a new one below reports/runs'))
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout at the end' })
		.example('$0 explore --bootloader ab --sectors 32', 'closed, or the shortest way to a brick')
		.example('$0 explore --bootloader ab --tears L1 --max-time 5m --json', 'torn writes too, for five minutes')
		.example('$0 explore --sweep --bootloader mcuboot-swap-scratch', 'small geometries and images of every shape, a line each')
		.example('$0 explore --session --bootloader mcuboot-swap-move', 'a whole update, cut everywhere')
		.example('$0 explore --module boot.wasm --layout layout.yaml --from v1.bin --to v2.bin', 'your own bootloader')
		.epilogue(
			'After each walk: boots to rest, and the least uptime with which an update gets on when resets come every N flash operations.\nExit codes: 0 closed and nothing found, 1 findings, 2 wrong use, 3 harness, 4 a limit ended the walk and nothing was found, 130 interrupted.',
		);

const declareSweep = (command: Argv) =>
	command
		.option('rig', value('rig', 'rig file; rigs/virtual.yaml needs no hardware'))
		.option('board', value('board', "this board alone; all of the first one's type share the cuts where absent"))
		.option('cuts', value('cuts', 'how many (200)'))
		.option('seed', value('seed', 'whole number that the moments derive from; random where absent'))
		.option('path', value('path', 'way the update takes: serial, mqtt or flasher (the preferred one of the rig file)'))
		.option('out', value('out', 'folder to write into, in place of a new one below reports/runs'))
		.option('resume', value('resume', 'folder of a sweep that was interrupted: it goes on with the cuts that are left'))
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout at the end' })
		.example('$0 sweep --rig rigs/virtual.yaml --cuts 40', 'boards that need no hardware')
		.example('$0 sweep --rig rigs/bench.yaml --board esp-1 --cuts 1000 --json', 'one board of a bench')
		.epilogue(
			'Exit codes: 0 no cut broke a board, 1 findings, 2 wrong use, 3 rig or harness, 4 inconclusive: cuts were left out or left no evidence, 130 interrupted.',
		);

const declareModule = (command: Argv, init: (typed: { readonly dir?: string | undefined }) => Promise<void>) =>
	command
		.command(
			'init [dir]',
			'write a commented sample in C, its header, layout, images and build script',
			(sub: Argv) =>
				sub
					.positional('dir', { type: 'string', describe: 'folder to write into' })
					.example('$0 module init my-bootloader', 'compiled and ready to be explored'),
			init,
		)
		.demandCommand(1, 1, 'module: init was expected', 'module: init was expected')
		.strict();

const declareMuseum = (command: Argv) =>
	command
		.option('json', { type: 'boolean', default: false, describe: 'one JSON object on stdout: bugs, cleanSeeds, falseAlarms' })
		.option('only', value('only', 'one exhibit with its story, or one story with right devices'))
		.option('seed', value('seed', 'whole number that every random choice derives from (1)'))
		.option('seeds', value('seeds', 'seeds for right devices, counted on from the first (200; 1 with --only)'))
		.option('jobs', value('jobs', 'processes at a time (one for each core)'))
		.example('$0 museum', 'the whole matrix')
		.example('$0 museum --only confirm-on-line-one --seed 7', 'one exhibit, with this seed')
		.example('$0 museum --only healthy-update --seeds 1000', 'right devices in one story, over many seeds');
