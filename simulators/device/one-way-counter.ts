import type { SecurityCounter } from '../bootloader/index.js';

/** A security counter in one-way storage (fuses): it only rises, and no power cut takes it back. */
export class OneWayCounter implements SecurityCounter {
	#value = 0;

	read(): number {
		return this.#value;
	}

	advance(to: number): void {
		if (to < this.#value) throw new RangeError(`the security counter only rises: it is ${this.#value}, got ${to}`);
		this.#value = to;
	}
}
