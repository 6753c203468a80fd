import { closeSync, openSync, writeSync } from 'node:fs';
import { type BlackstartEvent, encodeEvent } from '../../events/index.js';
import { realTime } from '../../time/index.js';

const FLUSH_CHARACTERS = 64 * 1024;
const FLUSH_PERIOD_MS = 250;

/** A scenario's own log: written synchronously, for a virtual world waits for no disk, and never long after the event. */
export class EventFile {
	readonly #file: number;
	#lines: string[] = [];
	#characters = 0;
	#flushedMs = realTime.nowMs();

	constructor(path: string) {
		this.#file = openSync(path, 'a');
	}

	write(event: BlackstartEvent): void {
		const line = encodeEvent(event);
		this.#lines.push(line);
		this.#characters += line.length;
		if (this.#characters >= FLUSH_CHARACTERS || realTime.nowMs() - this.#flushedMs >= FLUSH_PERIOD_MS) this.flush();
	}

	flush(): void {
		this.#flushedMs = realTime.nowMs();
		if (this.#lines.length === 0) return;
		const bytes = Buffer.from(this.#lines.join(''));
		this.#lines = [];
		this.#characters = 0;
		for (let written = 0; written < bytes.length; ) written += writeSync(this.#file, bytes, written);
	}

	close(): void {
		this.flush();
		closeSync(this.#file);
	}
}
