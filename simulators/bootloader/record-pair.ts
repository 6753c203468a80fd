import { type FlashArea, FlashError, type FlashPort, rewriteArea } from '../../harness/flash/index.js';
import type { AbRules } from './ab-rules.js';
import { type BootRecord, encodeBootRecord, isNewerRecord, parseBootRecord, RECORD_SIZE_BYTES } from './boot-record.js';

/**
 * The boot record, in two sectors. A write goes to the copy that is not the newest, so that a power loss at any point of
 * it leaves the newest; a copy that is torn, blank or in error counts as oldest, and is erased before it is used again.
 */
export class RecordPair {
	readonly #flash: FlashPort;
	readonly #areas: readonly [FlashArea, FlashArea];
	readonly #rules: AbRules;

	constructor(flash: FlashPort, options: { readonly areas: readonly [FlashArea, FlashArea]; readonly rules: AbRules }) {
		this.#flash = flash;
		this.#areas = options.areas;
		this.#rules = options.rules;
	}

	read(): BootRecord | null {
		return this.#newest()?.record ?? null;
	}

	/** False: the flash does not keep it, and the record is what it was. */
	write(fields: Omit<BootRecord, 'sequence'>): boolean {
		const newest = this.#newest();
		const sequence = newest === null ? 1 : (newest.record.sequence + 1) >>> 0;
		const older = newest?.copy === 0 ? 1 : 0;
		const area = this.#areas[this.#rules.recordGoesTo === 'the older copy' ? older : (newest?.copy ?? 0)];
		return rewriteArea(this.#flash, { area, bytes: encodeBootRecord({ ...fields, sequence }) });
	}

	#newest(): { readonly copy: 0 | 1; readonly record: BootRecord } | null {
		const [first, second] = this.#areas.map((area) => this.#read(area));
		if (first && !(second && isNewerRecord(second, first))) return { copy: 0, record: first };
		return second ? { copy: 1, record: second } : null;
	}

	#read({ offsetBytes }: FlashArea): BootRecord | null {
		try {
			return parseBootRecord(this.#flash.read(offsetBytes, RECORD_SIZE_BYTES), this.#rules);
		} catch (error) {
			if (this.#rules.unreadableCopy === 'blank' && error instanceof FlashError && error.code === 'unreadable') return null;
			throw error;
		}
	}
}
