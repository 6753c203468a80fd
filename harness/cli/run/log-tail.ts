import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { type BlackstartEvent, LineSplitter, parseEvent } from '../../events/index.js';

const CHUNK_BYTES = 1024 * 1024;

/**
 * Kinds that nobody watches live: a fleet writes hundreds of thousands of them, and who wants them reads events.jsonl.
 * They are known by the line's beginning, without parsing it.
 */
const UNWATCHED =
	/^\{"kind":"(device-(provisioned|state|power|job|downloaded|trial-requested|confirmed|settings-changed|reported|audit|final)|service-(job|inventory))"/;

/** Follows one scenario's log while another process writes it. */
export class LogTail {
	readonly #path: string;
	readonly #chunk = Buffer.allocUnsafe(CHUNK_BYTES);
	#splitter = new LineSplitter();
	#file: number | undefined;
	#offset = 0;

	constructor(path: string) {
		this.#path = path;
	}

	/** Bytes up to the end of the last whole line read. */
	get wholeBytes(): number {
		return this.#offset - this.#splitter.restBytes;
	}

	/** Forgets a last line that its writer never finished. */
	dropRest(): void {
		this.#offset = this.wholeBytes;
		this.#splitter = new LineSplitter();
	}

	/** Reads what was written since; returns the events that are watched, and how many lines there were in all. */
	read(): { readonly events: readonly BlackstartEvent[]; readonly lines: number } {
		const file = this.#open();
		if (file === undefined) return { events: [], lines: 0 };
		const events: BlackstartEvent[] = [];
		let lines = 0;
		while (this.#offset < fstatSync(file).size) {
			const bytes = readSync(file, this.#chunk, 0, CHUNK_BYTES, this.#offset);
			if (bytes === 0) break;
			this.#offset += bytes;
			for (const line of this.#splitter.push(this.#chunk.subarray(0, bytes))) {
				lines++;
				if (!UNWATCHED.test(line)) events.push(parseEvent(line));
			}
		}
		return { events, lines };
	}

	close(): void {
		if (this.#file !== undefined) closeSync(this.#file);
		this.#file = undefined;
	}

	#open(): number | undefined {
		if (this.#file !== undefined) return this.#file;
		try {
			this.#file = openSync(this.#path, 'r');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		}
		return this.#file;
	}
}
