import { randomInt } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import type { UpdatePath } from '../../ports/index.js';
import { encodeSweepCase, parseSweepState, summariseSweep, type UpdatePlace } from '../../sweep/index.js';
import { realTime } from '../../time/index.js';
import { BoardBench, chooseBoards, openScratchFolder, openVirtualBench } from '../board/index.js';
import { readRigFile } from '../rig/choose-rig.js';
import { parseCount, parseSeed } from '../run/flag-values.js';
import { onInterrupt } from '../run/interrupt.js';
import { decideRun, EXIT_CODES } from '../run/outcome.js';
import { openRunFolder, type RunFolder } from '../run/run-folder.js';
import { UsageError } from '../usage-error.js';
import { runSweep, type SweepRun } from './run-sweep.js';
import { SweepReport } from './sweep-report.js';
import type { SweepRequest } from './sweep-request.js';
import { describeSweep } from './sweep-text.js';

/** The arguments of `blackstart sweep`, as typed. */
export interface SweepArguments {
	readonly rig?: string | undefined;
	readonly board?: string | undefined;
	readonly cuts?: string | undefined;
	readonly seed?: string | undefined;
	readonly path?: string | undefined;
	readonly out?: string | undefined;
	readonly resume?: string | undefined;
	readonly json: boolean;
}

const DEFAULT_CUTS = 200;
const MOST_CUTS = 1_000_000;
const RANDOM_SEEDS = 1_000_000_000;
const STATE = 'sweep.jsonl';
const PATHS: readonly UpdatePath[] = ['serial', 'mqtt', 'flasher'];

/** `blackstart sweep`: power cut during a real update, again and again; returns the exit code. */
export const sweepCommand = async (typed: SweepArguments, { directory }: { readonly directory: string }): Promise<number> => {
	if (typed.rig === undefined) throw new UsageError('--rig: a rig file was expected, got nothing (rigs/virtual.yaml needs no hardware)');
	if (typed.resume !== undefined && typed.out !== undefined) throw new UsageError('--resume: a sweep goes on in its own folder; --out was given too');
	const rig = await readRigFile(typed.rig, { directory });
	const kept = typed.resume === undefined ? undefined : readKept(typed.resume, directory);
	const boards = boardsOf(rig, typed.board);
	const request: SweepRequest = {
		rig,
		boards,
		path: readPath(typed.path, boards),
		cuts: typed.cuts === undefined ? (kept?.cuts ?? DEFAULT_CUTS) : parseCount(typed.cuts, { flag: 'cuts', most: MOST_CUTS }),
		seed: typed.seed === undefined ? (kept?.seed ?? String(randomInt(RANDOM_SEEDS))) : parseSeed(typed.seed),
	};
	return carryOutSweep(request, { directory, json: typed.json, resume: typed.resume, out: typed.out });
};

export interface CarryOutOptions {
	readonly directory: string;
	readonly json: boolean;
	readonly resume?: string | undefined;
	readonly out?: string | undefined;
}

