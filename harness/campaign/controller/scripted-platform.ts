import type { Release, ReleaseImage } from '../../firmware/index.js';
import type { Clock } from '../../time/index.js';
import type { CampaignStatus, DeviceHealth, InventoryEntry } from '../campaign-service.js';
import { type ReservationRequest, Reservations } from '../reservations.js';
import { type Course, ScriptedService } from '../scripted-service.js';
import type { BackupAnswer, CampaignPlatform } from './campaign-platform.js';

export interface ScriptedPlatformOptions {
	readonly clock: Clock;
	readonly inventory: readonly InventoryEntry[];
	readonly script: (device: string, release: string) => Course;
	/** How a device is so long after it took a release; `silent` where it reports no more. */
	readonly health?: (device: string, updated: { readonly release: string; readonly forMs: number } | undefined) => DeviceHealth | 'silent';
	readonly objectionToImage?: (image: ReleaseImage) => string | undefined;
	readonly backUp?: (device: string) => BackupAnswer;
	readonly tryRestore?: (device: string) => BackupAnswer;
}

/** A platform for tests of campaigns: devices do what a script says, and report what it says, whenever they are asked about. */
export class ScriptedPlatform implements CampaignPlatform {
	readonly service: ScriptedService;
	readonly #options: ScriptedPlatformOptions;
	readonly #entries: ReadonlyMap<string, InventoryEntry>;
	readonly #reservations = new Reservations();
	readonly #jobs = new Map<string, Release>();
	readonly #newest = new Map<string, string>();
	readonly #updated = new Map<string, { readonly release: Release; readonly atMs: number }>();

	constructor(options: ScriptedPlatformOptions) {
		this.#options = options;
		this.#entries = new Map(options.inventory.map((entry) => [entry.device, entry]));
		this.service = new ScriptedService(options);
	}

	inventory(): readonly InventoryEntry[] {
		return [...this.#entries.keys()].map((device) => this.entryOf(device) as InventoryEntry);
	}

	entryOf(device: string): InventoryEntry | undefined {
		const entry = this.#entries.get(device);
		if (entry === undefined) return undefined;
		const { clock, health } = this.#options;
		const updated = this.#updatedOf(device);
		const said = health?.(device, updated && { release: updated.release.name, forMs: clock.nowMs - updated.atMs });
		return {
			...entry,
			...(updated === undefined ? {} : { version: updated.release.version }),
			...(said === undefined || said === 'silent' ? {} : { health: said, reportedEpochMs: clock.epochMs }),
		};
	}

	hasJob(job: string): boolean {
		return this.#jobs.has(job);
	}

	async deploy(options: { readonly job: string; readonly release: Release; readonly devices: readonly string[] }): Promise<void> {
		if (this.#jobs.has(options.job)) throw new RangeError(`deploy: a new job was expected, got ${options.job} again`);
		this.#jobs.set(options.job, options.release);
		for (const device of options.devices) this.#newest.set(device, options.job);
		await this.service.deploy(options);
	}

	cancel(job: string): Promise<void> {
		return this.service.cancel(job);
	}

	statusOf(job: string, device: string): CampaignStatus {
		return this.service.statusOf(job, device);
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
		return this.#options.objectionToImage?.(image);
	}

	async backUp(device: string): Promise<BackupAnswer> {
		return this.#options.backUp?.(device) ?? { digest: device };
	}

	async tryRestore(device: string): Promise<BackupAnswer> {
		return this.#options.tryRestore?.(device) ?? { digest: device };
	}

	/** The release of the newest job, from the first question after it succeeded. */
	#updatedOf(device: string): { readonly release: Release; readonly atMs: number } | undefined {
		const job = this.#newest.get(device);
		const release = job === undefined ? undefined : this.#jobs.get(job);
		const known = this.#updated.get(device);
		if (job === undefined || release === undefined || release === known?.release || this.service.statusOf(job, device) !== 'succeeded') return known;
		const updated = { release, atMs: this.#options.clock.nowMs };
		this.#updated.set(device, updated);
		return updated;
	}
}
