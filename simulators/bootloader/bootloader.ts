import type { Version } from '../../harness/firmware/index.js';

export type Slot = 'a' | 'b';

/** What lies in a slot, in the bootloader's eyes: structure, hash and signature. Memoised by whoever implements it, by content. */
export interface ImageJudge {
	judge(slot: Slot): ImageVerdict;
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
			readonly slot: Slot;
			/** The image is not confirmed; without `confirm()` within the allowed boots it is given up. */
			readonly trial: boolean;
			/** The bootloader gave up what it should have run, and the running image has not acknowledged that yet. */
			readonly reverted: boolean;
			/** Which boot of the trial this is, from 1; 0 where `trial` is false. */
			readonly attempt: number;
	  }
	| { readonly kind: 'none'; readonly reason: string };

export interface BootState {
	/** Where a failed trial returns to; the running slot where no trial is on. */
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

/**
 * A bootloader as device and image see it. All state is in flash and read anew at each call: an object that lived
 * before a power loss is as good as a new one. Every method may throw PowerLoss.
 */
export interface Bootloader {
	/** The factory's last step: the image in `slot` counts as confirmed. */
	provision(slot: Slot): void;
	/** What runs now. Judges images, counts the trial's boot in flash before it returns. */
	boot(): BootDecision;
	/** Has the image in the slot that is not running tried at the next boot. Repeating a request is no change. */
	requestTrial(slot: Slot): void;
	/** The running image is good. No change where it is confirmed already; the counter follows once that is durable. */
	confirm(): void;
	/** The running image knows of `lastRevert` and has it in safe keeping. */
	acknowledgeRevert(): void;
	/** Null: no readable record, as in a part that was never provisioned. */
	state(): BootState | null;
}

/**
 * What a bootloader cannot do for the image that asks: `no-record` (no readable record: boot first), `trial-running` (a
 * trial is on, unconfirmed), `image-refused` (the image to confirm does not pass), `record-not-written` (the flash
 * does not keep the record).
 */
export type BootErrorCode = 'no-record' | 'trial-running' | 'image-refused' | 'record-not-written';

export class BootError extends Error {
	readonly code: BootErrorCode;

	constructor(code: BootErrorCode, message: string) {
		super(message);
		this.name = 'BootError';
		this.code = code;
	}
}
