import { randomInt } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { CiSystem } from '../../reports/index.js';
import { DEFAULT_DEVICES } from '../scenario/context.js';
import { realTime } from '../time/index.js';
import type { ChosenBoards } from './board/index.js';
import { parseCount, parseRetries, parseRungFlags, parseSeed, parseShard, parseShrink, parseTimeout, type RungFlags } from './run/flag-values.js';
import { type ListedScenario, listScenarios } from './run/listing.js';
import { requireRealLoss } from './run/loss-namespace.js';
import type { QuarantinedCase } from './run/quarantine.js';
import { requireBroker } from './run/require-broker.js';
import { findScenarioFiles } from './run/scenario-files.js';
import type { RequestedImages } from './run/user-image.js';
import { UsageError } from './usage-error.js';

/** The arguments of `blackstart run`, as typed. */
export interface RunArguments extends RungFlags {
	readonly scenarios: readonly string[];
	readonly seed?: string | undefined;
	readonly shard?: string | undefined;
	readonly devices?: string | undefined;
	readonly rig?: string | undefined;
	readonly board?: string | undefined;
	readonly image?: string | undefined;
	readonly key?: string | undefined;
	readonly from?: string | undefined;
	readonly out?: string | undefined;
	readonly jobs?: string | undefined;
	readonly timeout?: string | undefined;
	readonly retries?: string | undefined;
	readonly shrink: boolean;
	readonly 'shrink-seconds'?: string | undefined;
	readonly tap: boolean;
	readonly json: boolean;
	readonly watch: boolean;
	readonly quarantine?: string | undefined;
	readonly ci?: CiSystem | undefined;
}

const MOST_DEVICES = 1_000_000;
const MOST_JOBS = 256;
/** Random seeds are short enough to be read out. */
const RANDOM_SEEDS = 1_000_000_000;

/** `blackstart run`: checks every argument, then runs; returns the exit code. */
export const runCommand = async (typed: RunArguments, { directory }: { readonly directory: string }): Promise<number> => {
	const options = {
		seed: typed.seed === undefined ? String(randomInt(RANDOM_SEEDS)) : parseSeed(typed.seed),
		devices: typed.devices === undefined ? DEFAULT_DEVICES : parseCount(typed.devices, { flag: 'devices', most: MOST_DEVICES }),
		jobs: typed.jobs === undefined ? availableParallelism() : parseCount(typed.jobs, { flag: 'jobs', most: MOST_JOBS }),
		timeoutMs: parseTimeout(typed.timeout),
		retries: parseRetries(typed.retries),
		shrinkMs: parseShrink({ shrink: typed.shrink, seconds: typed['shrink-seconds'] }),
	};
	if (typed.shard !== undefined && typed.seed === undefined)
		throw new UsageError('--shard: it goes with --seed, which every cell of one fleet must have the same; it is missing');
	const cell = typed.shard === undefined ? undefined : parseShard(typed.shard);
	const rung = parseRungFlags(typed);
	await requireBroker(rung);
	await requireRealLoss(rung);
	const images = await readImages(typed, { directory });
	const rig = await readRig(typed, { directory });
	const scenarios = await listScenarios(findScenarioFiles(typed.scenarios, { directory, on: rig ? 'boards' : 'simulated' }), { directory });
	const quarantine = await readKnownCases(typed.quarantine, { directory, scenarios });
	const output = { tap: typed.tap, json: typed.json, watch: typed.watch, ...(typed.ci ? { ci: typed.ci } : {}) };
	if (rig) {
		const { runOnRig } = await import('./board/index.js');
		return runOnRig(rig, { ...options, scenarios, directory, quarantine, ...(typed.out === undefined ? {} : { out: typed.out }) }, output);
	}
	const { reportRun } = await import('./run/report-run.js');
	return reportRun(
		{
			...options,
			// Fleets have the same names, and would take each other's places at a broker that all cases share.
			...(typed.broker === undefined ? {} : { jobs: 1 }),
			...images,
			...(rung ? { rung } : {}),
			scenarios,
			directory,
			quarantine,
			...(cell ? { reduction: { cell } } : {}),
			...(typed.out === undefined ? {} : { out: typed.out }),
		},
		output,
	);
};

/** The images that a run is to take, where any were brought. */
const readImages = async ({ image, key, from }: RunArguments, { directory }: { readonly directory: string }): Promise<RequestedImages> => {
	const brought = { ...(image === undefined ? {} : { image }), ...(key === undefined ? {} : { key }), ...(from === undefined ? {} : { from }) };
	if (Object.keys(brought).length === 0) return {};
	const { readUserImages } = await import('./run/user-image.js');
	return readUserImages(brought, { directory });
};

/** The cases that are known not to pass, where a file tells of any. */
const readKnownCases = async (
	path: string | undefined,
	{ directory, scenarios }: { readonly directory: string; readonly scenarios: readonly ListedScenario[] },
): Promise<readonly QuarantinedCase[]> => {
	if (path === undefined) return [];
	const { readQuarantine } = await import('./run/quarantine.js');
	return readQuarantine(path, { directory, scenarios, today: new realTime.Date(realTime.epochMs()).toISOString().slice(0, 10) });
};

/** The rig that a run is to take; undefined where it stays in virtual time. */
const readRig = async ({ rig: path, board, ...typed }: RunArguments, { directory }: { readonly directory: string }): Promise<ChosenBoards | undefined> => {
	if (path === undefined) {
		if (board !== undefined) throw new UsageError('--board: it goes with --rig FILE, which is missing');
		return undefined;
	}
	for (const flag of [
		'image',
		'key',
		'from',
		'devices',
		'shard',
		'time',
		'speed',
		'transport',
		'broker',
		'broker-engine',
		'mqtt',
		'loss',
		'faults-at',
	] as const)
		if (typed[flag] !== undefined) throw new UsageError(`--${flag}: it is for simulated fleets; with --rig the rig file names images and boards`);
	const [{ readRigFile }, { chooseBoards }] = await Promise.all([import('./rig/choose-rig.js'), import('./board/index.js')]);
	const rig = await readRigFile(path, { directory });
	return { rig, boards: chooseBoards(rig, board) };
};
