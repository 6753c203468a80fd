/** Lines that are kept, of so many characters each: what a module says last is what tells. */
const MOST_LINES = 8;
const MOST_CHARACTERS = 160;

/** What a module said in its last call. */
export class ModuleLog {
	readonly #lines: string[] = [];
	readonly #decoder = new TextDecoder();

	get lines(): readonly string[] {
		return this.#lines;
	}

	clear(): void {
		this.#lines.length = 0;
	}

	add(bytes: Uint8Array): void {
		if (this.#lines.length === MOST_LINES) this.#lines.shift();
		const text = this.#decoder
			.decode(bytes)
			.replaceAll(/\p{Cc}+/gu, ' ')
			.trim();
		this.#lines.push(text.slice(0, MOST_CHARACTERS));
	}

	/** A message with what the module said before it. */
	behind(message: string): string {
		return this.#lines.length === 0 ? message : `${message}; log: ${this.#lines.join(' | ')}`;
	}
}
