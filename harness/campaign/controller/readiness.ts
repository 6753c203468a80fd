import type { CampaignControl } from './control.js';
import { type DeviceSet, isTooMany } from './dependencies.js';

/** Whether a device may be started now, must wait, or never goes in this campaign. */
export type Readiness =
	| { readonly kind: 'ready' }
	| { readonly kind: 'waits'; readonly untilMs?: number /** Said once of each device. */; readonly why?: string }
	| { readonly kind: 'lost'; readonly why: string };

const READY: Readiness = { kind: 'ready' };

/** Devices that become ready at one moment: they need the same devices first, go together, or share their windows. */
export interface Cohort {
	readonly unit: DeviceSet | undefined;
	readonly devices: readonly string[];
}

/** Parts devices into cohorts, each in the order given. */
export const formCohorts = (control: CampaignControl, devices: readonly string[]): readonly Cohort[] => {
	const ids = new Map<object, number>();
	const idOf = (object: object): number => {
		const known = ids.get(object) ?? ids.size;
		ids.set(object, known);
		return known;
	};
	const cohorts = new Map<string, { readonly unit: DeviceSet | undefined; readonly devices: string[] }>();
	const { dependencies } = control.surveyed;
	for (const device of devices) {
		const unit = dependencies.unitOf(device);
		const key =
			unit === undefined
				? `${[control.windowsOf(device), ...dependencies.firstsOf(device)].map(idOf).join()}${batteryKey(control, device)}`
				: `unit ${idOf(unit)}`;
		const cohort = cohorts.get(key);
		if (cohort === undefined) cohorts.set(key, { unit, devices: [device] });
		else cohort.devices.push(device);
	}
	return [...cohorts.values()];
};

/** Answers for one instant: sets of devices and windows that many share are looked at once. */
export class ReadinessCheck {
	readonly #control: CampaignControl;
	readonly #bySet = new Map<DeviceSet, Readiness>();
	readonly #byWindows = new Map<object, Readiness>();

	constructor(control: CampaignControl) {
		this.#control = control;
	}

	/** Devices that go together are ready together. */
	of({ unit, devices }: Cohort): Readiness {
		const [any] = devices;
		if (unit === undefined) return any === undefined ? READY : this.#alone(any);
		return worst(unit.devices.filter((member) => !this.#control.updatedBefore.has(member)).map((member) => this.#member(member)));
	}

	#member(device: string): Readiness {
		if (this.#control.taskOf.has(device)) return READY;
		return this.#control.leftOut.has(device) ? { kind: 'lost', why: `${device}, which goes together with it, does not go` } : this.#alone(device);
	}

	#alone(device: string): Readiness {
		const sets = this.#control.surveyed.dependencies.firstsOf(device).map((set) => this.#set(set));
		return worst([...sets, this.#window(device), chargeOf(this.#control, device)]);
	}

	#set(set: DeviceSet): Readiness {
		const known = this.#bySet.get(set);
		if (known !== undefined) return known;
		const { taskOf, updatedBefore, leftOut } = this.#control;
		const lost: string[] = [];
		let isWaiting = false;
		for (const device of set.devices) {
			const task = taskOf.get(device);
			if (updatedBefore.has(device) || task?.status === 'succeeded') continue;
			if (task === undefined ? leftOut.has(device) : task.status !== 'pending') lost.push(device);
			else isWaiting = true;
		}
		const readiness: Readiness = isTooMany(lost.length, set)
			? { kind: 'lost', why: `${set.name} had to be updated first, and ${lost[0]} was not` }
			: isWaiting
				? { kind: 'waits' }
				: READY;
		this.#bySet.set(set, readiness);
		return readiness;
	}

	#window(device: string): Readiness {
		const windows = this.#control.windowsOf(device);
		const known = this.#byWindows.get(windows);
		if (known !== undefined) return known;
		const { epochMs, plan } = this.#control;
		const time = windows.nextWith(plan.updateTakes, { epochMs });
		const readiness: Readiness =
			time === undefined
				? { kind: 'lost', why: `no maintenance window of the next two weeks has room for an update of ${plan.updateTakes / 60_000} minutes` }
				: time.opensMs <= epochMs
					? READY
					: { kind: 'waits', untilMs: time.opensMs };
		this.#byWindows.set(windows, readiness);
		return readiness;
	}
}

/** A device with a battery is a cohort of its own where the plan asks for charge. */
const batteryKey = ({ plan, platform }: CampaignControl, device: string): string =>
	plan.battery !== undefined && platform.entryOf(device)?.batteryPercent !== undefined ? ` ${device}` : '';

const CHARGE_LOOK_MS = 600_000;

/** What a device last said of its battery, against the plan's bound. */
const chargeOf = (control: CampaignControl, device: string): Readiness => {
	const { battery } = control.plan;
	const percent = battery === undefined ? undefined : control.platform.entryOf(device)?.batteryPercent;
	if (battery === undefined || percent === undefined || percent >= battery.minimum * 100) {
		control.lowSince.delete(device);
		return READY;
	}
	const sinceMs = control.lowSince.get(device) ?? control.epochMs;
	control.lowSince.set(device, sinceMs);
	const why = `${Math.round(battery.minimum * 100)} % of charge were expected, got ${percent} %`;
	if (control.epochMs - sinceMs < battery.waits) return { kind: 'waits', untilMs: control.epochMs + CHARGE_LOOK_MS, why };
	return { kind: 'lost', why: `${why}, and no more within ${battery.waits / 3_600_000} hours` };
};

/** The worst of several; of those that wait, the one that waits longest. */
const worst = (all: readonly Readiness[]): Readiness => all.reduce((one, other) => (weightOf(other) > weightOf(one) ? other : one), READY);

const weightOf = (readiness: Readiness): number => {
	if (readiness.kind === 'ready') return -1;
	return readiness.kind === 'lost' ? Number.POSITIVE_INFINITY : (readiness.untilMs ?? 0);
};
