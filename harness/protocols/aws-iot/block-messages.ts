import { encodeFields, type StreamFormat } from './stream-codec.js';

/** A file of a stream in its exact bytes. */
export interface StreamFile {
	readonly fileId: number;
	readonly bytes: Uint8Array;
}

/** All encoded blocks of one file in one block size and format; holes where nobody asked yet. */
type Table = (Buffer | undefined)[];

/**
 * Encoded `data` messages, kept for the next device that asks: without a client token a block's message is the same
 * for all. Bounded in bytes; the table that was begun first goes first. A token is spliced into a copy.
 */
export class BlockMessages {
	readonly #maxBytes: number;
	/** By file, then by block size and format. Files are compared by identity, so a new version never meets old messages. */
	readonly #files = new Map<StreamFile, Map<number, Table>>();
	#bytes = 0;

	constructor(options: { readonly maxBytes: number }) {
		this.#maxBytes = options.maxBytes;
	}

	/** What the kept messages come to. */
	get sizeBytes(): number {
		return this.#bytes;
	}

	get(file: StreamFile, ask: { readonly block: number; readonly blockSizeBytes: number; readonly format: StreamFormat }): Buffer {
		const table = this.#table(file, ask.blockSizeBytes * 2 + (ask.format === 'cbor' ? 1 : 0));
		const kept = table[ask.block];
		if (kept !== undefined) return kept;
		const start = ask.block * ask.blockSizeBytes;
		const part = file.bytes.subarray(start, start + ask.blockSizeBytes);
		const message = encodeFields({ f: file.fileId, l: part.length, i: ask.block, p: part }, ask.format);
		if (this.#bytes + message.length > this.#maxBytes) this.#dropFirst(table);
		if (this.#bytes + message.length <= this.#maxBytes) {
			table[ask.block] = message;
			this.#bytes += message.length;
		}
		return message;
	}

	/** Forgets a file's messages. */
	drop(file: StreamFile): void {
		for (const table of this.#files.get(file)?.values() ?? []) this.#empty(table);
		this.#files.delete(file);
	}

	#table(file: StreamFile, key: number): Table {
		let tables = this.#files.get(file);
		if (tables === undefined) {
			tables = new Map();
			this.#files.set(file, tables);
		}
		let table = tables.get(key);
		if (table === undefined) {
			table = [];
			tables.set(key, table);
		}
		return table;
	}

	/** Makes room by the oldest table other than the one in use; that one itself where there is no other. */
	#dropFirst(inUse: Table): void {
		for (const [file, tables] of this.#files) {
			for (const [key, table] of tables) {
				if (table === inUse) continue;
				this.#empty(table);
				tables.delete(key);
				if (tables.size === 0) this.#files.delete(file);
				return;
			}
		}
		this.#empty(inUse);
	}

	#empty(table: Table): void {
		for (const message of table) this.#bytes -= message?.length ?? 0;
		table.length = 0;
	}
}

/** The same message with a client token, in a buffer of its own. CBOR maps and JSON objects both take it as a first member. */
export const withToken = (message: Buffer, options: { readonly clientToken: string; readonly format: StreamFormat }): Buffer => {
	if (options.format === 'json') return Buffer.concat([Buffer.from(`{"c":${JSON.stringify(options.clientToken)},`), message.subarray(1)]);
	// RFC 8949, 3.1: the head of a map with fewer than 24 entries is one byte, 0xa0 + entries; so the member of a map of one begins at byte 1.
	const member = encodeFields({ c: options.clientToken }, 'cbor').subarray(1);
	return Buffer.concat([Buffer.from([(message[0] ?? 0) + 1]), member, message.subarray(1)]);
};
