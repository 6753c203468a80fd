import { type Flash, type FlashArea, isWholeSectors, rewriteArea } from '../../../harness/flash/index.js';
import { encodeJournalHeader, parseJournalHeader, type UpdateJob } from './journal-header.js';
import { MarkLog } from './mark-log.js';
import { isBlank, isSpent } from './record-log.js';
import { StorageError } from './storage-error.js';

/** Steps of an update in the order they are taken; an update enters each at most once. */
export const UPDATE_PHASES = ['downloading', 'downloaded', 'verified', 'trial-requested', 'confirmed'] as const;
export type UpdatePhase = (typeof UPDATE_PHASES)[number];

export interface Journal extends UpdateJob {
	readonly phase: UpdatePhase;
	/** Blocks the image has, the last one perhaps short. */
	readonly blocks: number;
	/** Blocks that are marked. */
	readonly received: number;
}

/**
 * The update in progress, in flash: the job, how far it is, and one mark per block that has arrived, so that after a reset
 * only missing blocks are asked for. A block is programmed first and marked after; a mark torn by power loss is no mark. What it
 * says is the truth or a prefix of it, and after a torn begin or clear it says nothing or what it said before.
 *
 * The area holds the header, one void entry, then marks. Anything in the void entry ends the journal: it is programmed
 * before the area is erased, because an erase that power cuts short may leave a header beside marks that nobody made.
 *
 * It remembers what it read: make a new one at each boot.
 */
export class UpdateJournal {
	readonly #flash: Flash;
	readonly #area: FlashArea;
	/** Undefined: not read yet. */
	#open: OpenJournal | null | undefined;

	constructor(options: { readonly flash: Flash; readonly area: FlashArea }) {
		this.#flash = options.flash;
		this.#area = options.area;
		const { offsetBytes, sizeBytes } = options.area;
		if (!isWholeSectors(options.flash.geometry, { offsetBytes, lengthBytes: sizeBytes })) {
			throw new RangeError(`area: whole sectors were expected, got ${sizeBytes} bytes at ${offsetBytes}`);
		}
	}

	current(): Journal | null {
		const open = this.#read();
		if (open === null) return null;
		const { job, marks } = open;
		const received = blockNumbers(job).reduce((count, index) => count + (marks.has(index) ? 1 : 0), 0);
		const phase = UPDATE_PHASES.findLast((_, index) => index === 0 || marks.has(PHASE_MARK + index)) as UpdatePhase;
		return { ...job, phase, blocks: blockCount(job), received };
	}

