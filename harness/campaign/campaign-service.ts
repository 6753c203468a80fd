import type { Release } from '../firmware/index.js';

/** What a campaign needs of an update service. */
export interface CampaignService {
	/** Every device that ever reported itself, as it last did. */
	inventory(): readonly InventoryEntry[];
	/** Offers a release to devices as one job; resolves when the service holds the job, not when devices finish. */
	deploy(options: { readonly job: string; readonly release: Release; readonly devices: readonly string[] }): Promise<void>;
	/** Takes a job back from the devices that have not begun it. */
	cancel(job: string): Promise<void>;
	statusOf(job: string, device: string): CampaignStatus;
}

/** What became of a job on one device; `pending` until it ended, begun or not. */
export type CampaignStatus = 'pending' | 'succeeded' | 'failed' | 'cancelled';

export interface InventoryEntry {
	readonly device: string;
	readonly hardware: string;
	readonly version: string;
	/** What follows is undefined where the device does not say. */
	readonly model?: string;
	readonly segment?: string;
	/** Room for an image that is downloaded. */
	readonly freeSlotBytes?: number;
	readonly memoryBytes?: number;
	readonly peripherals?: readonly string[];
	/** Charge of its battery; undefined too where it runs from the mains. */
	readonly batteryPercent?: number;
	readonly health?: DeviceHealth;
	/** When it reported this, milliseconds since the epoch on the clock of the world. */
	readonly reportedEpochMs?: number;
}

/** How a device says it is. */
export interface DeviceHealth {
	readonly temperatureC: number;
	readonly freeMemoryBytes: number;
	/** Since provisioning. */
	readonly errors: number;
	readonly watchdogResets: number;
	/** Of the flash sector that was erased most often, since provisioning; undefined where the device does not say. */
	readonly flashErases?: number;
	/** Whole days until its certificate runs out; undefined where it has none. */
	readonly certificateDaysLeft?: number;
}
