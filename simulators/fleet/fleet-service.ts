import {
	type BackupAnswer,
	type CampaignPlatform,
	type CampaignStatus,
	type InventoryEntry,
	type ReservationRequest,
	Reservations,
} from '../../harness/campaign/index.js';
import type { BlackstartEvent } from '../../harness/events/index.js';
import type { ReleaseStatement, Release, ReleaseImage } from '../../harness/firmware/index.js';
import { type DeviceReport, isTerminal, type JobChange } from '../../harness/protocols/index.js';
import type { Clock } from '../../harness/time/index.js';
import type { Cloud, CloudBackup } from '../cloud/index.js';
import { encodeUpdateDocument } from '../device/index.js';
import type { ArtifactSite } from './artifact-site.js';
import type { ReleaseBook } from './release-book.js';
import { ReleaseHistory } from './release-history.js';
import type { Roster } from './roster.js';
import { SettingsBackups } from './settings-backups.js';

/** The update service as campaigns use it: releases become jobs and streams, and what devices report becomes the inventory. */
export class FleetService implements CampaignPlatform {
	readonly #options: FleetServiceOptions;
	readonly #inventory = new Map<string, InventoryEntry>();
	/** Executions that have not ended, `thing/job`. */
	readonly #pending = new Set<string>();
	readonly #jobDigests = new Map<string, string>();
	/** When jobs become stale, of those that do; virtual milliseconds. */
	readonly #jobExpiries = new Map<string, number>();
	/** A job of the campaign is one job of the service per hardware revision. */
	readonly #parts = new Map<string, Map<string, string>>();
	readonly #history: ReleaseHistory;
	readonly #keySets: string[] = [];
	readonly #reservations = new Reservations();
	/** Changes of jobs that the cloud told of. */
	#changes = 0;
	readonly #backups = new SettingsBackups();
	#cloud: Cloud | undefined;

	constructor(options: FleetServiceOptions) {
		this.#options = options;
		this.#history = new ReleaseHistory({ ...options, entryOf: (device) => this.#inventory.get(device) });
	}

	/** Connects it to the cloud that tells it of jobs and reports. */
	attach(cloud: Cloud): void {
		this.#cloud = cloud;
	}

