import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { RigBoard } from '../../../rigs/board/index.js';
import type { BoardSpec } from '../../../rigs/rig-file/index.js';
import { digestFor } from '../../ports/index.js';
import {
	type CutRecord,
	encodeCutRecord,
	encodeSweepStart,
	findOtherStart,
	parseSweepState,
	type PlannedCut,
	planCuts,
	profileUpdate,
	type SweepIdentity,
	SweptBoard,
	type SweepStart,
	type UpdatePlace,
} from '../../sweep/index.js';
import { RealClock, realTime } from '../../time/index.js';
import type { BoardBench } from '../board/index.js';
import { UsageError } from '../usage-error.js';
import { CutSink } from './cut-sink.js';
import type { SweepReport } from './sweep-report.js';
import type { SweepRequest } from './sweep-request.js';

export interface SweepRun {
	readonly start: SweepStart;
	readonly records: readonly CutRecord[];
	/** What the rig, not a board, did wrong. */
	readonly rigFaults: readonly string[];
}

export interface SweepRunOptions {
	readonly bench: BoardBench;
	readonly report: SweepReport;
	/** Where its state is kept; a sweep whose state lies there goes on. */
	readonly stateFile: string;
	readonly signal: AbortSignal;
	readonly say: (text: string) => void;
}

const LEASE_WAIT_MS = 10 * 60_000;
/** Enough to see what is wrong; each one more costs a board a long wait. */
const MOST_BROKEN = 10;

interface OpenedBoard {
	readonly spec: BoardSpec;
	readonly rigBoard: RigBoard;
	readonly sink: CutSink;
	/** Aborted when it is ours no more. */
	readonly lost: AbortSignal;
}

/** Profiles one good update, then cuts it as planned on all boards at once. */
export const runSweep = async (request: SweepRequest, options: SweepRunOptions): Promise<SweepRun> => {
	const beganMs = realTime.nowMs();
	const clock = new RealClock();
	const opened = await openAll(request, { ...options, nowMs: () => realTime.nowMs() - beganMs });
	try {
		const [first] = opened as [OpenedBoard];
		const identity = identify(request, first);
		const kept = readState(identity, options.stateFile);
		const start = kept?.start ?? { ...identity, ...(await profile(first, request, { ...options, clock })) };
		if (kept === undefined) writeFileSync(options.stateFile, encodeSweepStart(start));
		options.report.write(
			{ kind: 'sweep-profiled', at: Math.round(first.rigBoard.board.nowMs), board: first.spec.name, path: request.path, ...start.profile },
			first.spec.name,
		);
		const planned: readonly { readonly index: number; readonly place: UpdatePlace }[] = request.only
			? [{ index: 0, place: request.only }]
			: planCuts(start.profile, request).map(({ index, phase, offsetMs }: PlannedCut) => ({ index, place: { phase, offsetMs } }));
		const records: CutRecord[] = [...(kept?.records ?? [])];
		const done = new Set(records.map(({ index }) => index));
		const dealt = opened.map((board, at) => {
			const own = planned.filter(({ index }) => index % opened.length === at);
			options.report.register(board.spec.name, own);
			return { board, places: own.filter(({ index }) => !done.has(index)) };
		});
		for (const record of records) options.report.tellMade(record);
		if (done.size > 0) options.say(`${done.size} of ${planned.length} cuts were made before; ${planned.length - done.size} are left`);
		const rigFaults = (
			await Promise.all(
				dealt.map(({ board, places }) =>
					cutBoard(board, places, {
						start,
						request,
						clock,
						...options,
						keep: (record) => {
							records.push(record);
							appendFileSync(options.stateFile, encodeCutRecord(record));
						},
						broken: () => records.filter(({ outcome }) => outcome === 'broken').length,
					}),
				),
			)
		).flat();
		return { start, records, rigFaults };
	} finally {
		await Promise.allSettled(opened.map(({ rigBoard }) => rigBoard[Symbol.asyncDispose]()));
	}
};

const openAll = async (
	{ boards }: SweepRequest,
	{ bench, report, nowMs, signal, say }: SweepRunOptions & { readonly nowMs: () => number },
): Promise<readonly OpenedBoard[]> => {
	const results = await Promise.allSettled(
		boards.map(async (spec): Promise<OpenedBoard> => {
			const sink = new CutSink((event) => report.show(event, spec.name));
			const lost = new AbortController();
			const onLost = (error: Error): void => lost.abort(error);
			const rigBoard = await bench.open(spec, { consoles: spec.name, waitMs: LEASE_WAIT_MS, nowMs, record: sink.record, onWait: say, onLost });
			return { spec, rigBoard, sink, lost: lost.signal };
		}),
	);
	const opened = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
	const failed = results.find((result) => result.status === 'rejected');
	if (failed === undefined && !signal.aborted) return opened;
	await Promise.allSettled(opened.map(({ rigBoard }) => rigBoard[Symbol.asyncDispose]()));
	throw failed?.reason ?? signal.reason;
};

