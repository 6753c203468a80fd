import type { BlackstartEvent } from '../../events/index.js';
import type { Release } from '../../firmware/index.js';
import type { Clock, Random } from '../../time/index.js';
import type { CampaignPlan } from '../plan/index.js';
import { Calendar, MaintenanceWindows } from '../window/index.js';
import type { CampaignPlatform } from './campaign-platform.js';
import type { AbortOrder, CampaignState, CampaignStore, TaskState } from './campaign-state.js';
import type { Dependencies } from './dependencies.js';
import type { Baseline } from './inventory-check.js';

export interface CampaignOptions {
	readonly plan: CampaignPlan;
	readonly release: Release;
	/** What a rollback goes back to. */
	readonly previous?: Release;
	/** In place of `previous`, where devices do not all go back to the same: what this one ran before that job, or runs now where it was sent none. */
	previousOf?(device: string, job: string | undefined): Release | undefined;
	readonly platform: CampaignPlatform;
	readonly clock: Clock;
	readonly random: Random;
	/** Where the state is kept for another controller; nowhere by default. */
	readonly store?: CampaignStore;
	/** Ends this controller at once, as a kill would: nothing more is decided, sent or saved. */
	readonly signal?: AbortSignal;
	/** A person's order to stop, given by aborting it with an AbortOrder for a reason. */
	readonly orders?: AbortSignal;
	/** Whether the release is held against what its devices would refuse before anything is sent (true). */
	readonly preflight?: boolean;
	/** How often devices are asked about while any is at work, whole milliseconds (30 seconds). */
	readonly pollMs?: number;
	/** How often updated devices are looked at again: their reports, their health, what the service says of them (5 minutes). */
	readonly examineEveryMs?: number;
	/** One that other campaigns use too. */
	readonly calendar?: Calendar;
	record(event: BlackstartEvent): void;
}

export interface Decision {
	readonly what: string;
	readonly why: string;
	/** Who decided it: the controller, unless said otherwise. */
	readonly who?: string;
	readonly device?: string;
	/** Of the plan's inventory. */
	readonly group?: string;
	readonly digest?: string;
}

/** The decision with the group of its device, where that is in one. */
export const withGroup = (decision: Decision, baselines: ReadonlyMap<string, Baseline>): Decision => {
	const group = decision.device === undefined ? undefined : baselines.get(decision.device)?.group;
	return group === undefined ? decision : { ...decision, group };
};

/** The controller was killed; what it had saved, another one can go on from. */
export class CampaignKilledError extends Error {
	override readonly name = 'CampaignKilledError';
	readonly code = 'campaign-killed';

	constructor(campaign: string) {
		super(`campaign ${campaign}: its controller was killed`);
	}
}

export interface Surveyed {
	readonly baselines: ReadonlyMap<string, Baseline>;
	readonly dependencies: Dependencies;
}

/** What every step of a campaign works with: its state, its windows, and the one way in which decisions are told. */
export class CampaignControl {
	readonly options: CampaignOptions;
	readonly state: CampaignState;
	readonly surveyed: Surveyed;
	/** The job that brings the release to a device, by device. */
	readonly taskOf = new Map<string, TaskState>();
	readonly updatedBefore: ReadonlySet<string>;
	readonly leftOut: Set<string>;
	/** Since when this controller has waited for the battery of a device. */
	readonly lowSince = new Map<string, number>();
	/** Devices of which it was said why they wait. */
	readonly waiting = new Set<string>();
	/** Grows with everything that is kept. */
	revision = 0;
	readonly #tell: (decision: Decision) => void;
	readonly #save: () => void;
	readonly #windows = new Map<string, MaintenanceWindows>();
	readonly #calendar: Calendar;

	constructor(options: CampaignOptions, { state, surveyed, decide, save }: ControlParts) {
		this.options = options;
		this.#calendar = options.calendar ?? new Calendar();
		this.state = state;
		this.surveyed = surveyed;
		this.#tell = decide;
		this.#save = save;
		this.updatedBefore = new Set(state.updatedBefore);
		this.leftOut = new Set(state.leftOut.map(({ device }) => device));
		for (const { tasks } of state.waves) for (const task of tasks) this.taskOf.set(task.device, task);
	}

