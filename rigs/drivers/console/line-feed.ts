import { ReadlineParser } from '@serialport/parser-readline';
import type { ConsoleLine } from '../../../harness/ports/index.js';
import { decodeLossily } from './lossy-text.js';
import type { ReceivedBytes } from './received-bytes.js';

/** A line that is longer comes in pieces. */
const LONGEST_LINE_BYTES = 64 * 1024;

/**
 * Cuts what comes into lines for listeners. The parser carries bytes as Latin-1, each of them one character, so that a broken UTF-8
 * sequence stays in its own line and lengths of lines are lengths in bytes.
 */
export class LineFeed {
	readonly #parser = new ReadlineParser({ delimiter: '\n', encoding: 'latin1', includeDelimiter: true, readableObjectMode: true });
	readonly #listeners = new Set<(line: ConsoleLine) => void>();
	#sinceLineEnd = 0;

	constructor(received: ReceivedBytes, startBytes: number) {
		let consumed = startBytes;
		this.#parser.on('data', (raw: string) => {
			consumed += raw.length;
			if (raw.length > LONGEST_LINE_BYTES) consumed--;
			const end = received.markAt(consumed);
			const text = decodeLossily(Buffer.from(raw.replace(/\r*\n$/, ''), 'latin1'));
			for (const listener of this.#listeners) listener({ text, end });
		});
	}

	feed(chunk: Uint8Array): void {
		for (let at = 0; at < chunk.length; ) {
			const newline = chunk.indexOf(0x0a, at);
			const room = LONGEST_LINE_BYTES - this.#sinceLineEnd;
			const end = Math.min(newline < 0 ? chunk.length : newline + 1, at + room);
			// The parser keeps what it is given: `chunk` may be memory that is used again.
			this.#parser.write(Buffer.from(chunk.subarray(at, end)));
			this.#sinceLineEnd = end === newline + 1 ? 0 : this.#sinceLineEnd + end - at;
			if (this.#sinceLineEnd >= LONGEST_LINE_BYTES) this.#breakLine();
			at = end;
		}
	}

	listen(listener: (line: ConsoleLine) => void): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}

	close(): void {
		this.#listeners.clear();
		this.#parser.destroy();
	}

	#breakLine(): void {
		this.#sinceLineEnd = 0;
		this.#parser.write(Buffer.from('\n'));
	}
}
