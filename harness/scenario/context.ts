import type { BoardPort, FleetOptions, FleetPort } from '../ports/index.js';
import type { Random } from '../time/index.js';
import type { Reduction } from './reduction.js';
import type { Rung } from './rung.js';

/** What the person who started the run asked for. */
export interface RunOptions {
	/** Devices of a fleet, unless a scenario asks for its own count. */
	readonly devices: number;
	/** The image under test, where the user brought one. */
	readonly image?: UserImage;
	/** What devices run before it, where the user brought that too. */
	readonly from?: UserImage;
	/** Public keys that the user's images are signed for, PEM. */
	readonly keys: readonly string[];
	/** How real the run is, where it is not virtual time in memory. */
	readonly rung?: Rung;
	/** Parts of the case that are taken away, where it is a smaller one that fails like a whole one did. */
	readonly reduction?: Reduction;
}

export const DEFAULT_DEVICES = 500;

export interface UserImage {
	/** File name without its folder. */
	readonly name: string;
	readonly bytes: Uint8Array;
	/** SHA-256 of `bytes`, hex. */
	readonly digest: string;
}

/** What a scenario is given: its target, its chance, and where its evidence goes. */
export interface ScenarioContext {
	readonly title: string;
	/** Names every random choice of this case; derived from the run's seed, the scenario file and the title. */
	readonly seed: string;
	readonly options: RunOptions;
	/** A stream of seeded randomness, the same for the same seed and name. */
	random(name: string): Random;
	/** Opens the fleet this case runs against; it is finished, judged and closed when the scenario ends. At most one at a time. */
	openFleet(options?: FleetOptions): Promise<FleetPort>;
	/**
	 * Opens the board this case runs against: powered, its golden image at rest with the settings of the factory. It is watched,
	 * judged, made safe and given back when the scenario ends. `other`: another board of the same rig, beside it.
	 */
	openBoard(options?: { readonly other?: boolean }): Promise<BoardPort>;
	/** Waits in the time of the target: of the wall where that is a board. */
	sleep(delayMs: number): Promise<void>;
	/** Says what the scenario does now, in the event log and the console file. */
	step(text: string): void;
	/** Writes to this case's console file. */
	log(text: string): void;
	/** Records a fact that the report shows beside the verdict. */
	evidence(name: string, value: number | string): void;
	/** Fails the product with `message` unless `condition` holds. */
	expect(condition: boolean, message: string): void;
	/** Fails the product: what was wanted and what came. */
	fail(message: string): never;
	/** Ends the scenario without a verdict on the product: what it set out to show was not shown. */
	inconclusive(message: string): never;
	/** Runs `cleanup` when the scenario ends, however it ends; the last deferred runs first. */
	defer(cleanup: () => void | Promise<void>): void;
}
