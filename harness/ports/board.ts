import type { Release } from '../firmware/index.js';
import type { BoardNetwork } from './board-network.js';
import type { ConsolePort } from './console.js';
import type { FlasherPort } from './flasher.js';
import type { PowerPort } from './power.js';

/** One board as scenarios see it: real, virtual or emulated. What it lacks is undefined, and a scenario that needs it is skipped. */
export interface BoardPort {
	readonly name: string;
	/** Of the board's type: console syntax, timings, update paths. */
	readonly type: string;
	/** What the board has beside its type: `lora-antenna`, `flash-8mb`. */
	readonly fixtures: readonly string[];
	/** What its console says, and how long things take, as its type has it. */
	readonly syntax: BoardSyntax;
	readonly timings: BoardTimings;
	readonly console: ConsolePort;
	/** Where nothing switches its power, every call rejects. */
	readonly power: PowerPort;
	/** Pulls the reset line; undefined where the board has none. */
	readonly reset?: () => Promise<void>;
	readonly flasher?: FlasherPort;
	/** Ways an update can take to this board, the type's preferred one first. */
	readonly updatePaths: readonly UpdatePath[];
	/** Undefined where it has none of its own. */
	readonly network?: BoardNetwork;
	readonly releases: BoardReleases;
	/** Brings an image to the board and asks it for a trial; resolves when the board has taken it all, before it is rebooted. */
	update(release: Release, options: BoardUpdateOptions): Promise<void>;
	/** Has the firmware restart the board in good order; by its reset line or its power where it knows no such command. Resolves when it was told. */
	restart(options?: { readonly signal?: AbortSignal }): Promise<void>;
	/** Makes the running firmware crash, where it can. */
	readonly crash?: () => Promise<void>;
	/** Waits until it runs with no trial left open: confirmed by itself, or reverted. Resolves with what runs, rejects with what it waits for. */
	settle(options: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware>;
	/** Reads what runs, from the board itself. Waits for its boot to end. */
	running(options: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware>;
	/** Settings as the board gives them over its console, by name. */
	readSettings(options: { readonly withinMs: number }): Promise<Readonly<Record<string, string>>>;
	writeSetting(setting: { readonly name: string; readonly value: string }, options: { readonly withinMs: number }): Promise<void>;
	/** Brings it back to the golden image and its defaults, by whichever of its ways works, or by that one. */
	restore(options: { readonly withinMs: number; readonly by?: 'serial' | 'flasher' }): Promise<void>;
	/** Says in the events that a fault is to be done to the board, or that there is evidence of it. */
	noteFault(step: 'armed' | 'fired', fault: { readonly fault: string; readonly form?: string; readonly detail?: string }): void;
}

/** Patterns of a console, by what they mean; those that a type does not give are undefined. */
export interface BoardSyntax {
	readonly prompt: RegExp;
	/** The first line of every boot; its group `nonce` tells this boot from any other. */
	readonly boot: RegExp;
	/** The application runs. */
	readonly ready?: RegExp | undefined;
	readonly confirmed?: RegExp | undefined;
	/** A trial was given up. */
	readonly reverted?: RegExp | undefined;
	/** An image is not taken. */
	readonly refused?: RegExp | undefined;
	/** The prompt of a loader that runs when nothing else does. */
	readonly recovery?: RegExp | undefined;
	readonly panic: readonly RegExp[];
	/** What an update passes on its way, by name: where its phases begin. */
	readonly marks: Readonly<Record<string, RegExp>>;
}

export interface BoardTimings {
	/** From power to its prompt, at most. */
	readonly bootMs: number;
	/** Until its rails are discharged. */
	readonly offMs: number;
	/** How long the console is watched after a verdict. */
	readonly quietMs: number;
	/** From the start of a trial to its confirmation, at most. */
	readonly confirmMs: number;
	/** One answer of the console, at most. */
	readonly answerMs: number;
	/** Bringing one image to the board, at most. */
	readonly updateMs: number;
	/** From the request of a trial to the end of its installation, at most. */
	readonly installMs: number;
}

/** `mqtt`: it downloads from the update service, by its own network or else through the rig host's gateway. */
export type UpdatePath = 'mqtt' | 'serial' | 'flasher';

export interface BoardUpdateOptions {
	readonly path?: UpdatePath;
	readonly withinMs: number;
	readonly signal?: AbortSignal;
}

/** SHA-256 of the release's image for that board, hex; empty where it holds none. */
export const digestFor = ({ type }: Pick<BoardPort, 'type'>, { images }: Release): string => images.find(({ hardware }) => hardware === type)?.digest ?? '';

export interface RunningFirmware {
	readonly version: string;
	readonly confirmed: boolean;
	/** Of the running image as the board computes it, hex. */
	readonly digest: string;
	/** Told by the board once a boot: tells this boot from any other. */
	readonly bootNonce: string;
}

/** `hangs` as it starts; `silent`: runs and never confirms itself; `unwell`: fails its self-test. */
export type BadImage = 'hangs' | 'silent' | 'unwell';

/** Images for this board: its type's own, or the user's. */
export interface BoardReleases {
	golden(): Release;
	candidate(): Release;
	/** Boots, never confirms itself, or crashes: must be reverted. That which is wrong with it in a way that is named, where the board has one. */
	bad(how?: BadImage): Release;
	/** Must be refused. */
	forbidden(defect: 'payload-bit' | 'wrong-key'): Release;
}
