import type { CaseSize } from '../events/index.js';
import type { CaseExtent, Reduction } from '../scenario/index.js';
import { minimiseList } from './minimise-list.js';

/** What one run of a candidate came to. */
export interface Attempt {
	/** Whether it failed as the whole case does. */
	readonly fails: boolean;
	readonly extent: CaseExtent;
}

/** A smaller case that was run and fails. */
export interface Candidate {
	readonly reduction: Reduction;
	readonly extent: CaseExtent;
}

export interface ShrinkOptions {
	/** The case to begin with, which fails. */
	readonly from: Candidate;
	/** Devices that the failure names, tried before any others: fewest first. */
	readonly suspects?: readonly (readonly number[])[];
	/** Runs a candidate; the same one comes to the same, always. */
	readonly run: (reduction: Reduction) => Promise<Attempt>;
	/** Candidates that are run at once. */
	readonly width: number;
	/** Ends the search: what is under way no longer counts. */
	readonly signal: AbortSignal;
	/** Told of every smaller case. */
	readonly onSmaller?: (candidate: Candidate) => void;
}

export interface Shrunk {
	/** The smallest case found: the one to begin with where none smaller fails. */
	readonly smallest: Candidate;
	/** True where no device, fault or wave can be left out of it alone; false where the search was ended before that was known. */
	readonly minimal: boolean;
}

/**
 * The fewest devices, faults and waves of a failing case that still fail, by trying: the suspects alone, no fault at all, then
 * devices, faults and waves in turn until none of them gets fewer. Every step depends on what the runs before came to and on nothing else.
 *
 * Where faults are needed, fewer devices or waves must not fail without any: a scenario that expects a number of its own, of
 * which a smaller fleet falls short, would fail in the same words for want of devices.
 */
export const shrinkCase = async (options: ShrinkOptions): Promise<Shrunk> => {
	const search = new Search(options);
	let before: Candidate;
	do {
		before = search.smallest;
		await search.trySuspects();
		await search.dropAllFaults();
		await search.reduceDevices();
		await search.reduceFaults();
		await search.reduceWaves();
	} while (search.smallest !== before && !options.signal.aborted);
	return { smallest: search.smallest, minimal: !options.signal.aborted };
};

/** How much of a case takes part. */
export const sizeOf = (candidate: Candidate): CaseSize => ({
	devices: keptDevices(candidate).length,
	faults: keptFaults(candidate).length,
	waves: keptWaves(candidate),
});

class Search {
	smallest: Candidate;
	readonly #options: ShrinkOptions;
	readonly #tried = new Map<string, Promise<Attempt>>();

	constructor(options: ShrinkOptions) {
		this.#options = options;
		this.smallest = options.from;
	}

	async dropAllFaults(): Promise<void> {
		if (keptFaults(this.smallest).length > 0) await this.#adopt({ ...this.smallest.reduction, faults: [] }, this.#fails);
	}

