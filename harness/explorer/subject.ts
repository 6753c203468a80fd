import type { BootLayout, Bootloader, ImageJudge, ImageVerdict, SecurityCounter } from '../bootloader/index.js';
import type { FlashArea, FlashPort, Geometry } from '../flash/index.js';
import type { KnownLimit } from './finding.js';

/** A bootloader on a part of some geometry, with the images that its world installs. */
export interface Subject {
	readonly name: string;
	readonly geometry: Geometry;
	readonly layout: BootLayout;
	/** At least two: the first comes from the factory, in slot a. */
	readonly images: readonly SubjectImage[];
	/** What the factory writes into slot a: it begins with the first image. Absent: that image alone. */
	readonly factory?: Uint8Array;
	readonly contract: Contract;
	/** As after a reset; called anew for every boot. */
	readonly create: (parts: SubjectParts) => Bootloader;
	/** What the bootloader makes of the bytes of an area, which it neither changes nor holds. The walk remembers verdicts by content. */
	readonly judge: (bytes: Uint8Array) => ImageVerdict;
	readonly knownLimits: readonly KnownLimit[];
	/** Absent: no two different states are alike. */
	readonly symmetry?: Symmetry;
}

export interface SubjectImage {
	readonly bytes: Uint8Array;
	readonly securityCounter: number;
	/** False: nothing may ever run it. */
	readonly isAuthentic: boolean;
}

/** What the bootloader promises of trials. */
export interface Contract {
	/** Boots that a trial gets to confirm itself. */
	readonly trialBoots: number;
	/** False: an update runs for good as soon as it runs, as with overwriting. */
	readonly reverts: boolean;
	/** What a confirm of the running image marks while an update is asked for; default `what runs`. */
	readonly confirms?: 'what runs' | 'what was asked for';
	/** An image on trial that asks for another one is refused. */
	readonly refusesOnTrial?: boolean;
	/** Once the application touched the slot that a request or a trial rests on, its records are good for surprises later on. */
	readonly touchLingers?: boolean;
}

export interface SubjectParts {
	readonly flash: FlashPort;
	readonly judge: ImageJudge;
	readonly counter: SecurityCounter;
}

/**
 * States that nobody can tell apart by what follows from them, such as records whose sequence numbers only count
 * relative to each other: each is explored as one representative. Without it a number that only grows has no closure.
 */
export interface Symmetry {
	/** Up to four, each inside one page. */
	readonly areas: readonly FlashArea[];
	/** The representative's bytes for what the areas hold, of the same lengths. */
	readonly representative: (parts: readonly Uint8Array[]) => readonly Uint8Array[];
}