	get plan(): CampaignPlan {
		return this.options.plan;
	}

	get platform(): CampaignPlatform {
		return this.options.platform;
	}

	get epochMs(): number {
		return this.options.clock.epochMs;
	}

	get pollMs(): number {
		return this.options.pollMs ?? DEFAULT_POLL_MS;
	}

	get examineEveryMs(): number {
		return this.options.examineEveryMs ?? DEFAULT_EXAMINE_EVERY_MS;
	}

	/** Tells a decision, before it is carried out. */
	decide(decision: Decision): void {
		this.#tell(withGroup(decision, this.surveyed.baselines));
	}

	/** Keeps the state: after a decision, before what it decided is done. */
	save(): void {
		this.revision++;
		this.#save();
	}

	/** What a person ordered and nobody has carried out. */
	get abortOrder(): AbortOrder | undefined {
		return this.state.abort === undefined ? abortOrderOf(this.options) : undefined;
	}

	/** What a device goes back to; undefined where nothing is there to go back to. */
	previousOf(device: string): Release | undefined {
		const { previousOf, previous } = this.options;
		return previousOf === undefined ? previous : previousOf(device, this.taskOf.get(device)?.job);
	}

	/** Lets time pass, until a person's order comes at most; rejects where the controller is killed meanwhile. */
	pause(delayMs: number, label: string): Promise<void> {
		return pauseUnlessKilled(this.options, { delayMs, label });
	}

	digestFor(device: string, release: Release): { readonly digest?: string } {
		const hardware = this.platform.entryOf(device)?.hardware ?? this.surveyed.baselines.get(device)?.hardware;
		const digest = release.images.find((image) => image.hardware === hardware)?.digest;
		return digest === undefined ? {} : { digest };
	}

	windowsOf(device: string): MaintenanceWindows {
		const { group, segment } = this.surveyed.baselines.get(device) ?? {};
		const key = `${group} ${segment}`;
		const known = this.#windows.get(key);
		if (known !== undefined) return known;
		const own = this.plan.windows.filter(
			({ groups, segments }) =>
				(groups === undefined || (group !== undefined && groups.includes(group))) &&
				(segments === undefined || (segment !== undefined && segments.includes(segment))),
		);
		const windows = new MaintenanceWindows(own, { calendar: this.#calendar });
		this.#windows.set(key, windows);
		return windows;
	}
}

interface ControlParts {
	readonly state: CampaignState;
	readonly surveyed: Surveyed;
	readonly decide: (decision: Decision) => void;
	readonly save: () => void;
}

const DEFAULT_POLL_MS = 30_000;
const DEFAULT_EXAMINE_EVERY_MS = 300_000;

/** Throws where the controller was killed. */
export const assertAlive = ({ plan, signal }: Pick<CampaignOptions, 'plan' | 'signal'>): void => {
	if (signal?.aborted === true) throw new CampaignKilledError(plan.name);
};

export const pauseUnlessKilled = async (
	options: Pick<CampaignOptions, 'plan' | 'signal' | 'orders' | 'clock'>,
	{ delayMs, label }: { readonly delayMs: number; readonly label: string },
): Promise<void> => {
	const { clock, signal, orders } = options;
	assertAlive(options);
	// An order that was given before wakes nobody again.
	const wakers = [signal, orders].filter((waker) => waker !== undefined);
	if (wakers.length === 0) return clock.sleep(delayMs, label);
	await new Promise<void>((resolve) => {
		const end = (): void => {
			timer.cancel();
			for (const waker of wakers) waker.removeEventListener('abort', end);
			resolve();
		};
		const timer = clock.after(delayMs, end);
		for (const waker of wakers) waker.addEventListener('abort', end);
	});
	assertAlive(options);
};

export const abortOrderOf = ({ orders }: Pick<CampaignOptions, 'orders'>): AbortOrder | undefined =>
	orders?.aborted === true ? (orders.reason as AbortOrder) : undefined;
