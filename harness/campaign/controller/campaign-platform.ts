import type { ReleaseImage } from '../../firmware/index.js';
import type { CampaignService, InventoryEntry } from '../campaign-service.js';
import type { ReservationRequest } from '../reservations.js';

/** What a planned campaign needs of the world: the update service, each device's last word, and backups of settings. */
export interface CampaignPlatform extends CampaignService {
	/** As `inventory()` has it, for one device. */
	entryOf(device: string): InventoryEntry | undefined;
	/** Whether a job of that name was ever deployed. */
	hasJob(job: string): boolean;
	/** Reservations as `Reservations` has them. */
	openReservation(): string;
	reserve(request: ReservationRequest): ReadonlyMap<string, string>;
	free(reservation: string): void;
	/** What devices would refuse an image for: a key that they do not trust, another hardware class, their slot; undefined where nothing is known to speak against it. */
	objectionToImage(image: ReleaseImage): string | undefined;
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
