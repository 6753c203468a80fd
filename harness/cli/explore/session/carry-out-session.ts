import { fileURLToPath } from 'node:url';
import type { TearLevel } from '../../../explorer/index.js';
import { realTime } from '../../../time/index.js';
import { doTasks } from '../../crew.js';
import { onInterrupt } from '../../run/interrupt.js';
import { planClean, planSecond, planTorn } from './plan-cuts.js';
import { runSession, type SessionRun } from './run-session.js';
import { encodeSessionCase, type SessionCase, type SessionCut, type SessionTarget } from './session-case.js';
import type { SessionAnswer } from './worker.js';

export interface CarriedOutSession {
	/** `every-cut`: none that was planned is left. */
	readonly end: 'every-cut' | 'time' | 'interrupted';
	readonly seconds: number;
	/** The update with nothing in its way. */
	readonly undisturbed: SessionRun;
	/** In the order of the plan, whoever ran which. */
	readonly runs: readonly SessionRun[];
	/** Sessions planned; more may have come of those that were not run. */
	readonly planned: number;
}

export interface SessionPlan {
	readonly target: SessionTarget;
	readonly tears: TearLevel;
	/** Power losses in one session. */
	readonly depth: number;
	readonly jobs: number;
	readonly mostMs: number;
	readonly onProgress: (progress: { readonly done: number; readonly planned: number }) => void;
}

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

/** Cuts one session everywhere, each cut in a world of its own. Throws where a cut that was planned took no effect: the sessions were not alike. */
export const carryOutSession = async (plan: SessionPlan): Promise<CarriedOutSession> => {
	const { target, tears, depth, mostMs } = plan;
	const startedMs = realTime.nowMs();
	const abort = new AbortController();
	let end: CarriedOutSession['end'] = 'every-cut';
	const stop = (why: 'time' | 'interrupted') => (): void => {
		if (end === 'every-cut') end = why;
		abort.abort();
	};
	const stopListening = onInterrupt({ first: stop('interrupted'), second: stop('interrupted') });
	const timer = Number.isFinite(mostMs) ? realTime.setTimeout(stop('time'), mostMs) : undefined;
	const runs: SessionRun[] = [];
	let planned = 0;
	const runAll = async (cuts: readonly (readonly SessionCut[])[]): Promise<readonly SessionRun[]> => {
		const done = runs.length;
		planned += cuts.length;
		const found = await runEach(
			cuts.map((each) => ({ ...target, cuts: each })),
			{
				jobs: plan.jobs,
				signal: abort.signal,
				onRun: (count) => plan.onProgress({ done: done + count, planned }),
			},
		);
		runs.push(...found);
		return found;
	};
	try {
		const undisturbed = await runSession({ ...target, cuts: [] });
		const clean = await runAll(planClean(undisturbed).map((cut) => [cut]));
		await runAll(planTorn(clean, tears).map((cut) => [cut]));
		if (depth > 1) await runAll(planSecond(clean));
		return { end, seconds: (realTime.nowMs() - startedMs) / 1000, undisturbed, runs, planned };
	} finally {
		stopListening();
		if (timer !== undefined) realTime.clearTimeout(timer);
	}
};

interface RunEachOptions {
	readonly jobs: number;
	readonly signal: AbortSignal;
	readonly onRun: (done: number) => void;
}

const runEach = async (cases: readonly SessionCase[], { jobs, signal, onRun }: RunEachOptions): Promise<readonly SessionRun[]> => {
	const runs: (SessionRun | undefined)[] = cases.map(() => undefined);
	let done = 0;
	let failed: Error | undefined;
	await doTasks<{ readonly index: number; readonly one: SessionCase }, SessionAnswer>(
		cases.map((one, index) => ({ index, one })),
		{
			worker: WORKER,
			name: 'the session',
			describe: ({ one }) => encodeSessionCase(one),
			jobs,
			signal,
			onResult: (answer) => {
				const one = cases[answer.index] as SessionCase;
				if ('error' in answer) failed ??= new Error(`${encodeSessionCase(one)}: ${answer.error}`);
				else {
					runs[answer.index] = answer.run;
					if (answer.run.hits.length < one.cuts.length)
						failed ??= new Error(`${encodeSessionCase(one)}: ${one.cuts.length} cuts were to take effect, ${answer.run.hits.length} did`);
				}
				onRun(++done);
			},
		},
	);
	if (failed !== undefined) throw failed;
	return runs.filter((run) => run !== undefined);
};