	async trySuspects(): Promise<void> {
		const { suspects = [] } = this.#options;
		const there = new Set(keptDevices(this.smallest));
		for (const some of suspects) {
			const devices = some.filter((place) => there.has(place));
			if (devices.length === 0 || devices.length >= there.size) continue;
			if (await this.#adopt(withDevices(this.smallest, devices), this.#failsForFaults)) return;
		}
	}

	async reduceDevices(): Promise<void> {
		const { smallest } = this;
		const devices = keptDevices(smallest);
		const reductionOf = (fewer: readonly number[]): Reduction => withDevices(smallest, fewer);
		const fewest = await minimiseList(devices, { least: 1, width: this.#options.width, test: (fewer) => this.#failsForFaults(reductionOf(fewer)) });
		if (fewest.length < devices.length) await this.#adopt(reductionOf(fewest), this.#failsForFaults);
	}

	async reduceFaults(): Promise<void> {
		const { reduction } = this.smallest;
		const faults = keptFaults(this.smallest);
		const fewest = await minimiseList(faults, { least: 0, width: this.#options.width, test: (fewer) => this.#fails({ ...reduction, faults: fewer }) });
		if (fewest.length < faults.length) await this.#adopt({ ...reduction, faults: fewest }, this.#fails);
	}

	/** Fewest first: there are few, and one is the best there is. */
	async reduceWaves(): Promise<void> {
		const { reduction } = this.smallest;
		const most = keptWaves(this.smallest);
		for (let waves = 1; waves < most; waves++) if (await this.#adopt({ ...reduction, waves }, this.#failsForFaults)) return;
	}

	/** Makes the reduction the smallest case where it fails; one that failed before is not run again. */
	async #adopt(reduction: Reduction, fails: (reduction: Reduction) => Promise<boolean>): Promise<boolean> {
		if (!(await fails(reduction))) return false;
		const { extent } = await this.#run(reduction);
		this.smallest = { reduction: withoutNeedless({ reduction, extent }), extent };
		return true;
	}

	readonly #fails = async (reduction: Reduction): Promise<boolean> => {
		const { fails, extent } = await this.#run(reduction);
		if (fails) this.#options.onSmaller?.({ reduction, extent });
		return fails;
	};

	/** Whether it fails, and without any faults only where the larger one does so too. */
	readonly #failsForFaults = async (reduction: Reduction): Promise<boolean> => {
		const { smallest } = this;
		const failsWithout = async (whole: Reduction): Promise<boolean> => (await this.#run({ ...whole, faults: [] })).fails;
		if (!(await this.#run(reduction)).fails) return false;
		if (keptFaults(smallest).length > 0 && (await failsWithout(reduction)) && !(await failsWithout(smallest.reduction))) return false;
		return this.#fails(reduction);
	};

	#run(reduction: Reduction): Promise<Attempt> {
		const key = JSON.stringify([reduction.devices, reduction.faults, reduction.waves]);
		const known = this.#tried.get(key);
		if (known) return known;
		if (this.#options.signal.aborted) return Promise.resolve(NOT_TRIED);
		const attempt = this.#options.run(reduction);
		this.#tried.set(key, attempt);
		return attempt;
	}
}

const NOT_TRIED: Attempt = { fails: false, extent: { devices: 0, faults: [], waves: 0 } };

const keptDevices = ({ reduction: { devices }, extent }: Candidate): readonly number[] =>
	devices === undefined ? countTo(extent.devices) : devices.filter((place) => place <= extent.devices);

const keptFaults = ({ reduction: { faults }, extent }: Candidate): readonly number[] =>
	faults === undefined ? countTo(extent.faults.length) : faults.filter((place) => place <= extent.faults.length);

const keptWaves = ({ reduction: { waves }, extent }: Candidate): number => Math.min(extent.waves, waves ?? extent.waves);

/** The candidate with fewer devices. Nobody arms a fault on a device that is not there, so that the places of the others move up. */
const withDevices = ({ reduction, extent }: Candidate, devices: readonly number[]): Reduction => {
	if (reduction.faults === undefined) return { ...reduction, devices };
	const isThere = new Set([0, ...devices]);
	const kept = new Set(reduction.faults);
	const faults: number[] = [];
	let place = 0;
	for (const [index, device] of extent.faults.entries()) {
		if (!isThere.has(device)) continue;
		place++;
		if (kept.has(index + 1)) faults.push(place);
	}
	return { ...reduction, devices, faults };
};

/** The same reduction without what takes nothing away. */
const withoutNeedless = (candidate: Candidate): Reduction => {
	const { reduction, extent } = candidate;
	const { devices, faults, waves } = sizeOf(candidate);
	return {
		...(reduction.devices === undefined || devices === extent.devices ? {} : { devices: reduction.devices }),
		...(reduction.faults === undefined || faults === extent.faults.length ? {} : { faults: keptFaults(candidate) }),
		...(reduction.waves === undefined || waves === extent.waves ? {} : { waves: reduction.waves }),
		...(reduction.cell === undefined ? {} : { cell: reduction.cell }),
	};
};

const countTo = (last: number): readonly number[] => Array.from({ length: last }, (_, index) => index + 1);
