import type { Release } from '../../firmware/index.js';
import type { Clock, Random } from '../../time/index.js';
import type { CampaignStatus, DeviceHealth, InventoryEntry } from '../campaign-service.js';
import type { BackupAnswer, CampaignPlatform } from '../controller/index.js';
import { type ReservationRequest, Reservations } from '../reservations.js';
import type { BaselineGroup, CampaignPlan } from '../plan/index.js';
import type { FleetModel } from './fleet-model.js';

/** Of the release that devices are sent back to: none of theirs. */
export const PREVIOUS_VERSION = '0.0.0';
const ID_DIGITS = 5;
const WELL: DeviceHealth = { temperatureC: 30, freeMemoryBytes: 32_768, errors: 0, watchdogResets: 0 };

/**
 * A fleet of drawn numbers behind the port that the real controller uses: when a device begins a job, when it ends it and how
 * is drawn when the job is sent, and looked up when the controller asks. Devices are those of the plan's inventory, dealt out
 * by the shares of its groups; each meets its baseline and passes every check.
 */
export class StatisticalPlatform implements CampaignPlatform {
	readonly #clock: Clock;
	readonly #random: Random;
	readonly #model: FleetModel;
	readonly #devices = new Map<string, DrawnDevice>();
	readonly #reservations = new Reservations();
	readonly #jobs = new Map<string, readonly string[]>();

	constructor(options: { readonly clock: Clock; readonly random: Random; readonly model: FleetModel; readonly plan: CampaignPlan; readonly devices: number }) {
		this.#clock = options.clock;
		this.#random = options.random;
		this.#model = options.model;
		const peripherals = [...new Set(options.plan.compatibility.flatMap((rule) => rule.peripherals ?? []))];
		for (const { id, group } of dealGroups(options.plan.inventory, options.devices))
			this.#devices.set(id, new DrawnDevice({ id, group, peripherals, clock: options.clock }));
	}

	inventory(): readonly InventoryEntry[] {
		return [...this.#devices.values()];
	}

	entryOf(device: string): InventoryEntry | undefined {
		return this.#devices.get(device);
	}

	hasJob(job: string): boolean {
		return this.#jobs.has(job);
	}

	async deploy({ job, release, devices }: { readonly job: string; readonly release: Release; readonly devices: readonly string[] }): Promise<void> {
		this.#jobs.set(job, devices);
		for (const id of devices) this.#devices.get(id)?.courses.push(this.#draw(id, { job, version: release.version }));
	}

	openReservation(): string {
		return this.#reservations.open();
	}

	reserve(request: ReservationRequest): ReadonlyMap<string, string> {
		return this.#reservations.take(request);
	}

	free(reservation: string): void {
		this.#reservations.free(reservation);
	}

	/** Its release has no bytes. */
	objectionToImage(): undefined {
		return undefined;
	}

	async cancel(job: string): Promise<void> {
		const { nowMs } = this.#clock;
		for (const id of this.#jobs.get(job) ?? []) {
			const course = this.#devices.get(id)?.courseOf(job);
			if (course !== undefined && course.beginsMs > nowMs) course.ends = 'cancelled';
		}
	}

	statusOf(job: string, device: string): CampaignStatus {
		const course = this.#devices.get(device)?.courseOf(job);
		if (course === undefined) throw new RangeError(`statusOf: a job that was sent was expected, got ${job} on ${device}`);
		if (course.ends === 'cancelled') return 'cancelled';
		return course.ends === 'never' || this.#clock.nowMs < course.endsMs ? 'pending' : course.ends;
	}

	async backUp(): Promise<BackupAnswer> {
		return {};
	}

	async tryRestore(): Promise<BackupAnswer> {
		return {};
	}

	#draw(device: string, { job, version }: { readonly job: string; readonly version: string }): Course {
		const random = this.#random.stream(`${device}/${version}`);
		const { failureRatio, backFailureRatio, offlineRatio, offlineMs, lostRatio, leastMs, linkMs } = this.#model;
		const beginsMs = this.#clock.nowMs + (random.chance(offlineRatio) ? Math.round(random.next() * offlineMs) : 1_000);
		const endsMs = beginsMs + leastMs + Math.round(-Math.log(1 - random.next()) * linkMs);
		const ends = random.chance(lostRatio) ? 'never' : random.chance(version === PREVIOUS_VERSION ? backFailureRatio : failureRatio) ? 'failed' : 'succeeded';
		return { job, version, beginsMs, endsMs, ends };
	}
}

interface Course {
	readonly job: string;
	readonly version: string;
	readonly beginsMs: number;
	readonly endsMs: number;
	ends: 'succeeded' | 'failed' | 'never' | 'cancelled';
}

/** What it reports is worked out when it is asked for. */
class DrawnDevice implements InventoryEntry {
	readonly device: string;
	readonly hardware: string;
	readonly peripherals: readonly string[];
	readonly model?: string;
	readonly segment?: string;
	readonly memoryBytes = Number.MAX_SAFE_INTEGER;
	readonly freeSlotBytes = Number.MAX_SAFE_INTEGER;
	readonly health = WELL;
	readonly courses: Course[] = [];
	readonly #baseVersion: string;
	readonly #clock: Clock;

	constructor({
		id,
		group,
		peripherals,
		clock,
	}: { readonly id: string; readonly group: GroupPlace; readonly peripherals: readonly string[]; readonly clock: Clock }) {
		this.device = id;
		this.hardware = group.hardware;
		this.peripherals = peripherals;
		if (group.model !== undefined) this.model = group.model;
		if (group.segment !== undefined) this.segment = group.segment;
		this.#baseVersion = group.version;
		this.#clock = clock;
	}

	get version(): string {
		const { nowMs } = this.#clock;
		return this.courses.findLast(({ ends, endsMs }) => ends === 'succeeded' && endsMs <= nowMs)?.version ?? this.#baseVersion;
	}

	get reportedEpochMs(): number {
		return this.#clock.epochMs;
	}

	courseOf(job: string): Course | undefined {
		return this.courses.findLast((course) => course.job === job);
	}
}

interface GroupPlace {
	readonly hardware: string;
	readonly version: string;
	readonly model?: string | undefined;
	readonly segment?: string | undefined;
}

/** Devices that groups list come first, under their names; the others are dealt to the group furthest behind its share. */
const dealGroups = (groups: readonly BaselineGroup[], count: number): readonly { readonly id: string; readonly group: GroupPlace }[] => {
	const named = groups.flatMap((group) =>
		(group.devices ?? []).map((device) => ({
			id: device.id,
			group: {
				hardware: device.hardware ?? group.hardware,
				version: device.version ?? group.version,
				model: device.model ?? group.model,
				segment: device.segment ?? group.segment,
			},
		})),
	);
	const open = groups.filter(({ devices }) => devices === undefined).map((group) => ({ group, dealt: 0 }));
	const shares = open.reduce((sum, { group }) => sum + group.share, 0);
	const dealt: { readonly id: string; readonly group: GroupPlace }[] = named.slice(0, count);
	for (let index = dealt.length; index < count && open.length > 0; index++) {
		const number = index - named.length + 1;
		const [best] = open.map((one) => ({ one, lack: (one.group.share / shares) * number - one.dealt })).sort((left, right) => right.lack - left.lack);
		if (best === undefined) break;
		best.one.dealt++;
		dealt.push({ id: `device-${String(index + 1).padStart(ID_DIGITS, '0')}`, group: best.one.group });
	}
	return dealt;
};
