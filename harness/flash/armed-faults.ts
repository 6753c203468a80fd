import type { TearMode } from '../faults/index.js';

/** Evidence that an armed fault took effect. */
export interface FiredFlashFault {
	/** As `operations` counts, from 0. */
	readonly operation: number;
	readonly kind: 'program' | 'erase';
	readonly offsetBytes: number;
	readonly lengthBytes: number;
	readonly tear: TearMode | 'brown-out';
}

export interface ArmedCut {
	readonly operation: number;
	readonly tear: TearMode;
	readonly seed: number;
}

/** Faults that wait for an operation of one part, and those that took effect. */
export class ArmedFaults {
	readonly #onFired: ((fault: FiredFlashFault) => void) | undefined;
	#cut: ArmedCut | null = null;
	#brownOut: { readonly operation: number; readonly seed: number } | null = null;
	#fired: readonly FiredFlashFault[] = [];

	constructor(onFired: ((fault: FiredFlashFault) => void) | undefined) {
		this.#onFired = onFired;
	}

	/** Those that took effect, oldest first, since `forget`. */
	get fired(): readonly FiredFlashFault[] {
		return this.#fired;
	}

	/** Replaces a cut that was armed before. */
	armCut(cut: ArmedCut): void {
		this.#cut = cut;
	}

	armBrownOut(operation: number, seed: number): void {
		this.#brownOut = { operation, seed };
	}

	cutAt(operation: number): ArmedCut | null {
		return this.#cut?.operation === operation ? this.#cut : null;
	}

	/** The seed of a supply that sags from that operation on; null: it does not. */
	sagAt(operation: number): number | null {
		return this.#brownOut !== null && operation >= this.#brownOut.operation ? this.#brownOut.seed : null;
	}

	fire(fault: FiredFlashFault): void {
		if (fault.tear === 'brown-out') this.#brownOut = null;
		else this.#cut = null;
		this.#fired = [...this.#fired, fault];
		this.#onFired?.(fault);
	}

	disarm(): void {
		this.#cut = null;
		this.#brownOut = null;
	}

	/** Nothing is armed, and nothing ever took effect. */
	forget(): void {
		this.disarm();
		this.#fired = [];
	}
}
