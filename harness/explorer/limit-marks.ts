import type { KnownLimit } from './finding.js';
import type { Machine } from './machine.js';

/** Which states show the mark of which limit, each looked at once. */
export class LimitMarks {
	readonly #machine: Machine;
	readonly #known = new Map<KnownLimit, Map<number, boolean>>();

	constructor(machine: Machine) {
		this.#machine = machine;
	}

	shows(limit: KnownLimit, state: number): boolean {
		let states = this.#known.get(limit);
		if (states === undefined) {
			states = new Map();
			this.#known.set(limit, states);
		}
		let isShown = states.get(state);
		if (isShown === undefined) {
			isShown = this.#look(limit, state);
			states.set(state, isShown);
		}
		return isShown;
	}

	#look(limit: KnownLimit, state: number): boolean {
		const { flash, states, subject } = this.#machine;
		states.load(state);
		const marks = flash.marks.marks(flash.contents.markSet);
		const inError = marks.filter(({ kind }) => kind !== 'spent').map(({ offsetBytes, lengthBytes }) => ({ offsetBytes, sizeBytes: lengthBytes }));
		return limit.shows?.({ flash, layout: subject.layout, inError }) ?? true;
	}
}
