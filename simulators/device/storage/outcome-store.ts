import { hash } from 'node:crypto';
import { type Flash, type FlashArea, isWholeSectors } from '../../../harness/flash/index.js';
import { appendRecord, encodeRecordLog, isBlank, isSpent, type LogRecord, type RecordLog, readRecordLog } from './record-log.js';
import { StorageError } from './storage-error.js';

/** How an update ended, as the service is to be told. */
export interface UpdateOutcome {
	readonly job: string;
	readonly status: string;
	readonly reason?: string;
	/** What else the report needs. */
	readonly facts?: Readonly<Record<string, string>>;
}

/** As it lies in flash. */
interface KeptOutcome extends UpdateOutcome {
	/** The jobs that ended before, oldest first: for each, sixteen hex digits of its name's digest and its status's first letter. */
	readonly ended?: string;
}

/**
 * The outcome that the service has not acknowledged, through any power loss. It keeps one: recording the next gives up the
 * one before. So that power lost inside `record` loses nothing, callers clear what the outcome was made from (journal,
 * revert reason) only after it. Each outcome carries the memory of the jobs before it, so that a service which forgot how
 * they ended, and offers them again, is told.
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
		return last?.tag === OUTCOME ? withoutMemory(parseOutcome(last)) : null;
	}

	record(outcome: UpdateOutcome): void {
		const last = this.#last();
		const before = last === undefined ? [] : [...keysOf(last), `${digestOf(last.job)}${last.status[0]}`];
		const ended = before.filter((key) => !key.startsWith(digestOf(outcome.job))).slice(-MOST_REMEMBERED);
		const kept: KeptOutcome = ended.length === 0 ? outcome : { ...outcome, ended: ended.join('') };
		this.#append(OUTCOME, Buffer.from(JSON.stringify(kept)));
	}

	/** How a job ended that was recorded here not long ago: the last one, or one of the few before it, of which only the status is left. */
	recall(job: string): UpdateOutcome | undefined {
		const last = this.#last();
		if (last === undefined || last.job === job) return last && withoutMemory(last);
		const letter = keysOf(last)
			.find((key) => key.startsWith(digestOf(job)))
			?.at(-1);
		const status = STATUSES.find((known) => known[0] === letter);
		return status === undefined ? undefined : { job, status };
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

	/** The last outcome, acknowledged or not. */
	#last(): KeptOutcome | undefined {
		const record = this.#log()?.records.findLast(({ tag }) => tag === OUTCOME);
		return record && parseOutcome(record);
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

const parseOutcome = ({ payload }: LogRecord): KeptOutcome => JSON.parse(Buffer.from(payload).toString()) as KeptOutcome;

const withoutMemory = ({ ended: _, ...outcome }: KeptOutcome): UpdateOutcome => outcome;

/** Eight bytes tell a few jobs of one device apart, and leave the record small. */
const digestOf = (job: string): string => hash('sha256', job).slice(0, 16);
const keysOf = ({ ended = '' }: KeptOutcome): readonly string[] => ended.match(/.{17}/g) ?? [];

const STATUSES = ['SUCCEEDED', 'FAILED', 'REJECTED'];
const MOST_REMEMBERED = 6;
const OUTCOME = 1;
const ACKNOWLEDGEMENT = 2;
const SMALLEST_VOID_BYTES = 4;
const REWRITES = 3;
