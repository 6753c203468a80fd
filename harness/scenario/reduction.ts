import { type Cell, isInCell } from './cell.js';

/** What of a case is left when parts of it are taken away; what is absent is whole. Everything is counted from 1. */
export interface Reduction {
	/** Devices that take part, by their places in the order in which their world has them join; ascending. */
	readonly devices?: readonly number[];
	/** Faults that take part, by their places in the order in which the reduced case asks for them; ascending. */
	readonly faults?: readonly number[];
	/** Most waves of a rollout or campaign: what the others would have taken goes out in the last. */
	readonly waves?: number;
	/** Devices of one cell alone; of the whole fleet where absent. */
	readonly cell?: Cell;
}

/** What a case asked for, kept or not. */
export interface CaseExtent {
	/** The most devices of any of its worlds. */
	readonly devices: number;
	/** For each fault the place of the device that it was for, 0 where it was for none. */
	readonly faults: readonly number[];
	/** The most waves of any of its rollouts and campaigns. */
	readonly waves: number;
}

/** Applies a reduction to one case: a target asks it about every device, fault and rollout, in the order in which they come. */
export class Reducer {
	readonly #devices: ReadonlySet<number> | undefined;
	readonly #faults: ReadonlySet<number> | undefined;
	readonly #mostWaves: number;
	readonly #cell: Cell | undefined;
	readonly #askedFaults: number[] = [];
	#askedDevices = 0;
	#askedWaves = 0;

	constructor({ devices, faults, waves = Number.POSITIVE_INFINITY, cell }: Reduction = {}) {
		this.#cell = cell;
		this.#devices = devices && new Set(devices);
		this.#faults = faults && new Set(faults);
		this.#mostWaves = waves;
	}

	/** What it was asked about so far. */
	get extent(): CaseExtent {
		return { devices: this.#askedDevices, faults: this.#askedFaults, waves: this.#askedWaves };
	}

	/** The part of the fleet that takes part, where not all of it does. */
	get cell(): Cell | undefined {
		return this.#cell;
	}

	/** Whether the device of that id, at that place of its world, takes part. */
	keepsDevice(place: number, id: string): boolean {
		this.#askedDevices = Math.max(this.#askedDevices, place);
		return (this.#devices?.has(place) ?? true) && (this.#cell === undefined || isInCell(id, this.#cell));
	}

	/** Whether the next fault takes part. `place`: of the device that it is for, 0 for the service, the network, a release or a campaign. */
	keepsFault(place: number): boolean {
		this.#askedFaults.push(place);
		return this.#faults?.has(this.#askedFaults.length) ?? true;
	}

	/** The plan with as many waves as are kept, pilot included. `waves`: how many it makes of its `devices`. */
	keepWaves<Plan extends WaveSizes>(plan: Plan, { devices, waves }: { readonly devices: number; readonly waves: number }): Plan {
		this.#askedWaves = Math.max(this.#askedWaves, waves);
		if (waves <= this.#mostWaves) return plan;
		if (this.#mostWaves === 1) return { ...plan, pilot: Math.max(1, devices), waves: [] };
		return { ...plan, waves: plan.waves.slice(0, this.#mostWaves - 2) };
	}
}

interface WaveSizes {
	readonly pilot: number;
	readonly waves: readonly number[];
}