	get cloud(): Cloud {
		if (!this.#cloud) throw new RangeError('the service has no cloud yet');
		return this.#cloud;
	}

	get pendingJobs(): number {
		return this.#pending.size;
	}

	/** Whether a job is open that its device can still end. */
	get awaitsDevices(): boolean {
		for (const key of this.#pending) if (this.#options.roster.find(key.slice(0, key.indexOf('/')))?.state !== 'bricked') return true;
		return false;
	}

	/** SHA-256 of the image a job brings, null for a job nobody here made. */
	digestOf(job: string): string | null {
		return this.#jobDigests.get(job) ?? null;
	}

	inventory(): readonly InventoryEntry[] {
		return [...this.#inventory.values()].sort((left, right) => (left.device < right.device ? -1 : 1));
	}

	entryOf(device: string): InventoryEntry | undefined {
		return this.#inventory.get(device);
	}

	hasJob(job: string): boolean {
		return this.#parts.has(job);
	}

	/** What a device ran before that job, or runs now where it was not sent one of that name; undefined where what it reports is no release on record. */
	ranBefore(job: string | undefined, device: string): Release | undefined {
		return this.#history.ranBefore(job === undefined ? undefined : this.#parts.get(job)?.get(device), device);
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

	objectionToImage(image: ReleaseImage): string | undefined {
		return this.#options.book.objectionTo(image, this.#options.roster.securityCounter);
	}

	async backUp(device: string): Promise<BackupAnswer> {
		return this.#backups.take(device, this.#options.roster.find(device));
	}

	async tryRestore(device: string): Promise<BackupAnswer> {
		return this.#backups.tryRestore(device, this.#options.roster.find(device));
	}

	/** Sends a key set along with every job from now on. */
	addKeySet(document: string): void {
		this.#keySets.push(document);
	}

	/** Has the release on record, whoever brings it to a device. */
	publish(release: Release): void {
		this.#options.book.publish(release, this.#options.roster.securityCounter);
	}

	async deploy({
		job,
		release,
		devices,
		expiresAfterMs,
	}: {
		readonly job: string;
		readonly release: Release;
		readonly devices: readonly string[];
		readonly expiresAfterMs?: number;
	}): Promise<void> {
		const { clock } = this.#options;
		const expiresS = expiresAfterMs === undefined ? undefined : Math.floor((clock.epochMs + expiresAfterMs) / 1_000);
		this.publish(release);
		const parts = new Map<string, string>();
		this.#parts.set(job, parts);
		for (const [image, things] of this.#groupByImage(release, devices)) {
			const jobId = `${job}-${image.hardware}`;
			for (const thing of things) parts.set(thing, jobId);
			this.#jobDigests.set(jobId, image.digest);
			this.#history.send(jobId, { release, devices: things });
			if (expiresAfterMs !== undefined) this.#jobExpiries.set(jobId, clock.nowMs + expiresAfterMs);
			const streamVersion = this.cloud.publishFile(jobId, [{ fileId: 0, bytes: image.bytes }]);
			const { version } = release;
			const url = this.#options.site?.put(jobId, image.bytes);
			const document = encodeUpdateDocument({
				stream: jobId,
				...(url === undefined ? {} : { url }),
				streamVersion,
				fileId: 0,
				sizeBytes: image.bytes.length,
				version,
				hardware: image.hardware,
				digest: image.digest,
				...(expiresS === undefined ? {} : { expiresS }),
				keySets: this.#keySets,
				...(this.#options.state === undefined
					? {}
					: { statement: this.#options.state({ hardware: image.hardware, version, digest: image.digest, ...(expiresS === undefined ? {} : { expiresS }) }) }),
			});
			this.cloud.createJob({ jobId, document, things });
		}
	}

	async cancel(job: string, { devices, force = false }: { readonly devices?: readonly string[]; readonly force?: boolean } = {}): Promise<void> {
		const things = new Map<string, string[]>();
		for (const [thing, jobId] of this.#parts.get(job) ?? []) {
			if (devices?.includes(thing) === false) continue;
			const known = things.get(jobId);
			if (known) known.push(thing);
			else things.set(jobId, [thing]);
		}
		for (const [jobId, those] of things) this.cloud.cancelJob(jobId, { things: those, force });
	}

	/** What the service holds at the moment: the cloud's part, and the inventory made of what devices reported. */
	takeBackup(): ServiceBackup {
		return { cloud: this.cloud.backUp(), inventory: new Map(this.#inventory) };
	}

	/** Holds again what it held then, and tells of everything that went back with it: how many jobs and versions that was. */
	restore({ cloud, inventory }: ServiceBackup): number {
		const { clock, record } = this.#options;
		const before = [...this.#inventory.values()];
		this.#inventory.clear();
		for (const [device, entry] of inventory) this.#inventory.set(device, entry);
		const changesBefore = this.#changes;
		this.cloud.restore(cloud);
		let changed = this.#changes - changesBefore;
		for (const { device, version: forgotten } of before) {
			const version = this.#inventory.get(device)?.version;
			if (version === forgotten || version === undefined) continue;
			record({ kind: 'service-inventory', at: clock.nowMs, device, version });
			changed++;
		}
		return changed;
	}

	statusOf(job: string, device: string): CampaignStatus {
		const jobId = this.#parts.get(job)?.get(device);
		const status = jobId === undefined ? null : this.cloud.jobStatus(device, jobId);
		if (status === 'SUCCEEDED') return 'succeeded';
		if (status === 'CANCELED' || status === 'REMOVED') return 'cancelled';
		return status === null || !isTerminal(status) ? 'pending' : 'failed';
	}

	/** What the cloud tells of an execution. */
	jobChanged({ thing, jobId, status, versionNumber }: JobChange): void {
		this.#changes++;
		if (status === 'SUCCEEDED') this.#history.succeed(jobId, thing);
		if (isTerminal(status)) this.#pending.delete(`${thing}/${jobId}`);
		else this.#pending.add(`${thing}/${jobId}`);
		const digest = status === 'QUEUED' ? this.digestOf(jobId) : null;
		const expiresAt = status === 'QUEUED' ? this.#jobExpiries.get(jobId) : undefined;
		this.#options.record({
			kind: 'service-job',
			at: this.#options.clock.nowMs,
			device: thing,
			job: jobId,
			status,
			version: versionNumber,
			...(digest === null ? {} : { digest }),
			...(expiresAt === undefined ? {} : { expiresAt }),
		});
	}

	reported(thing: string, report: DeviceReport): void {
		const before = this.#inventory.get(thing);
		this.#inventory.set(thing, entryOf(thing, { report, epochMs: this.#options.clock.epochMs }));
		if (before?.version !== report.version)
			this.#options.record({ kind: 'service-inventory', at: this.#options.clock.nowMs, device: thing, version: report.version });
	}

	/** Devices by the image for their hardware; those without one are sent the first, as a wrong deployment would. */
	#groupByImage(release: Release, devices: readonly string[]): ReadonlyMap<ReleaseImage, readonly string[]> {
		const groups = new Map<ReleaseImage, string[]>();
		for (const id of devices) {
			const hardware = this.#options.roster.find(id)?.profile.hardware;
			const image = release.images.find((candidate) => candidate.hardware === hardware) ?? (release.images[0] as ReleaseImage);
			const group = groups.get(image);
			if (group) group.push(id);
			else groups.set(image, [id]);
		}
		return groups;
	}
}

const entryOf = (device: string, { report, epochMs }: { readonly report: DeviceReport; readonly epochMs: number }): InventoryEntry => {
	const { hardware, version, model, segment, peripherals, freeSlotBytes, memoryBytes, batteryPercent } = report;
	const { temperatureC, freeMemoryBytes, errors, watchdogResets, flashErases, certificateDaysLeft } = report;
	return {
		device,
		hardware,
		version,
		...(model === undefined ? {} : { model }),
		...(segment === undefined ? {} : { segment }),
		...(peripherals === undefined ? {} : { peripherals }),
		...(freeSlotBytes === undefined ? {} : { freeSlotBytes }),
		...(memoryBytes === undefined ? {} : { memoryBytes }),
		...(batteryPercent === undefined ? {} : { batteryPercent }),
		health: {
			temperatureC,
			freeMemoryBytes,
			errors,
			watchdogResets,
			...(flashErases === undefined ? {} : { flashErases }),
			...(certificateDaysLeft === undefined ? {} : { certificateDaysLeft }),
		},
		reportedEpochMs: epochMs,
	};
};

export interface ServiceBackup {
	readonly cloud: CloudBackup;
	readonly inventory: ReadonlyMap<string, InventoryEntry>;
}

export interface FleetServiceOptions {
	readonly clock: Clock;
	readonly book: ReleaseBook;
	readonly roster: Roster;
	readonly record: (event: BlackstartEvent) => void;
	/** Where devices fetch images; over the broker where absent. */
	readonly site?: ArtifactSite | undefined;
	/** Whoever signs releases says something of an image; absent where devices ask for no such word. */
	readonly state?: (statement: ReleaseStatement) => string;
}
