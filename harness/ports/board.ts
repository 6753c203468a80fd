import type { ConsolePort } from './console.js';
import type { Release } from './fleet.js';
import type { FlasherPort } from './flasher.js';
import type { PowerPort } from './power.js';

/** One board as scenarios see it: real, virtual or emulated. What it lacks is undefined, and a scenario that needs it is skipped. */
export interface BoardPort {
	readonly name: string;
	/** Of the board's type: console syntax, timings, update paths. */
	readonly type: string;
	/** What the board has beside its type: `lora-antenna`, `flash-8mb`. */
	readonly fixtures: readonly string[];
	readonly console: ConsolePort;
	readonly power: PowerPort;
	/** Pulls the reset line; undefined where the board has none. */
	readonly reset?: () => Promise<void>;
	readonly flasher?: FlasherPort;
	/** Ways an update can take to this board, the type's preferred one first. */
	readonly updatePaths: readonly UpdatePath[];
	readonly releases: BoardReleases;
	/** Brings an image to the board and asks it for a trial; resolves when the board has taken it all, before it is rebooted. */
	update(release: Release, options: BoardUpdateOptions): Promise<void>;
	/** Reads what runs, from the board itself. Waits for its boot to end. */
	running(options: { readonly withinMs: number }): Promise<RunningFirmware>;
	/** Settings as the board gives them over its console, by name. */
	readSettings(options: { readonly withinMs: number }): Promise<Readonly<Record<string, string>>>;
	writeSetting(setting: { readonly name: string; readonly value: string }, options: { readonly withinMs: number }): Promise<void>;
	/** Brings it back to the golden image and its defaults, by whichever of its ways works. */
	restore(options: { readonly withinMs: number }): Promise<void>;
}

/** `mqtt`: it downloads from the update service, through the rig host's gateway where it has no network. */
export type UpdatePath = 'mqtt' | 'serial' | 'flasher';

export interface BoardUpdateOptions {
	readonly path?: UpdatePath;
	readonly withinMs: number;
	readonly signal?: AbortSignal;
}

export interface RunningFirmware {
	readonly version: string;
	readonly confirmed: boolean;
	/** Of the running image as the board computes it, hex. */
	readonly digest: string;
	/** Told by the board once a boot: tells this boot from any other. */
	readonly bootNonce: string;
}

/** Images for this board: its type's own, or the user's. */
export interface BoardReleases {
	golden(): Release;
	candidate(): Release;
	/** Boots, never confirms itself, or crashes: must be reverted. */
	bad(): Release;
	/** Must be refused. */
	forbidden(defect: 'payload-bit' | 'wrong-key'): Release;
}
