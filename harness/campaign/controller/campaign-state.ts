import type { DeviceHealth } from '../campaign-service.js';
import type { LeftOut } from '../compatible-devices.js';
import type { Drift } from './inventory-check.js';

/** All that a controller must know to go on where another one was killed; times are milliseconds since the epoch. */
export interface CampaignState {
	readonly campaign: string;
	/** SHA-256 of the plan and the release that this is about. */
	readonly planDigest: string;
	readonly startedMs: number;
	readonly approver: string;
	/** What keeps its devices for it. */
	readonly reservation: string;
	readonly drift: readonly Drift[];
	readonly leftOut: LeftOut[];
	/** Devices that need no update and that others may depend on. */
	readonly updatedBefore: readonly string[];
	readonly waves: WaveState[];
	/** `reserving`: nothing is decided but that devices are to be kept for it. */
	phase: 'reserving' | 'waves' | 'halted' | 'ended';
	/** Jobs sent so far: names are never used twice. */
	jobs: number;
	haltedAtWave?: number;
	haltedMs?: number;
	/** The person's order that halted it, where no gate did. */
	abort?: AbortOrder;
	endedMs?: number;
	reason?: string;
	/** Whether everything that took the release goes back, and not those alone whose partners did not take it. */
	isTakenBack?: boolean;
	/** What was sent back to the version before. */
	readonly back: TaskState[];
	/** Why devices stay on a release that was to be taken back. */
	readonly notReturned: LeftOut[];
}

/** A person's order to stop a campaign: nothing more is sent once it is given. */
export interface AbortOrder {
	readonly who: string;
	readonly why: string;
	/** Whether what had taken the release is sent back to the version before, as after a gate's halt; left where it is by default. */
	readonly takeBack?: boolean;
}

export interface WaveState {
	/** In the order in which they are to go. */
	readonly devices: readonly string[];
	readonly tasks: TaskState[];
	startedMs?: number;
	/** Until when it is watched, once its last device ended. */
	soakUntilMs?: number;
	endedMs?: number;
	decision?: 'go' | 'halt';
	unhealthy: number;
}

/** One job on one device. */
export interface TaskState {
	readonly device: string;
	readonly job: string;
	/** Set before the job is sent, so that no other controller sends it as another job. */
	readonly sentMs: number;
	status: TaskStatus;
	endedMs?: number;
	stuckSince?: number;
	/** When the maintenance window it was sent in closes; absent where it was sent without one. */
	readonly closesMs?: number;
	/** Since when it is at work outside of that. */
	overranSince?: number;
	/** Before it was sent, and at its first report after it had succeeded. */
	before?: DeviceHealth;
	after?: DeviceHealth & { readonly atMs: number };
	/** What is wrong with it since it succeeded. */
	unhealthy?: string;
}

/** `silent`: had not ended in time, or reported nothing for too long afterwards. */
export type TaskStatus = 'pending' | 'succeeded' | 'failed' | 'silent' | 'cancelled';

/** Where a campaign's state outlives its controller. `save` returns when what it was given is safe. */
export interface CampaignStore {
	load(): CampaignState | undefined;
	save(state: CampaignState): void;
}

/** Keeps the state in memory, apart from the one that is saved. */
export const createMemoryStore = (): CampaignStore => {
	let text: string | undefined;
	return {
		load: () => (text === undefined ? undefined : (JSON.parse(text) as CampaignState)),
		save: (state) => {
			text = JSON.stringify(state);
		},
	};
};

/** Keeps nothing: for campaigns that nobody resumes. */
export const NO_STORE: CampaignStore = { load: () => undefined, save: () => {} };
