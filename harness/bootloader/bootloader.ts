import type { Version } from '../firmware/index.js';
import type { FlashArea } from '../flash/index.js';

/** Which slot: `a` is the primary or first one, `b` the secondary or second one. */
export type Slot = 'a' | 'b';

/** Where a bootloader keeps what. Whole sectors, shared with nothing else; what a bootloader does not use is null or empty. */
export interface BootLayout {
	readonly slotA: FlashArea;
	readonly slotB: FlashArea;
	readonly scratch: FlashArea | null;
	readonly records: readonly FlashArea[];
}

/** What lies in an area, in the bootloader's eyes: structure, hash and signature. Memoised by whoever implements it, by content. */
export interface ImageJudge {
	/** `area` begins with the image's header and ends where the largest image would. */
	judge(area: FlashArea): ImageVerdict;
}

export type ImageVerdict =
	| { readonly ok: true; readonly version: Version; readonly securityCounter: number /** SHA-256 of the image, hex. */; readonly digest: string }
	| { readonly ok: false; readonly reason: string };

/** A one-way counter outside flash, fuses or a secure element: it never falls and is never half advanced. */
export interface SecurityCounter {
	read(): number;
	advance(to: number): void;
}

/** Why a trial, or the slot that should have run, was given up. */
export type RevertReason = 'not-confirmed' | 'image-invalid' | 'below-counter';

export type BootDecision =
	| {
			readonly kind: 'run';
			/** The image at the start of this slot runs, in place. */
			readonly slot: Slot;
			/** The image is not confirmed; without `confirm()` within the allowed boots it is given up. */
			readonly trial: boolean;
			/** The bootloader gave up what it should have run, and the running image has not acknowledged that yet. */
			readonly reverted: boolean;
			/** Which boot of the trial this is, from 1; 0 where `trial` is false. */
			readonly attempt: number;
	  }
	| {
			readonly kind: 'none';
			readonly reason: string;
			/** The bootloader stopped at an assertion of its own. */
			readonly trapped?: true;
	  };

export interface BootState {
	/** Holds what a failed trial returns to, or what runs where no trial is on. */
	readonly active: Slot;
	/** False: nobody ever confirmed the active image, or the record of it is lost. */
	readonly confirmed: boolean;
	/** Equal to `active` where the trial has nothing to return to. */
	readonly trial: Slot | null;
	/** Boots the trial still gets; 0 without a trial. */
	readonly attemptsLeft: number;
	/** Null once the running image has acknowledged it, or a trial was requested since. */
	readonly lastRevert: RevertReason | null;
}

/** Where an application puts the next image. */
export interface UpdateTarget {
	readonly slot: Slot;
	/** The image's first byte goes to `offsetBytes`; no image is larger than `sizeBytes`. */
	readonly image: FlashArea;
	/** What the application erases before it writes: the image's place and whatever asks for, or remembers, an earlier one. */
	readonly erase: FlashArea;
}

/**
 * A bootloader as devices, images and the explorer see it. Synchronous; all state is in flash and in the counter, and
 * read anew at each call: an object that lived before a power loss is as good as a new one. Every method may throw
 * PowerLoss. What an application asks for while its image runs is here too.
 */
export interface Bootloader {
	readonly layout: BootLayout;
	/** Present: updates are not tried, each runs for good as soon as it runs. */
	readonly runsForGood?: true;
	/** Where an image that runs from a slot lies; the area ends where the largest would. */
	imageArea(slot: Slot): FlashArea;
	/** Where the image that runs from `running` puts the next one. It may erase and rewrite that as often as it likes. */
	updateTarget(running: Slot): UpdateTarget;
	/** The factory's last step: the image in `slot` counts as confirmed. */
	provision(slot: Slot): void;
	/** What runs now. Judges images, moves them where it must, and has what the next boot must know in flash before it returns. */
	boot(): BootDecision;
	/** Has the image in the slot that is not running tried at the next boot. Repeating a request is no change. */
	requestTrial(slot: Slot): void;
	/** Has it run for good, untried. Absent: this bootloader has no such request. */
	requestPermanent?(slot: Slot): void;
	/**
	 * The running image is good. No change where it is confirmed already; the counter follows once that is durable.
	 * `running`: the slot it runs from, for bootloaders whose records do not tell.
	 */
	confirm(running?: Slot): void;
	/** The running image knows of a return and has it in safe keeping. */
	acknowledgeRevert(): void;
	/** Null: no readable record, as in a part that was never provisioned. */
	state(): BootState | null;
}

/**
 * What a bootloader cannot do for the image that asks: `no-record` (no readable record: boot first), `trial-running` (a
 * trial is on, unconfirmed), `image-refused` (the image to confirm does not pass), `record-not-written` (the flash
 * does not keep the record), `record-damaged` (what power left of a request or a confirm stands in the way).
 */
export type BootErrorCode = 'no-record' | 'trial-running' | 'image-refused' | 'record-not-written' | 'record-damaged';

export class BootError extends Error {
	readonly code: BootErrorCode;

	constructor(code: BootErrorCode, message: string) {
		super(message);
		this.name = 'BootError';
		this.code = code;
	}
}
