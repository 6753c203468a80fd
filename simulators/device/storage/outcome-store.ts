import { type Flash, type FlashArea, isWholeSectors } from '../../../harness/flash/index.js';
import { appendRecord, encodeRecordLog, isBlank, isSpent, type RecordLog, readRecordLog } from './record-log.js';
import { StorageError } from './storage-error.js';

/** How an update ended, as the service is to be told. */
export interface UpdateOutcome {
	readonly job: string;
	readonly status: string;
	readonly reason?: string;
	/** What else the report needs. */
	readonly facts?: Readonly<Record<string, string>>;
}

/**
 * The outcome that the service has not acknowledged, through any power loss. It keeps one: recording the next gives up the
 * one before. So that power lost inside `record` loses nothing, callers clear what the outcome was made from (journal,
 * revert reason) only after it.
 *
 * In flash: a void entry of at least 4 bytes, then a log of outcomes and acknowledgements. Where the log is full, the
 * void entry is programmed, and then the area erased.
 */
export class OutcomeStore {
	readonly #flash: Flash;
	readonly #area: FlashArea;

	constructor(options: { readonly flash: Flash; readonly area: FlashArea }) {
		this.#flash = options.flash;
		this.#area = options.area;
		const { offsetBytes, sizeBytes } = options.area;
		if (!isWholeSectors(options.flash.geometry, { offsetBytes, lengthBytes: sizeBytes })) {
			throw new RangeError(`area: whole sectors were expected, got ${sizeBytes} bytes at ${offsetBytes}`);
		}
	}

	/** Null: everything is acknowledged. */
	pending(): UpdateOutcome | null {
		const last = this.#log()?.records.at(-1);
		return last?.tag === OUTCOME ? (JSON.parse(Buffer.from(last.payload).toString()) as UpdateOutcome) : null;
	}

	record(outcome: UpdateOutcome): void {
		this.#append(OUTCOME, Buffer.from(JSON.stringify(outcome)));
	}

	/** The service knows. No change where nothing is pending. */
	acknowledge(): void {
		if (this.pending() !== null) this.#append(ACKNOWLEDGEMENT, new Uint8Array(0));
	}

	#append(tag: number, payload: Uint8Array): void {
		const log = this.#log();
		const record = { sequence: (log?.records.at(-1)?.sequence ?? 0) + 1, tag, payload };
		if (log !== null && appendRecord(this.#flash, { log, record })) return;
		const sizeBytes = encodeRecordLog(this.#flash, [record]).length;
		const { area } = this.#layout();
		if (sizeBytes > area.sizeBytes) throw new StorageError('no-room', `outcome: at most ${area.sizeBytes} bytes were expected, got ${sizeBytes}`);
		this.#end();
		for (let attempt = 0; attempt < REWRITES; attempt++) {
			this.#flash.erase(this.#area.offsetBytes, this.#area.sizeBytes);
			if (appendRecord(this.#flash, { log: { area, records: [], restBytes: area.sizeBytes }, record })) return;
		}
		throw new StorageError('not-written', `outcome: flash at ${area.offsetBytes} that keeps it was expected`);
	}

	/** Null: ended, to be erased. */
	#log(): RecordLog | null {
		const { voidEntry, area } = this.#layout();
		return isBlank(this.#flash, voidEntry) ? readRecordLog(this.#flash, area) : null;
	}

	/** Everything there counts as nothing from here on, so that an erase which power cuts short cannot bring back an outcome without its acknowledgement. */
	#end(): void {
		const { voidEntry } = this.#layout();
		if (!isBlank(this.#flash, voidEntry)) return;
		try {
			this.#flash.program(voidEntry.offsetBytes, new Uint8Array(voidEntry.sizeBytes).fill(this.#flash.geometry.erasedByte ^ 0xff));
		} catch (error) {
			if (!isSpent(error)) throw error;
		}
	}

	#layout(): { readonly voidEntry: FlashArea; readonly area: FlashArea } {
		const { offsetBytes, sizeBytes } = this.#area;
		const voidBytes = Math.max(SMALLEST_VOID_BYTES, this.#flash.geometry.writeSizeBytes);
		return { voidEntry: { offsetBytes, sizeBytes: voidBytes }, area: { offsetBytes: offsetBytes + voidBytes, sizeBytes: sizeBytes - voidBytes } };
	}
}

const OUTCOME = 1;
const ACKNOWLEDGEMENT = 2;
const SMALLEST_VOID_BYTES = 4;
const REWRITES = 3;
