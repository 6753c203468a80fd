import { join, resolve } from 'node:path';
import type { BlackstartEvent } from '../../events/index.js';
import { RealClock } from '../../time/index.js';
import type { AvaReport } from '../worker/observe-ava.js';
import type { CasesPlan, WorkerPlan } from '../worker/plan.js';
import { type AvaEnd, type AvaProcess, startAva } from './ava-process.js';
import { writeAvaProject } from './ava-project.js';
import type { RunRequest } from './run-request.js';
import { dealProcesses } from './deal-processes.js';
import type { ScenarioLedger } from './scenario-ledger.js';
import type { ScenarioProcess } from './scenario-process.js';

export interface PassOptions {
	/** Absolute path of the run's folder. */
	readonly folder: string;
	readonly ledgers: readonly ScenarioLedger[];
	readonly run: { readonly interrupted: boolean; killHard: () => void };
	tell(event: BlackstartEvent, scenario?: string): void;
	/** True for the first pass of a run. */
	readonly first: boolean;
	/** Called whenever a process is gone and the books of its scenarios are closed. */
	onProcessClosed(): void;
}

const POLL_MS = 100;
/** An interrupted AVA ends its processes at once; one that does not is ended for it. */
const INTERRUPT_GRACE_MS = 3000;

/**
 * Runs every case that has no verdict yet in one run of AVA. Each pass but the first gives at least one of them its verdict, so
 * that a file whose process broke in the middle is taken up again behind the case that broke it. Returns what AVA and the log
 * disagree on.
 */
export const runPass = async (request: RunRequest, options: PassOptions): Promise<readonly string[]> => {
	const { folder, run, tell, onProcessClosed } = options;
	const pending = options.ledgers.filter(({ remaining }) => remaining.length > 0);
	const processes = dealProcesses(pending, { folder, shared: options.first ? request.jobs : 0, serial: request.rig !== undefined });
	const plan = planPass(request, { folder, processes });
	for (const ledger of pending) for (const event of ledger.reopen()) tell(event, ledger.scenario.name);
	const clock = new RealClock();
	const project = writeAvaProject(join(folder, 'partial', 'ava'), { plan, jobs: request.rig ? 1 : request.jobs, heapMib: request.heapMib });
	const byName = new Map(processes.map((process) => [process.name, process]));
	const strayTroubles: string[] = [];
	const readLogs = (process: ScenarioProcess): void => {
		for (const { event, scenario } of process.read(clock.nowMs)) tell(event, scenario);
	};
	const close = (process: ScenarioProcess, how: string): void => {
		if (process.closed) return;
		readLogs(process);
		// Whoever interrupts a run learns that its cases did not finish; they get no verdict.
		if (run.interrupted) return;
		for (const { event, scenario } of process.close(how)) tell(event, scenario);
		onProcessClosed();
	};
	const ava = startAva(project, {
		output: join(folder, 'partial', 'ava.log'),
		realLoss: request.rung?.loss === 'real',
		onReport: ({ process: name, kind, message }: AvaReport) => {
			const process = name === undefined ? undefined : byName.get(name);
			if (!process) strayTroubles.push(message ?? 'AVA failed');
			else if (kind === 'trouble') process.noteTrouble(message ?? 'something went wrong');
			else close(process, message ?? '');
		},
	});
	run.killHard = () => killAll(ava, processes);
	const ended = await watch(ava, { ...options, processes, clock, readLogs, timeoutMs: request.timeoutMs });
	killAll(ava, processes);
	for (const process of processes) close(process, `AVA was gone before it (${ended.signal ?? `exit code ${ended.exitCode}`})`);
	return run.interrupted ? [] : crossCheck(ended, { pending, strayTroubles });
};

const planPass = (request: RunRequest, { folder, processes }: { folder: string; processes: readonly ScenarioProcess[] }): WorkerPlan => ({
	...planCases(request),
	folder,
	processes: processes.map(({ name, ledgers }) => ({
		name,
		scenarios: ledgers.map((ledger) => ({
			name: ledger.scenario.name,
			url: ledger.scenario.url,
			reference: ledger.scenario.reference,
			resumed: ledger.begun,
			slugs: ledger.remaining.map(({ slug }) => slug),
			...(ledger.scenario.board === undefined ? {} : { board: ledger.scenario.board }),
		})),
	})),
});

/** What every case of the run has in common. */
export const planCases = (request: RunRequest): CasesPlan => {
	const { seed, devices, directory, image, from, key, reduction, rig, rung } = request;
	return {
		seed,
		devices,
		directory,
		keys: key === undefined ? [] : [resolve(directory, key)],
		...(image ? { image: resolve(directory, image.path) } : {}),
		...(from ? { from: resolve(directory, from.path) } : {}),
		...(rung ? { rung } : {}),
		...(reduction ? { reduction } : {}),
		...(rig ? { rig: { path: rig.path, boards: rig.boards, emulated: rig.emulated } } : {}),
		caseFiles: {
			...(rig ? { rig: { path: rig.path, digest: rig.digest } } : {}),
			...(image ? { image } : {}),
			...(from ? { from } : {}),
			...(key === undefined ? {} : { key }),
		},
	};
};

interface WatchOptions extends PassOptions {
	readonly processes: readonly ScenarioProcess[];
	readonly clock: RealClock;
	readonly timeoutMs: number;
	readLogs(process: ScenarioProcess): void;
}

/** Follows the logs until AVA is gone; ends what hangs, and everything once the run is interrupted. */
const watch = async (ava: AvaProcess, { processes, clock, readLogs, timeoutMs, run }: WatchOptions): Promise<AvaEnd> => {
	let end: AvaEnd | undefined;
	const ended = ava.ended.then((value) => {
		end = value;
	});
	let interruptedMs: number | undefined;
	while (end === undefined) {
		await Promise.race([ended, clock.sleep(POLL_MS)]);
		for (const process of processes) {
			if (process.closed) continue;
			readLogs(process);
			if (process.stalled === undefined && process.idleMs(clock.nowMs) > timeoutMs) {
				process.stalled = `it hung ${process.position}: no event and no progress of time for ${timeoutMs / 1000} s`;
				killProcess(process);
			}
		}
		if (!run.interrupted) continue;
		if (interruptedMs === undefined) {
			interruptedMs = clock.nowMs;
			ava.kill('SIGINT');
		} else if (clock.nowMs - interruptedMs > INTERRUPT_GRACE_MS) killAll(ava, processes);
	}
	return end;
};

const killAll = (ava: AvaProcess, processes: readonly ScenarioProcess[]): void => {
	ava.kill('SIGKILL');
	for (const process of processes) killProcess(process);
};

const killProcess = ({ processId }: ScenarioProcess): void => {
	if (processId === undefined) return;
	try {
		process.kill(processId, 'SIGKILL');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
	}
};

/** AVA and the log must agree on whether all went well. */
const crossCheck = (ended: AvaEnd, { pending, strayTroubles }: { pending: readonly ScenarioLedger[]; strayTroubles: readonly string[] }): readonly string[] => {
	const red = pending.some(({ redInPass, remaining }) => redInPass || remaining.length > 0);
	if (ended.exitCode === 0 && red) return ['AVA ended with exit code 0 although the log holds cases that did not pass'];
	if (ended.exitCode !== 0 && !red) {
		const why = strayTroubles.join('; ') || ended.message.split('\n')[0] || 'no reason was given';
		return [`AVA ended with ${ended.signal ?? `exit code ${ended.exitCode}`} although every case in the log passed: ${why}`];
	}
	return [];
};
