import type { InventoryEntry } from '../../harness/campaign/index.js';
import type { Release } from '../../harness/firmware/index.js';
import type { ReleaseBook } from './release-book.js';
import type { Roster } from './roster.js';

export interface ReleaseHistoryOptions {
	readonly book: Pick<ReleaseBook, 'find'>;
	readonly roster: Pick<Roster, 'installedOn'>;
	/** What a device last reported of itself. */
	entryOf(device: string): Pick<InventoryEntry, 'hardware' | 'version'> | undefined;
}

/** Which release each device ran before each of its jobs, as the service can know it: by what devices report. */
export class ReleaseHistory {
	readonly #options: ReleaseHistoryOptions;
	readonly #jobs = new Map<string, { readonly release: Release; readonly before: Map<string, Release | undefined> }>();
	/** The release of the last job that each device ended well. */
	readonly #taken = new Map<string, Release>();

	constructor(options: ReleaseHistoryOptions) {
		this.#options = options;
	}

	/** Keeps what devices run as they are sent a job; of one that is sent again, what they ran the first time. */
	send(job: string, { release, devices }: { readonly release: Release; readonly devices: readonly string[] }): void {
		const before = this.#jobs.get(job)?.before ?? new Map<string, Release | undefined>();
		for (const device of devices) if (!before.has(device)) before.set(device, this.#releaseOn(device));
		this.#jobs.set(job, { release, before });
	}

	succeed(job: string, device: string): void {
		const release = this.#jobs.get(job)?.release;
		if (release !== undefined) this.#taken.set(device, release);
	}

	/** What a device ran before that job, or runs now where there was none; undefined where what it reports is no release on record. */
	ranBefore(job: string | undefined, device: string): Release | undefined {
		const before = job === undefined ? undefined : this.#jobs.get(job)?.before;
		return before?.has(device) === true ? before.get(device) : this.#releaseOn(device);
	}

	/** Several releases may have one version: the one that the service sent it last, what it left the factory with, any other. */
	#releaseOn(device: string): Release | undefined {
		const { book, roster, entryOf } = this.#options;
		const entry = entryOf(device);
		if (entry === undefined) return undefined;
		const isIt = (release: Release | undefined): release is Release =>
			release?.version === entry.version && release.images.some(({ hardware }) => hardware === entry.hardware);
		return [this.#taken.get(device), roster.installedOn(device)].find(isIt) ?? book.find(entry);
	}
}
