import { type Flash, type FlashArea, rewriteArea } from '../../../harness/flash/index.js';
import { appendRecord, encodeRecordLog, type LogRecord, type RecordLog, readRecordLog } from './record-log.js';

/**
 * The latest time that a device knows for certain to be past, in flash. Two areas of whole sectors take turns: times are
 * appended to the one that holds the newest, and where it is full the other one is erased and written, so that a power loss
 * at any operation leaves the time before. A payload is milliseconds since the epoch, 8 bytes, little-endian.
 */
export class TimeFloor {
	readonly #flash: Flash;
	readonly #areas: readonly [FlashArea, FlashArea];
	/** What lies in flash, once read; undefined again while a write is under way, which a power loss may tear. */
	#newest: Newest | undefined;

	constructor(options: { readonly flash: Flash; readonly areas: readonly [FlashArea, FlashArea] }) {
		this.#flash = options.flash;
		this.#areas = options.areas;
	}

	/** Milliseconds since the epoch; 0 where none was ever kept. */
	read(): number {
		const { record } = this.#look();
		return record === undefined ? 0 : epochMsOf(record);
	}

	/** One program, and an erase where an area is full. A time that the flash does not keep is lost, and the one before stays. */
	keep(epochMs: number): void {
		const { log, record: last } = this.#look();
		this.#newest = undefined;
		const record = { sequence: (last?.sequence ?? 0) + 1, tag: 0, payload: encodeEpochMs(epochMs) };
		const bytes = encodeRecordLog(this.#flash, [record]);
		if (last !== undefined && appendRecord(this.#flash, { log, record })) {
			this.#newest = { record, log: { ...log, restBytes: log.restBytes - bytes.length } };
			return;
		}
		const area = this.#areas[log.area === this.#areas[0] ? 1 : 0];
		if (rewriteArea(this.#flash, { area, bytes })) this.#newest = { record, log: { area, records: [], restBytes: area.sizeBytes - bytes.length } };
	}

	#look(): Newest {
		if (this.#newest !== undefined) return this.#newest;
		const [first, second] = this.#areas.map((area) => {
			const log = readRecordLog(this.#flash, area);
			return { log, record: log.records.at(-1) };
		}) as [Newest, Newest];
		this.#newest = (second.record?.sequence ?? 0) > (first.record?.sequence ?? 0) ? second : first;
		return this.#newest;
	}
}

interface Newest {
	/** The area that holds it, and where that goes on. */
	readonly log: RecordLog;
	/** Undefined: nothing was ever kept. */
	readonly record: LogRecord | undefined;
}

const encodeEpochMs = (epochMs: number): Uint8Array => {
	const payload = new Uint8Array(8);
	new DataView(payload.buffer).setBigUint64(0, BigInt(Math.floor(epochMs)), true);
	return payload;
};

const epochMsOf = ({ payload }: LogRecord): number => Number(new DataView(payload.buffer, payload.byteOffset, payload.length).getBigUint64(0, true));
