import { grown } from '../grown.js';

/** Whole numbers one after the other, to be sent. */
export class Words {
	#words = new Int32Array(1 << 10);
	#size = 0;

	push(word: number): void {
		if (this.#size === this.#words.length) this.#words = grown(this.#words);
		this.#words[this.#size++] = word;
	}

	/** All of them, in memory of their own; none are left. */
	take(): Int32Array<ArrayBuffer> {
		const words = this.#words.slice(0, this.#size);
		this.#size = 0;
		return words;
	}
}
