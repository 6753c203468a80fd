import type { BlackstartEvent } from './event.js';

/** One event as a line of an event log: JSON, newline included. */
export const encodeEvent = (event: BlackstartEvent): string => `${JSON.stringify(event)}\n`;

/** Throws a TypeError that shows the line unless it is one event. */
export const parseEvent = (line: string): BlackstartEvent => {
	let value: unknown;
	try {
		value = JSON.parse(line);
	} catch (cause) {
		throw new TypeError(`an event log line was expected to be JSON, got ${JSON.stringify(line.slice(0, 120))}`, { cause });
	}
	if (typeof value !== 'object' || value === null || typeof Reflect.get(value, 'kind') !== 'string') {
		throw new TypeError(`an event log line was expected to be an object with a kind, got ${JSON.stringify(line.slice(0, 120))}`);
	}
	return value as BlackstartEvent;
};

/** Throws a TypeError unless every line of `text` is one event; a last line without its newline was cut short and is left out. */
export const parseEventLog = (text: string): readonly BlackstartEvent[] =>
	text
		.slice(0, text.lastIndexOf('\n') + 1)
		.split('\n')
		.slice(0, -1)
		.map(parseEvent);

/** Cuts bytes that arrive in pieces into whole lines; what follows the last newline waits for its end. */
export class LineSplitter {
	#rest: Uint8Array = new Uint8Array();

	/** Bytes that wait for their newline. */
	get restBytes(): number {
		return this.#rest.length;
	}

	push(chunk: Uint8Array): readonly string[] {
		const end = chunk.lastIndexOf(0x0a);
		if (end < 0) {
			this.#rest = Buffer.concat([this.#rest, chunk]);
			return [];
		}
		const whole = Buffer.concat([this.#rest, chunk.subarray(0, end)]);
		// A copy: whoever reads a file uses its buffer again.
		this.#rest = Uint8Array.from(chunk.subarray(end + 1));
		return whole.toString('utf8').split('\n');
	}
}
