import type { LeftOut } from '../compatible-devices.js';
import type { CampaignState, TaskState } from './campaign-state.js';
import type { Drift } from './inventory-check.js';

/** What a campaign came to. */
export interface CampaignOutcome {
	readonly campaign: string;
	/** `refused`: nothing went out. */
	readonly outcome: 'completed' | 'halted' | 'rolled-back' | 'refused';
	/** Why it was refused or halted. */
	readonly reason?: string;
	readonly approver?: string;
	readonly haltedAtWave?: number;
	/** The person who halted it, where no gate did. */
	readonly abortedBy?: string;
	/** Took the release, taken back since or not. */
	readonly succeeded: number;
	readonly failed: number;
	/** The release was never begun on them. */
	readonly untouched: number;
	/** Devices that the release was sent to and not taken from before they began. */
	readonly reached: number;
	readonly waves: readonly WaveOutcome[];
	readonly drift: readonly Drift[];
	/** Devices that the release must not go to, and why. */
	readonly leftOut: readonly LeftOut[];
	/** Devices that had not finished in good time, by name. */
	readonly stuck: readonly string[];
	/** Devices that were still at work when their maintenance window closed, by name. */
	readonly overran: readonly string[];
	readonly sentBack: number;
	readonly notReturned: readonly LeftOut[];
	/** The job that brought the release to each device it was sent to, in the order of sending. */
	readonly jobs: readonly DeviceJob[];
	/** From the first decision to the last. */
	readonly tookMs: number;
}

export interface DeviceJob {
	readonly device: string;
	readonly wave: number;
	readonly status: TaskState['status'];
	/** Milliseconds since the epoch. */
	readonly sentEpochMs: number;
	readonly endedEpochMs?: number;
	/** What was wrong with it after it had succeeded. */
	readonly unhealthy?: string;
}

export interface WaveOutcome {
	readonly devices: number;
	readonly succeeded: number;
	readonly failed: number;
	readonly silent: number;
	readonly unhealthy: number;
	/** From the campaign's start; absent for a wave that never began or never ended. */
	readonly startedMs?: number;
	readonly endedMs?: number;
	readonly decision?: 'go' | 'halt';
}

export const describeOutcome = (state: CampaignState, { endedMs }: { readonly endedMs: number }): CampaignOutcome => {
	const tasks = state.waves.flatMap((wave) => wave.tasks);
	const succeeded = tasks.filter(({ status }) => status === 'succeeded').length;
	const cancelled = tasks.filter(({ status }) => status === 'cancelled').length;
	const all = new Set([...state.waves.flatMap(({ devices }) => devices), ...state.leftOut.map(({ device }) => device)]);
	const outcome = state.haltedAtWave === undefined ? 'completed' : state.isTakenBack === true && state.back.length > 0 ? 'rolled-back' : 'halted';
	return {
		campaign: state.campaign,
		outcome,
		...(state.reason === undefined ? {} : { reason: state.reason }),
		approver: state.approver,
		...(state.haltedAtWave === undefined ? {} : { haltedAtWave: state.haltedAtWave }),
		...(state.abort === undefined ? {} : { abortedBy: state.abort.who }),
		succeeded,
		failed: tasks.length - succeeded - cancelled,
		untouched: all.size - tasks.length + cancelled,
		reached: tasks.length - cancelled,
		waves: state.waves.map((wave) => describeWave(wave, state.startedMs)),
		drift: state.drift,
		leftOut: state.leftOut,
		stuck: [...tasks, ...state.back].filter(({ stuckSince }) => stuckSince !== undefined).map(({ device }) => device),
		overran: [...tasks, ...state.back].filter(({ overranSince }) => overranSince !== undefined).map(({ device }) => device),
		sentBack: state.back.length,
		notReturned: state.notReturned,
		jobs: state.waves.flatMap((wave, index) => wave.tasks.map((task) => describeJob(task, index))),
		tookMs: endedMs - state.startedMs,
	};
};

export const describeRefusal = (
	campaign: string,
	{ refused, state }: { readonly refused: string; readonly state?: Pick<CampaignState, 'drift' | 'leftOut'> },
): CampaignOutcome => ({
	campaign,
	outcome: 'refused',
	reason: refused,
	succeeded: 0,
	failed: 0,
	untouched: state?.leftOut.length ?? 0,
	reached: 0,
	waves: [],
	drift: state?.drift ?? [],
	leftOut: state?.leftOut ?? [],
	stuck: [],
	overran: [],
	sentBack: 0,
	notReturned: [],
	jobs: [],
	tookMs: 0,
});

const describeJob = ({ device, status, sentMs, endedMs, unhealthy }: TaskState, wave: number): DeviceJob => ({
	device,
	wave,
	status,
	sentEpochMs: sentMs,
	...(endedMs === undefined ? {} : { endedEpochMs: endedMs }),
	...(unhealthy === undefined ? {} : { unhealthy }),
});

const describeWave = ({ devices, tasks, unhealthy, startedMs, endedMs, decision }: CampaignState['waves'][number], fromMs: number): WaveOutcome => {
	const count = (status: TaskState['status']): number => tasks.filter((task) => task.status === status).length;
	return {
		devices: devices.length,
		succeeded: count('succeeded'),
		failed: count('failed') + count('cancelled'),
		silent: count('silent'),
		unhealthy,
		...(startedMs === undefined ? {} : { startedMs: startedMs - fromMs }),
		...(endedMs === undefined ? {} : { endedMs: endedMs - fromMs }),
		...(decision === undefined ? {} : { decision }),
	};
};
