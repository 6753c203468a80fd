import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { type BlackstartEvent, encodeEvent } from '../../events/index.js';

const CHUNK_BYTES = 1024 * 1024;
/** Shown while a run goes, and of no use after it. */
const PROGRESS = Buffer.from('{"kind":"run-progress"');
const NEWLINE = 0x0a;

/** The run's `events.jsonl`: the runner's own lines, and the logs of whole scenarios. Nothing else writes it. */
export class EventLog {
	readonly #file: number;

	constructor(path: string) {
		this.#file = openSync(path, 'wx');
	}

	write(event: BlackstartEvent): void {
		this.#writeAll(Buffer.from(encodeEvent(event)));
	}

	/** Appends a scenario's own log, without its progress lines and without a last line that was never finished. */
	appendScenario(path: string): void {
		const file = openSync(path, 'r');
		try {
			let rest: Buffer = Buffer.alloc(0);
			const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
			const sizeBytes = fstatSync(file).size;
			for (let offset = 0; offset < sizeBytes; ) {
				const bytes = readSync(file, chunk, 0, CHUNK_BYTES, offset);
				offset += bytes;
				const block = Buffer.concat([rest, chunk.subarray(0, bytes)]);
				const end = block.lastIndexOf(NEWLINE) + 1;
				this.#writeAll(dropProgress(block.subarray(0, end)));
				rest = block.subarray(end);
			}
		} finally {
			closeSync(file);
		}
	}

	close(): void {
		closeSync(this.#file);
	}

	#writeAll(bytes: Uint8Array): void {
		for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
	}
}

const dropProgress = (lines: Buffer): Uint8Array => {
	const kept: Buffer[] = [];
	let from = 0;
	for (let at = lines.indexOf(PROGRESS); at >= 0; at = lines.indexOf(PROGRESS, from)) {
		const end = lines.indexOf(NEWLINE, at) + 1;
		// The same words inside a line are somebody's text.
		const beginsLine = at === 0 || lines[at - 1] === NEWLINE;
		kept.push(lines.subarray(from, beginsLine ? at : end));
		from = end;
	}
	kept.push(lines.subarray(from));
	return Buffer.concat(kept);
};
