import type { Slot } from '../bootloader/index.js';
import type { Machine } from './machine.js';
import { grown } from './grown.js';

/** What lies where, as seen by the image that runs from a slot; images are indices, -1: no released one. */
export interface Facts {
	readonly image: number;
	/** Where the next image goes. */
	readonly update: number;
	/** At the start of what is erased for it. */
	readonly erase: number;
	readonly isErased: boolean;
}

/** What lies in the slots of each state, looked at once. */
export class SlotFacts {
	readonly #machine: Machine;
	/** One more than the number of the facts of a state and slot; 0: nobody has looked. */
	#known = new Int32Array(1 << 10);
	readonly #facts: Facts[] = [];
	readonly #numbers = new Map<string, number>();

	constructor(machine: Machine) {
		this.#machine = machine;
	}

	get sizeBytes(): number {
		return this.#known.byteLength;
	}

	of(state: number, slot: Slot): Facts {
		return this.#facts[this.number(state, slot)] as Facts;
	}

	/** Equal numbers, equal facts. */
	number(state: number, slot: Slot): number {
		const at = 2 * state + (slot === 'a' ? 0 : 1);
		while (at >= this.#known.length) this.#known = grown(this.#known);
		const known = this.#known[at] as number;
		if (known > 0) return known - 1;
		const number = this.#intern(this.#look(state, slot));
		this.#known[at] = number + 1;
		return number;
	}

	#look(state: number, slot: Slot): Facts {
		const machine = this.#machine;
		machine.states.load(state);
		const { image, erase } = machine.updateTarget(slot);
		return {
			image: machine.imageIn(slot),
			update: machine.images.at(image.offsetBytes),
			erase: machine.images.at(erase.offsetBytes),
			isErased: machine.isUpdateErased(slot),
		};
	}

	#intern(facts: Facts): number {
		const key = `${facts.image} ${facts.update} ${facts.erase} ${facts.isErased}`;
		let number = this.#numbers.get(key);
		if (number === undefined) {
			number = this.#facts.push(facts) - 1;
			this.#numbers.set(key, number);
		}
		return number;
	}
}