const identify = ({ rig, boards, path, seed, cuts }: SweepRequest, { rigBoard: { board } }: OpenedBoard): SweepIdentity => ({
	boards: boards.map(({ name }) => name),
	rigDigest: rig.sha256,
	path,
	golden: digestFor(board, board.releases.golden()),
	candidate: digestFor(board, board.releases.candidate()),
	seed,
	cuts,
});

const readState = (identity: SweepIdentity, file: string): { readonly start: SweepStart; readonly records: readonly CutRecord[] } | undefined => {
	if (!existsSync(file)) return undefined;
	const text = readFileSync(file, 'utf8');
	const state = parseSweepState(text);
	const other = findOtherStart(state.start, identity);
	if (other !== undefined) throw new UsageError(`--resume: the sweep in ${file} cannot go on so: ${other}`);
	// What was cut short is written over.
	writeFileSync(file, text.slice(0, text.lastIndexOf('\n') + 1));
	return state;
};

/** A good update there; and back, which spares the boards from being written over between cuts where they take it. */
const profile = async (
	{ rigBoard: { board } }: OpenedBoard,
	{ path }: SweepRequest,
	{ clock, signal, say }: SweepRunOptions & { readonly clock: RealClock },
): Promise<Pick<SweepStart, 'profile' | 'thereAndBack'>> => {
	const found = await profileUpdate(board, { release: board.releases.candidate(), path, clock, signal });
	say(`one update takes ${(found.durationMs / 1000).toFixed(1)} s: ${found.phases.map(({ name, lastsMs }) => `${name} ${Math.round(lastsMs)}`).join(', ')} ms`);
	try {
		await profileUpdate(board, { release: board.releases.golden(), path, clock, signal });
		return { profile: found, thereAndBack: true };
	} catch (error) {
		signal.throwIfAborted();
		say(`golden is not taken back as an update, and written by ${board.flasher ? 'flasher' : 'serial'} between cuts: ${(error as Error).message}`);
		return { profile: found, thereAndBack: false };
	}
};

interface CuttingOptions extends SweepRunOptions {
	readonly start: SweepStart;
	readonly request: SweepRequest;
	readonly clock: RealClock;
	keep(record: CutRecord): void;
	/** Cuts that broke some board so far. */
	broken(): number;
}

/** Makes the cuts of one board, one after the other; returns why the rig could not go on, where it could not. */
const cutBoard = async (
	{ spec, rigBoard: { board }, sink, lost }: OpenedBoard,
	places: readonly { readonly index: number; readonly place: UpdatePlace }[],
	{ start, request, clock, report, signal, keep, broken, say }: CuttingOptions,
): Promise<readonly string[]> => {
	const swept = new SweptBoard({
		board,
		path: request.path,
		profile: start.profile,
		clock,
		signal: AbortSignal.any([signal, lost]),
		thereAndBack: start.thereAndBack,
		judge: sink.judge,
		record: sink.record,
	});
	const leastMs = spec.limits.cutsPerHour === undefined ? 0 : 3_600_000 / spec.limits.cutsPerHour;
	for (const { index, place } of places) {
		if (signal.aborted) return [];
		if (broken() >= MOST_BROKEN) {
			say(`${spec.name}: ${MOST_BROKEN} cuts broke a board; the rest is not made`);
			return [];
		}
		const startedMs = clock.nowMs;
		const startedAt = new realTime.Date(realTime.epochMs()).toISOString();
		const begun = report.beginCut(spec.name, { index, place });
		for (const event of begun) report.show(event, spec.name);
		sink.events = [...begun];
		try {
			const record = await swept.cut(index, place);
			const ended = report.endCut(spec.name, { record, startedAt, atMs: Math.round(board.nowMs) });
			for (const event of ended) report.show(event, spec.name);
			report.keep([...sink.events, ...ended]);
			keep({ ...record, startedAt });
		} catch (error) {
			if (signal.aborted) return [];
			const reason = ((lost.aborted ? lost.reason : error) as Error).message;
			// A limit of its rig file is no fault of the rig.
			const isWorn = Reflect.get(error as Error, 'code') === 'worn';
			const ended = report.failCut(spec.name, { index, place, reason, verdict: isWorn ? 'inconclusive' : 'errored' });
			report.show(ended, spec.name);
			report.keep([...sink.events, ended]);
			if (!isWorn) return [`${spec.name}: ${reason}`];
			say(`${reason}; the rest is not made`);
			return [];
		}
		const restMs = startedMs + leastMs - clock.nowMs;
		if (restMs > 0) await Promise.race([clock.sleep(Math.ceil(restMs)), new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))]);
	}
	return [];
};
