import type { Place } from './roster.js';

const ID_DIGITS = 5;

/** Deals out devices: first those that places name, then each to the place that is furthest behind its share, the first of several. */
export class Deal {
	readonly #named: { readonly id: string; readonly place: Place }[];
	readonly #open: Open[];
	readonly #shares: number;
	#next = 0;
	#dealt = 0;

	constructor(places: readonly Place[]) {
		this.#named = places.flatMap((place) => (place.devices ?? []).map((id) => ({ id, place }))).reverse();
		this.#open = places.filter(({ devices }) => devices === undefined).map((place) => ({ place, dealt: 0 }));
		this.#shares = this.#open.reduce((sum, { place }) => sum + place.share, 0);
	}

	/** Throws a RangeError where every place has its devices already. */
	next(): { readonly id: string; readonly place: Place } {
		const index = this.#next++;
		const named = this.#named.pop();
		if (named !== undefined) return named;
		this.#dealt++;
		let best: Open | undefined;
		for (const one of this.#open) if (best === undefined || this.#lack(one) > this.#lack(best) + ROUNDING) best = one;
		if (best === undefined) throw new RangeError(`devices: at most ${index}, which the places name, were expected`);
		best.dealt++;
		return { id: `device-${String(index + 1).padStart(ID_DIGITS, '0')}`, place: best.place };
	}

	#lack({ place, dealt }: Open): number {
		return (place.share / this.#shares) * this.#dealt - dealt;
	}
}

interface Open {
	readonly place: Place;
	dealt: number;
}

const ROUNDING = 1e-9;
