import type { CommandModule } from 'yargs';
import { once } from '../audit/index.js';
import { type Output, printResult } from '../image/index.js';
import { parseTime } from '../run/flag-values.js';
import { chooseRig } from './choose-rig.js';
import { openBench } from './open-bench.js';
import { chooseBoard, declareJson, declareRig, type RigArguments } from './rig-arguments.js';
import { untilInterrupted } from './until-interrupted.js';

const WHAT = ['on', 'off', 'cycle'] as const;

interface PowerArguments extends RigArguments {
	readonly board: string;
	readonly what: (typeof WHAT)[number];
	readonly hold: string | undefined;
	readonly json: boolean;
}

/** Supplies that are switched only for as long as a process holds them. */
const HELD_BY_A_PROCESS: readonly string[] = ['gpio-relay', 'virtual', 'qemu'];

/** `rig power`: switches the supply of one board, and says what was told and what was seen. */
export const createPowerCommand = (output: Output, { directory }: { readonly directory: string }): CommandModule<object, PowerArguments> => ({
	command: 'power <board> <what>',
	describe: 'Switch the power of a board: on, off or cycle',
	builder: (yargs) =>
		declareJson(declareRig(yargs))
			.positional('board', { type: 'string', demandOption: true, describe: 'Name of the board' })
			.positional('what', { choices: WHAT, demandOption: true, describe: 'on, off, or cycle: off, until its rails are discharged, on' })
			.option('hold', {
				type: 'string',
				requiresArg: true,
				describe: 'With a supply that a process must hold: so long (10s), in place of until Ctrl-C',
				coerce: (given: unknown) => once('hold', given),
			})
			.example('$0 rig power esp-1 cycle', 'Off, its off-time, on')
			.example('$0 rig power esp-1 on --hold 10s', 'A relay on a GPIO line falls back when nobody holds the line')
			.example('$0 rig power virtual-1 cycle --hold 1s', 'Without hardware'),
	handler: async ({ rig: typed, board, what, hold, json }) => {
		const holdMs = hold === undefined ? undefined : parseTime(hold, { flag: 'hold' });
		const { rig, why } = await chooseRig(typed, { directory });
		const spec = chooseBoard(rig, board);
		const say = (text: string): void => (json ? output.printAside : output.print)(text);
		if (why !== undefined) say(why);
		await using bench = await openBench(rig, { boards: [spec], purpose: `blackstart rig power ${what}`, say });
		await using parts = await bench.open(spec, { leaves: 'as-it-is', consoles: false });
		const { power } = parts;
		if (power === undefined) throw new TypeError(`board ${spec.name}: nothing switches its power (power: { driver } in ${rig.path})`);
		const switched = await power[what]();
		const observed = await power.observe();
		const delayMs = switched.observedAtMs === undefined ? null : Math.round((switched.observedAtMs - switched.commandedAtMs) * 1000) / 1000;
		const seen = delayMs === null ? 'told, not seen' : `seen ${delayMs} ms after it was told`;
		printResult(output, {
			asJson: json,
			data: { board: spec.name, commanded: switched.commanded, observed, delayMs },
			text: `${spec.name}: ${switched.commanded}, ${seen}`,
		});
		if (what === 'off' || !HELD_BY_A_PROCESS.includes(spec.power?.driver ?? '')) return;
		if (holdMs === undefined) say('held until Ctrl-C: its supply falls back when no process holds it');
		await untilInterrupted(holdMs);
	},
});
