import type { Release } from '../firmware/index.js';
import type { Clock } from '../time/index.js';
import type { CampaignService, CampaignStatus, InventoryEntry } from './campaign-service.js';

/** What a device makes of a job: begins it after `beginsMs`, ends it `takesMs` later; one that never ends it stays silent. */
export interface Course {
	readonly beginsMs?: number;
	readonly takesMs?: number;
	readonly ends: 'succeeded' | 'failed' | 'never';
	/** The service takes the success back so long after it. */
	readonly failsAfterMs?: number;
}

/** An update service for tests of campaigns: devices do what a script says, on the clock it is given. */
export class ScriptedService implements CampaignService {
	readonly deployed: { readonly job: string; readonly release: string; readonly devices: readonly string[]; readonly atMs: number }[] = [];
	readonly cancelled: string[] = [];
	readonly #clock: Clock;
	readonly #inventory: readonly InventoryEntry[];
	readonly #script: (device: string, release: string) => Course;
	readonly #status = new Map<string, CampaignStatus>();
	readonly #begun = new Set<string>();

	constructor(options: { readonly clock: Clock; readonly inventory: readonly InventoryEntry[]; readonly script: (device: string, release: string) => Course }) {
		this.#clock = options.clock;
		this.#inventory = options.inventory;
		this.#script = options.script;
	}

	inventory(): readonly InventoryEntry[] {
		return this.#inventory;
	}

	async deploy({ job, release, devices }: { readonly job: string; readonly release: Release; readonly devices: readonly string[] }): Promise<void> {
		this.deployed.push({ job, release: release.name, devices, atMs: this.#clock.nowMs });
		for (const device of devices) this.#play(`${job}/${device}`, this.#script(device, release.name));
	}

	async cancel(job: string): Promise<void> {
		this.cancelled.push(job);
		for (const [key, status] of this.#status) {
			if (key.startsWith(`${job}/`) && status === 'pending' && !this.#begun.has(key)) this.#status.set(key, 'cancelled');
		}
	}

	statusOf(job: string, device: string): CampaignStatus {
		const status = this.#status.get(`${job}/${device}`);
		if (status === undefined) throw new RangeError(`statusOf: a job that was deployed was expected, got ${job} on ${device}`);
		return status;
	}

	#play(key: string, { beginsMs = 1, takesMs = 1, ends, failsAfterMs }: Course): void {
		this.#status.set(key, 'pending');
		this.#clock.after(beginsMs, () => {
			if (this.#status.get(key) !== 'pending') return;
			this.#begun.add(key);
			if (ends === 'never') return;
			this.#clock.after(takesMs, () => {
				this.#status.set(key, ends);
				if (failsAfterMs !== undefined) this.#clock.after(failsAfterMs, () => this.#status.set(key, 'failed'));
			});
		});
	}
}
