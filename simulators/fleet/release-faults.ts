import type { BlackstartEvent } from '../../harness/events/index.js';
import type { AskedFault } from '../../harness/faults/index.js';
import type { Release } from '../../harness/firmware/index.js';

/** A release that was asked for because something is wrong with it. */
export interface AskedRelease {
	readonly fault: Extract<AskedFault, 'image-defect' | 'image-behaviour'>;
	/** The defect or the behaviour. */
	readonly form: string;
	readonly images: readonly { readonly digest: string }[];
}

/**
 * Evidence of releases that are to go wrong: one with a defect takes effect when a device is sent it, one with a behaviour
 * when a device boots it, and either when a campaign's controller refuses to send it at all. A key set takes effect when a
 * device is sent a job that it goes along with.
 */
export class ReleaseFaults {
	readonly #nowMs: () => number;
	readonly #record: (event: BlackstartEvent) => void;
	/** By digest, those that no device has met yet. */
	readonly #awaited = new Map<string, AskedRelease>();
	/** Digests of all that were asked for. */
	readonly #asked = new Set<string>();

	/** Key sets that no device has been sent yet, and the jobs that they go along with. */
	#keySets: readonly string[] = [];
	readonly #withKeySet = new Set<string>();

	constructor({ nowMs, record }: { readonly nowMs: () => number; readonly record: (event: BlackstartEvent) => void }) {
		this.#nowMs = nowMs;
		this.#record = record;
	}

	/** A release of the same images that is asked for again is no second fault. */
	ask(release: AskedRelease): void {
		if (release.images.some(({ digest }) => this.#asked.has(digest))) return;
		for (const { digest } of release.images) {
			this.#asked.add(digest);
			this.#awaited.set(digest, release);
		}
		this.#record({ kind: 'fault-armed', at: this.#nowMs(), fault: release.fault, detail: release.form });
	}

	/** A key set goes along with every job that is opened from now on. */
	askKeySet(form: 'next' | 'forged'): void {
		this.#keySets = [...this.#keySets, form];
		this.#record({ kind: 'fault-armed', at: this.#nowMs(), fault: 'key-rotation', detail: form });
	}

	observe(event: BlackstartEvent): void {
		if (event.kind === 'device-job') {
			this.#met(event, 'image-defect');
			if (this.#withKeySet.has(event.job)) this.#keySetsSent(event.device);
		} else if (event.kind === 'service-job') {
			if (this.#keySets.length > 0 && event.status === 'QUEUED') this.#withKeySet.add(event.job);
		} else if (event.kind === 'device-boot') {
			this.#met(event, 'image-behaviour');
		} else if (event.kind === 'release-published' && event.defect !== undefined) {
			// An image of imgtool's is found to be wrong when it is published.
			this.ask({ fault: 'image-defect', form: event.defect, images: [event] });
		}
	}

	/** It took effect without being sent to a device: `how` says in what way. */
	met({ images }: Release, how: string): void {
		for (const { digest } of images) {
			const asked = this.#awaited.get(digest);
			if (asked) this.#fire(asked, how);
		}
	}

	#met({ digest, device }: { readonly digest: string; readonly device: string }, fault: AskedRelease['fault']): void {
		const asked = this.#awaited.get(digest);
		if (asked?.fault === fault) this.#fire(asked, `${device} met it, the first of all`);
	}

	#keySetsSent(device: string): void {
		for (const form of this.#keySets)
			this.#record({ kind: 'fault-fired', at: this.#nowMs(), fault: 'key-rotation', form, detail: `${device} was sent it first` });
		this.#keySets = [];
		this.#withKeySet.clear();
	}

	#fire({ fault, form, images }: AskedRelease, detail: string): void {
		for (const { digest } of images) this.#awaited.delete(digest);
		this.#record({ kind: 'fault-fired', at: this.#nowMs(), fault, form, detail });
	}
}