/** Carries a sweep out with all its reports; returns the exit code. */
export const carryOutSweep = async (request: SweepRequest, { directory, json, resume, out }: CarryOutOptions): Promise<number> => {
	const stream = json ? process.stderr : process.stdout;
	const say = (text: string): void => void stream.write(`${text}\n`);
	const startedMs = realTime.epochMs();
	const folder = openFolder({ directory, resume, out });
	using scratch = await openScratchFolder();
	const stopping = new AbortController();
	const stopListening = onInterrupt({ first: () => stopping.abort(new Error('interrupted')), second: () => process.exit(EXIT_CODES.interrupted) });
	const { rig, boards, seed, cuts } = request;
	say(
		`seed ${seed} · rig ${rig.name} (${rig.sha256.slice(0, 12)}), ${boards.map(({ name }) => name).join(', ')} · ${request.only ? 'one cut' : `${cuts} cuts`} · update over ${request.path}`,
	);
	try {
		await using emulated = await openVirtualBench(rig, { folder: scratch.path, only: boards.map(({ name }) => name) });
		await using bench = new BoardBench({ rig, emulated: emulated.boards, folder: folder.path, purpose: 'blackstart sweep' });
		const missing = boards.map((spec) => bench.missing(spec)).find((why) => why !== undefined);
		if (missing !== undefined) return tellSkipped(request, { missing, json, say });
		for (const spec of boards) await assertSweepable(spec, bench);
		using report = new SweepReport(request, { folder, stream, directory });
		const ran = await attempt(() => runSweep(request, { bench, report, stateFile: join(folder.path, STATE), signal: stopping.signal, say }));
		if ('usage' in ran) throw ran.usage;
		const verdict = judge(ran, { interrupted: stopping.signal.aborted, wanted: request.only ? 1 : cuts });
		const exitCode = EXIT_CODES[verdict];
		report.end({ verdict, exitCode });
		const shown = relative(directory, folder.path) || '.';
		tellPeople(ran, { request, say, shown, verdict });
		const told = describe(ran, { request, verdict, folder, startedMs });
		writeFileSync(join(folder.path, 'sweep.json'), `${JSON.stringify(told, undefined, '\t')}\n`);
		if (json) process.stdout.write(`${JSON.stringify(told)}\n`);
		return exitCode;
	} finally {
		stopListening();
	}
};

/** Nothing is shown of boards that cannot run here. */
const tellSkipped = (
	{ rig, boards }: SweepRequest,
	{ missing, json, say }: { readonly missing: string; readonly json: boolean; readonly say: (text: string) => void },
): number => {
	say(`SKIPPED: ${boards.map(({ name }) => name).join(', ')}: ${missing}`);
	if (json)
		process.stdout.write(
			`${JSON.stringify({ verdict: 'inconclusive', rig: rig.name, rigHash: rig.sha256, boards: boards.map(({ name }) => name), skipped: missing })}\n`,
		);
	return EXIT_CODES.inconclusive;
};

type Attempt =
	| (SweepRun | { readonly start: undefined; readonly records: readonly never[]; readonly rigFaults: readonly string[] })
	| { readonly usage: UsageError };

/** What stops a sweep before its first cut is the rig's fault, unless it was asked for wrongly. */
const attempt = async (work: () => Promise<SweepRun>): Promise<Attempt> => {
	try {
		return await work();
	} catch (error) {
		if (error instanceof UsageError) return { usage: error };
		return { start: undefined, records: [], rigFaults: [(error as Error).message] };
	}
};

type Ran = Exclude<Attempt, { readonly usage: UsageError }>;
type SweepVerdict = ReturnType<typeof decideRun>;

const judge = ({ records, rigFaults }: Ran, { interrupted, wanted }: { readonly interrupted: boolean; readonly wanted: number }): SweepVerdict =>
	decideRun(
		[
			...records.map(({ outcome }) => (outcome === 'broken' ? 'failed' : outcome === 'unseen' ? 'inconclusive' : 'passed')),
			...(rigFaults.length > 0 ? ['errored' as const] : []),
			...(records.length < wanted ? ['inconclusive' as const] : []),
		],
		{ interrupted, disagreed: false },
	);

const tellPeople = (
	{ start, records, rigFaults }: Ran,
	{
		request,
		say,
		shown,
		verdict,
	}: { readonly request: SweepRequest; readonly say: (text: string) => void; readonly shown: string; readonly verdict: SweepVerdict },
): void => {
	if (start !== undefined && records.length > 0)
		say(`\n${describeSweep(summariseSweep(start.profile, records), { profile: start.profile, cuts: request.only ? 1 : request.cuts })}`);
	for (const { index, board, planned, findings } of records.filter(({ outcome }) => outcome === 'broken'))
		say(
			[
				`\nFAILED  cut ${index + 1} on ${board}: ${planned.phase} + ${planned.offsetMs} ms`,
				...findings.map(({ invariant, message }) => `  ${invariant}: ${message}`),
				`  replay: blackstart replay '${caseOf(request, { board, place: planned })}'`,
			].join('\n'),
		);
	for (const fault of rigFaults) say(`\nrig fault, which says nothing about the product: ${fault}`);
	if (verdict === 'interrupted') say(`\ninterrupted; go on with: blackstart sweep --rig ${request.rig.path} --resume ${shown}`);
	say(`\n${verdict}: reports in ${shown}`);
};