	/** Starts anew, whatever was in progress. Throws RangeError on a job that is none, StorageError `no-room` where the area cannot hold its marks. */
	begin(job: UpdateJob): void {
		const bytes = encodeJournalHeader(job);
		const wanted = this.#marksAt(bytes.length) + MarkLog.sizeBytes(this.#flash, blockCount(job) + UPDATE_PHASES.length + SPARE_MARKS);
		if (wanted > this.#area.sizeBytes || blockCount(job) > PHASE_MARK) {
			throw new StorageError('no-room', `journal: at most ${this.#area.sizeBytes} bytes were expected, ${blockCount(job)} blocks need ${wanted}`);
		}
		this.clear();
		this.#open = undefined;
		if (!rewriteArea(this.#flash, { area: this.#area, bytes }))
			throw new StorageError('not-written', `journal: flash at ${this.#area.offsetBytes} that keeps it was expected`);
	}

	/** To be called once the block is in flash. False: the marks are full of torn ones; the block counts until the next reset only. */
	markBlock(index: number): boolean {
		const { job, marks } = this.#inProgress('markBlock');
		assertBlock(job, index);
		return marks.has(index) || marks.add(index, { reserve: UPDATE_PHASES.length });
	}

	hasBlock(index: number): boolean {
		const { job, marks } = this.#inProgress('hasBlock');
		assertBlock(job, index);
		return marks.has(index);
	}

	/** Blocks without a mark, ascending. */
	missing(): readonly number[] {
		const { job, marks } = this.#inProgress('missing');
		return blockNumbers(job).filter((index) => !marks.has(index));
	}

	/** Enters a phase; the one it is in is no change, an earlier one a RangeError. */
	setPhase(phase: UpdatePhase): void {
		const { marks } = this.#inProgress('setPhase');
		const index = UPDATE_PHASES.indexOf(phase);
		const now = UPDATE_PHASES.findLastIndex((_, at) => at === 0 || marks.has(PHASE_MARK + at));
		if (index < now) throw new RangeError(`phase: ${UPDATE_PHASES[now]} or later was expected, got ${phase}`);
		if (index === now) return;
		if (!marks.add(PHASE_MARK + index, { reserve: 0 })) throw new StorageError('no-room', `journal: room for a mark was expected, entering ${phase}`);
	}

	/** Ends the journal. No change where none is in progress. */
	clear(): void {
		const open = this.#read();
		if (open === null) return;
		this.#open = undefined;
		const { area, bytes } = this.#voidEntry(open.headerBytes);
		try {
			this.#flash.program(area.offsetBytes, bytes);
		} catch (error) {
			if (!isSpent(error)) throw error;
		}
		if (isBlank(this.#flash, area)) this.#flash.erase(this.#area.offsetBytes, this.#area.sizeBytes);
		this.#open = null;
	}

	#inProgress(what: string): OpenJournal {
		const open = this.#read();
		if (open === null) throw new StorageError('no-journal', `${what}: an update in progress was expected, there is none`);
		return open;
	}

	#read(): OpenJournal | null {
		if (this.#open !== undefined) return this.#open;
		this.#open = null;
		const header = parseJournalHeader(this.#flash, this.#area);
		if (header === null) return null;
		const { job, headerBytes } = header;
		if (!isBlank(this.#flash, this.#voidEntry(headerBytes).area)) return null;
		const marksAt = this.#marksAt(headerBytes);
		const marks = new MarkLog(this.#flash, { offsetBytes: this.#area.offsetBytes + marksAt, sizeBytes: this.#area.sizeBytes - marksAt });
		this.#open = { job, headerBytes, marks };
		return this.#open;
	}

	#voidEntry(headerBytes: number): { readonly area: FlashArea; readonly bytes: Uint8Array } {
		const entryBytes = MarkLog.sizeBytes(this.#flash, 1);
		const { writeSizeBytes, erasedByte } = this.#flash.geometry;
		const offsetBytes = this.#area.offsetBytes + Math.ceil(headerBytes / writeSizeBytes) * writeSizeBytes;
		return { area: { offsetBytes, sizeBytes: entryBytes }, bytes: new Uint8Array(entryBytes).fill(erasedByte ^ 0xff) };
	}

	/** From the start of the area. */
	#marksAt(headerBytes: number): number {
		const { area } = this.#voidEntry(headerBytes);
		return area.offsetBytes - this.#area.offsetBytes + area.sizeBytes;
	}
}

interface OpenJournal {
	readonly job: UpdateJob;
	readonly headerBytes: number;
	readonly marks: MarkLog;
}

/** Marks from here on are phases, below are blocks. */
const PHASE_MARK = 0xff00;
/** Marks that power may tear before the area is full. */
const SPARE_MARKS = 8;

const blockCount = (job: UpdateJob): number => Math.ceil(job.sizeBytes / job.blockSizeBytes);

const blockNumbers = (job: UpdateJob): readonly number[] => Array.from({ length: blockCount(job) }, (_, index) => index);

const assertBlock = (job: UpdateJob, index: number): void => {
	if (!(Number.isSafeInteger(index) && index >= 0 && index < blockCount(job)))
		throw new RangeError(`index: a block below ${blockCount(job)} was expected, got ${index}`);
};
