import { type FlashArea, type FlashPort, readWhole, rewriteArea } from '../../harness/flash/index.js';
import { type BootRecord, encodeBootRecord, isNewerRecord, parseBootRecord, RECORD_SIZE_BYTES } from './boot-record.js';

/**
 * The boot record, in two sectors. A write goes to the copy that is not the newest, so that a power loss at any point of
 * it leaves the newest; a copy that is torn, blank or in error counts as oldest, and is erased before it is used again.
 */
export class RecordPair {
	readonly #flash: FlashPort;
	readonly #areas: readonly [FlashArea, FlashArea];

	constructor(flash: FlashPort, areas: readonly [FlashArea, FlashArea]) {
		this.#flash = flash;
		this.#areas = areas;
	}

	read(): BootRecord | null {
		return this.#newest()?.record ?? null;
	}

	/** False: the flash does not keep it, and the record is what it was. */
	write(fields: Omit<BootRecord, 'sequence'>): boolean {
		const newest = this.#newest();
		const sequence = newest === null ? 1 : (newest.record.sequence + 1) >>> 0;
		const area = this.#areas[newest?.copy === 0 ? 1 : 0];
		return rewriteArea(this.#flash, { area, bytes: encodeBootRecord({ ...fields, sequence }) });
	}

	#newest(): { readonly copy: 0 | 1; readonly record: BootRecord } | null {
		const [first, second] = this.#areas.map(({ offsetBytes }) =>
			parseBootRecord(readWhole(this.#flash, { offsetBytes, sizeBytes: RECORD_SIZE_BYTES }) ?? NOTHING),
		);
		if (first && !(second && isNewerRecord(second, first))) return { copy: 0, record: first };
		return second ? { copy: 1, record: second } : null;
	}
}

const NOTHING = new Uint8Array(0);
