import type { CampaignService, InventoryEntry } from '../campaign-service.js';

/** What a planned campaign needs of the world: the update service, each device's last word, and backups of settings. */
export interface CampaignPlatform extends CampaignService {
	/** As `inventory()` has it, for one device. */
	entryOf(device: string): InventoryEntry | undefined;
	/** Whether a job of that name was ever deployed. */
	hasJob(job: string): boolean;
	/** Takes a copy of a device's settings and credentials. */
	backUp(device: string): Promise<BackupAnswer>;
	/** Writes a backup to a staging device of the same hardware and reads it back there. */
	tryRestore(device: string): Promise<BackupAnswer>;
}

/** `problem`: what went wrong; absent where it went well. `digest`: SHA-256 of the settings, hex. */
export interface BackupAnswer {
	readonly digest?: string;
	readonly problem?: string;
}
