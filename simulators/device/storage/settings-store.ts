import { type Flash, type FlashArea, isWholeSectors, rewriteArea } from '../../../harness/flash/index.js';
import { appendRecord, encodeRecordLog, type LogRecord, type RecordLog, readRecordLog } from './record-log.js';
import { StorageError } from './storage-error.js';

/** Configuration and credentials. */
export type Settings = Readonly<Record<string, string>>;

/**
 * Settings in flash, whole through a power loss at any operation: reads give what was written last or, where power went
 * inside that write, what was written before.
 *
 * Each schema has its own copy. An image that migrates writes its copy beside the old one, so that the image it replaced
 * still reads its own after a revert. A copy of a higher schema counts only while no lower one was written after it:
 * what was migrated from settings that have changed since is stale, and is to be migrated again.
 *
 * Two areas of whole sectors take turns. One of them always holds the newest copy of every schema that counts; new copies
 * are appended to it, and where it has no room, the other one is erased and written with all that counts.
 */
export class SettingsStore {
	readonly #flash: Flash;
	readonly #areas: readonly [FlashArea, FlashArea];

	constructor(options: { readonly flash: Flash; readonly areas: readonly [FlashArea, FlashArea] }) {
		this.#flash = options.flash;
		this.#areas = options.areas;
		for (const { offsetBytes, sizeBytes } of options.areas) {
			if (isWholeSectors(options.flash.geometry, { offsetBytes, lengthBytes: sizeBytes })) continue;
			throw new RangeError(`areas: whole sectors were expected, got ${sizeBytes} bytes at ${offsetBytes}`);
		}
	}

	/** `unreadable`: there is no copy of that schema that counts. */
	read(schema: number): Settings | 'unreadable' {
		const record = this.#scan().live.find(({ tag }) => tag === schema);
		return record === undefined ? 'unreadable' : parseSettings(record.payload);
	}

	/** Schemas that can be read, lowest first. */
	schemas(): readonly number[] {
		return this.#scan().live.map(({ tag }) => tag);
	}

	/** Throws StorageError `no-room` or `not-written`; settings that are stored already cost no operation. */
	write(settings: Settings, schema: number): void {
		assertSchema(schema);
		const { logs, live, sequence } = this.#scan();
		const payload = encodeSettings(settings);
		const stored = live.find(({ tag }) => tag === schema);
		const isNewest = live.every(({ tag, sequence: other }) => tag <= schema || stored === undefined || other <= stored.sequence);
		if (stored !== undefined && isNewest && Buffer.from(payload).equals(stored.payload)) return;
		const record = { sequence, tag: schema, payload };
		const whole = logs.filter((log) => isHoldingAll(log, live));
		if (whole.some((log) => appendRecord(this.#flash, { log, record }))) return;
		// Copies of higher schemas are stale from here on.
		this.#rewrite([...live.filter(({ tag }) => tag < schema), record], logs);
	}

	/** Lets go of all but the highest schema: its image is confirmed, and nobody will read the others again. */
	dropOlder(): void {
		const { live } = this.#scan();
		const highest = live.at(-1);
		if (highest !== undefined) this.#keepOnly(({ tag }) => tag === highest.tag);
	}

	/** Lets go of schemas above this one: the image that wrote them was given up. */
	dropNewer(schema: number): void {
		this.#keepOnly(({ tag }) => tag <= schema);
	}

	#keepOnly(isKept: (record: LogRecord) => boolean): void {
		const { logs, live } = this.#scan();
		if (logs.every(({ records }) => records.every(isKept))) return;
		const kept = live.filter(isKept);
		if (kept.length === 0) throw new RangeError('schema: one that is stored was expected, nothing would be left');
		const written = logs.some((log) => isHoldingAll(log, kept) && log.records.every(isKept)) ? null : this.#rewrite(kept, logs);
		for (const { area, records } of logs) {
			if (area !== written && !records.every(isKept)) this.#flash.erase(area.offsetBytes, area.sizeBytes);
		}
	}

	/** Writes these records, and nothing else, into the area that can be spared. */
	#rewrite(records: readonly LogRecord[], logs: readonly RecordLog[]): FlashArea {
		const { live } = this.#scan();
		const bytes = encodeRecordLog(this.#flash, records);
		const whole = logs.find((log) => isHoldingAll(log, live)) ?? logs[0];
		const { area } = logs.find((log) => log !== whole) as RecordLog;
		if (bytes.length > area.sizeBytes)
			throw new StorageError('no-room', `settings: at most ${area.sizeBytes} bytes were expected, got ${bytes.length} with the copies to keep`);
		if (!rewriteArea(this.#flash, { area, bytes }))
			throw new StorageError('not-written', `settings: flash at ${area.offsetBytes} that keeps them was expected`);
		return area;
	}

	#scan(): { readonly logs: readonly RecordLog[]; readonly live: readonly LogRecord[]; readonly sequence: number } {
		const logs = this.#areas.map((area) => readRecordLog(this.#flash, area));
		const all = logs.flatMap(({ records }) => records);
		const newest = new Map<number, LogRecord>();
		for (const record of all) {
			if (record.sequence > (newest.get(record.tag)?.sequence ?? -1)) newest.set(record.tag, record);
		}
		const ascending = [...newest.values()].sort((left, right) => left.tag - right.tag);
		const live = ascending.filter(({ tag, sequence }) => ascending.every((other) => other.tag >= tag || other.sequence < sequence));
		return { logs, live, sequence: all.reduce((highest, record) => Math.max(highest, record.sequence), 0) + 1 };
	}
}

const isHoldingAll = (log: RecordLog, wanted: readonly LogRecord[]): boolean =>
	wanted.every(({ tag, sequence }) => log.records.some((record) => record.tag === tag && record.sequence === sequence));

const assertSchema = (schema: number): void => {
	if (!(Number.isSafeInteger(schema) && schema >= 0 && schema < 0xffff_ffff))
		throw new RangeError(`schema: a whole number from 0 on was expected, got ${schema}`);
};

/** Keys sorted, so that equal settings are equal bytes. */
const encodeSettings = (settings: Settings): Uint8Array => {
	const entries = Object.entries(settings).sort(([left], [right]) => (left < right ? -1 : 1));
	for (const [key, value] of entries) {
		if (typeof value !== 'string') throw new TypeError(`settings.${key}: a string was expected, got ${typeof value}`);
	}
	return Buffer.from(JSON.stringify(entries));
};

const parseSettings = (payload: Uint8Array): Settings => Object.fromEntries(JSON.parse(Buffer.from(payload).toString()) as [string, string][]);
