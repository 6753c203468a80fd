import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { ConsoleError } from './console-error.js';

/** What an index file says beside the arrival of bytes. */
export type ConsoleNote = 'opened' | 'dropped' | 'lent' | 'reopened' | 'full' | 'closed';

/**
 * A console on disk: `FILE` holds its raw bytes, `FILE.index.jsonl` when they came. A line of the index is `{offsetBytes, atMs}` for a chunk that
 * ended at that offset, or `{offsetBytes, atMs, note}`. `atMs` is the machine's monotonic clock; the first line also holds `epochMs` of the same instant.
 */
export class ConsoleRecord implements Disposable {
	readonly file: string;
	readonly #limitBytes: number;
	readonly #bytes: number;
	readonly #index: number;
	#offset = 0;
	#full = false;
	#closed = false;

	/** Appends to a file that exists. Once the record holds `limitBytes` it takes no more, and says so in its index. */
	constructor(file: string, { limitBytes, atMs, epochMs }: { readonly limitBytes: number; readonly atMs: number; readonly epochMs: number }) {
		this.file = file;
		this.#limitBytes = limitBytes;
		mkdirSync(dirname(file), { recursive: true });
		this.#bytes = openSync(file, 'a');
		try {
			this.#index = openSync(`${file}.index.jsonl`, 'a');
		} catch (error) {
			closeSync(this.#bytes);
			throw error;
		}
		this.#say({ offsetBytes: 0, atMs, epochMs, note: 'opened' satisfies ConsoleNote });
	}

	/** Throws a ConsoleError `record` where the disk refuses. */
	append(chunk: Uint8Array, atMs: number): void {
		if (this.#full) return;
		const room = this.#limitBytes - this.#offset;
		const kept = chunk.subarray(0, room);
		this.#write(this.#bytes, kept);
		this.#offset += kept.length;
		this.#say({ offsetBytes: this.#offset, atMs });
		if (kept.length === chunk.length) return;
		this.#full = true;
		this.note('full', atMs);
	}

	note(note: ConsoleNote, atMs: number): void {
		if (!this.#closed) this.#say({ offsetBytes: this.#offset, atMs, note });
	}

	[Symbol.dispose](): void {
		if (this.#closed) return;
		this.#closed = true;
		closeSync(this.#bytes);
		closeSync(this.#index);
	}

	#say(entry: object): void {
		this.#write(this.#index, Buffer.from(`${JSON.stringify(entry)}\n`));
	}

	#write(file: number, bytes: Uint8Array): void {
		try {
			for (let written = 0; written < bytes.length; ) written += writeSync(file, bytes, written);
		} catch (error) {
			throw new ConsoleError('record', `console file ${this.file}: cannot be written: ${error instanceof Error ? error.message : String(error)}`, {
				cause: error,
			});
		}
	}
}