const describe = (
	{ start, records, rigFaults }: Ran,
	{
		request,
		verdict,
		folder,
		startedMs,
	}: { readonly request: SweepRequest; readonly verdict: SweepVerdict; readonly folder: RunFolder; readonly startedMs: number },
) => {
	const { rig, boards, path, cuts, seed } = request;
	return {
		id: folder.id,
		verdict,
		rig: rig.name,
		rigHash: rig.sha256,
		boards: boards.map(({ name }) => name),
		path,
		seed,
		wanted: request.only ? 1 : cuts,
		...(start === undefined ? {} : { ...summariseSweep(start.profile, records), durationMs: start.profile.durationMs }),
		findings: records
			.filter(({ outcome }) => outcome === 'broken')
			.map(({ index, board, planned, findings }) => ({ cut: index + 1, board, ...planned, findings, case: caseOf(request, { board, place: planned }) })),
		rigFaults,
		wallMs: Math.round(realTime.epochMs() - startedMs),
		dir: folder.path,
	};
};

const caseOf = ({ rig, path, seed }: SweepRequest, { board, place }: { readonly board: string; readonly place: UpdatePlace }): string =>
	encodeSweepCase({ board, rig: { path: rig.path, digest: rig.sha256 }, path, place, seed });

/** All boards of the first one's type share the cuts, or the one that is named makes them all. */
const boardsOf = (rig: RigFile, name: string | undefined): readonly BoardSpec[] => {
	const [first] = chooseBoards(rig, name) as readonly [BoardSpec];
	if (name !== undefined) return [first];
	return rig.boards.filter(({ type, backend, virtual }) => type.type === first.type.type && backend === first.backend && virtual.build === first.virtual.build);
};

const readPath = (typed: string | undefined, boards: readonly BoardSpec[]): UpdatePath => {
	const known = boards[0]?.updates ?? [];
	if (typed === undefined) return known[0] ?? 'serial';
	const path = PATHS.find((one) => one === typed);
	if (path === undefined || !known.includes(path))
		throw new UsageError(`--path: one of ${known.join(', ') || 'none'} was expected, as the rig file has it, got '${typed}'`);
	return path;
};

const assertSweepable = async (spec: BoardSpec, bench: BoardBench): Promise<void> => {
	const has = await bench.capabilities(spec);
	const lacks = (['update', 'power', 'settings'] as const).filter((need) => !has.includes(need));
	if (lacks.length > 0)
		throw new UsageError(
			`--board: a board that can be swept was expected, ${spec.name} lacks ${lacks.join(', ')} (its type's commands, its power and its images say what it has)`,
		);
};

const openFolder = ({ directory, resume, out }: Pick<CarryOutOptions, 'directory' | 'resume' | 'out'>): RunFolder => {
	const startedAt = new realTime.Date(realTime.epochMs());
	if (resume === undefined) return openRunFolder({ directory, startedAt, ...(out === undefined ? {} : { out }) });
	return openRunFolder({ directory, startedAt, out: resume, keep: [STATE] });
};

const readKept = (resume: string, directory: string): { readonly cuts: number; readonly seed: string } => {
	const file = join(resolve(directory, resume), STATE);
	if (!statSync(file, { throwIfNoEntry: false })?.isFile()) throw new UsageError(`--resume: the folder of a sweep was expected, ${resume} holds no ${STATE}`);
	try {
		return parseSweepState(readFileSync(file, 'utf8')).start;
	} catch (cause) {
		throw new UsageError(`--resume: ${resume}: ${(cause as Error).message}`, { cause });
	}
};
