import { BootError, type Bootloader, EndlessLoop, type ImageJudge, type ImageVerdict, type Slot } from '../bootloader/index.js';
import { type FlashArea, FlashError, PageStore, padToUnits, PowerLoss } from '../flash/index.js';
import { FlashContents } from './flash-contents.js';
import { ImageFinder } from './image-finder.js';
import { MarkTable } from './mark-table.js';
import { pageSizeFor } from './sectors.js';
import type { MixHash, StateTable } from './state-table.js';
import type { Subject } from './subject.js';
import { Representatives } from './representatives.js';
import { TornOperations } from './tear-ladder.js';
import { WalkFlash } from './walk-flash.js';

/**
 * What is done with a device: it boots, or the running image does what applications do. `erase`: the slot for updates, in
 * order; `write`: an image into it, which needs it erased.
 */
export type Action = 'boot' | 'confirm' | 'acknowledge' | 'trial' | 'permanent' | 'erase' | `write-${number}`;

/** What leads from one standing of a device to another. `reset`: power goes while an image runs and nothing is under way. */
export type Step = Action | 'reset';

/** How an action ended; the state in hand is the one it left. */
export type Outcome =
	| { readonly kind: 'runs'; readonly slot: Slot }
	| { readonly kind: 'none'; readonly reason: string }
	| { readonly kind: 'done' }
	| { readonly kind: 'refused'; readonly reason: string }
	| { readonly kind: 'trap'; readonly reason: string }
	| { readonly kind: 'endless'; readonly reason: string };

/** The factory's last step came to no good end: no device ever left it, and there is nothing to walk. */
export class FactoryError extends Error {
	override readonly name = 'FactoryError';
}

/** A subject on the walk's flash: takes a state in hand, and does one thing to it. */
export class Machine {
	readonly subject: Subject;
	readonly states: StateTable;
	readonly flash: WalkFlash;
	readonly torn: TornOperations;
	readonly images: ImageFinder;
	/** Each image as applications write it: in whole units. */
	readonly #padded: readonly Uint8Array[];
	readonly #representatives: Representatives | null;
	readonly #judge: ImageJudge;
	/** Asked about places only, of which none depends on what is in flash. */
	readonly #plan: Bootloader;

	/** `mix` and `hash`: for tests of collisions. */
	constructor(subject: Subject, options: { readonly mix?: MixHash; readonly hash?: (words: Uint32Array) => number } = {}) {
		this.subject = subject;
		const store = new PageStore({ pageSizeBytes: pageSizeFor(subject.geometry), ...(options.hash ? { hash: options.hash } : {}) });
		const contents = new FlashContents({ geometry: subject.geometry, store, ...(options.mix ? { mix: options.mix } : {}) });
		this.states = contents.states;
		this.flash = new WalkFlash({ geometry: subject.geometry, contents, marks: new MarkTable() });
		contents.takeBlank();
		this.torn = new TornOperations(this.flash);
		this.images = new ImageFinder(this.flash, subject);
		this.#representatives = subject.symmetry === undefined ? null : new Representatives(contents, subject.symmetry);
		this.#padded = subject.images.map(({ bytes }) => padToUnits(bytes, this.flash));
		this.#judge = {
			judge: (area) => {
				const verdict = this.verdict(area);
				this.flash.witness?.judges(area, verdict);
				return verdict;
			},
		};
		this.#plan = this.#bootloader();
	}

	/** The state as it comes from the factory: the first image in slot a, confirmed. */
	provision(): number {
		const [first] = this.subject.images;
		if (first === undefined) throw new RangeError('images: at least one was expected, got none');
		this.flash.contents.takeBlank();
		this.flash.contents.overwrite(this.#plan.imageArea('a').offsetBytes, this.subject.factory ?? first.bytes);
		try {
			this.#bootloader().provision('a');
		} catch (cause) {
			throw new FactoryError((cause as Error).message, { cause });
		}
		return this.intern();
	}

	/** The number of the state in hand, or of the one that stands for it. */
	intern(): number {
		return this.#representatives === null ? this.states.intern() : this.#representatives.intern();
	}

	/** Distinct states, those that another one stands for aside. */
	get stateCount(): number {
		return this.states.size - (this.#representatives?.strangers ?? 0);
	}

	/** States, pages and what is remembered of them, in bytes. */
	get sizeBytes(): number {
		const { flash, images, states, torn } = this;
		return states.sizeBytes + flash.contents.sizeHeldBytes + torn.sizeBytes + images.sizeBytes + (this.#representatives?.sizeBytes ?? 0);
	}

	/** Takes a state in hand and does something; the flash's watcher sees every operation. PowerLoss of a watcher goes through. */
	run(state: number, todo: { readonly action: Action; readonly running: Slot; readonly readSeed?: number }): Outcome {
		this.states.load(state);
		this.flash.restart();
		this.flash.readSeed = todo.readSeed ?? 0;
		try {
			return this.#perform(todo.action, todo.running);
		} catch (error) {
			return outcomeOf(error, todo.action);
		}
	}

	/** The slot for updates of the image that runs from `running`. */
	updateTarget(running: Slot) {
		return this.#plan.updateTarget(running);
	}

	get canRequestPermanent(): boolean {
		return this.#plan.requestPermanent !== undefined;
	}

	/** The image that runs from a slot, -1: none that was ever released. */
	imageIn(slot: Slot): number {
		return this.images.at(this.#plan.imageArea(slot).offsetBytes);
	}

	#perform(action: Action, running: Slot): Outcome {
		if (action === 'erase') {
			this.#eraseUpdate(running);
			return DONE;
		}
		if (action.startsWith('write-')) {
			this.#writeUpdate({ running, image: imageOf(action) });
			return DONE;
		}
		const bootloader = this.#bootloader();
		switch (action) {
			case 'boot': {
				const decision = bootloader.boot();
				if (decision.kind === 'run') return { kind: 'runs', slot: decision.slot };
				return { kind: decision.trapped === true ? 'trap' : 'none', reason: decision.reason };
			}
			case 'confirm':
				bootloader.confirm(running);
				break;
			case 'acknowledge':
				bootloader.acknowledgeRevert();
				break;
			case 'trial':
				bootloader.requestTrial(bootloader.updateTarget(running).slot);
				break;
			case 'permanent':
				bootloader.requestPermanent?.(bootloader.updateTarget(running).slot);
		}
		return DONE;
	}

	#eraseUpdate(running: Slot): void {
		const { erase } = this.updateTarget(running);
		this.flash.erase(erase.offsetBytes, erase.sizeBytes);
	}

	/** True where nothing stands in the slot for updates of the image that runs from `running`, and it takes what is written. */
	isUpdateErased(running: Slot): boolean {
		const { erase } = this.updateTarget(running);
		return this.flash.isErased(erase.offsetBytes, erase.sizeBytes) && !this.flash.marked.isSpent(erase);
	}

	/** A page at a time: as much as applications write at once. */
	#writeUpdate(what: { readonly running: Slot; readonly image: number }): void {
		const { image: area } = this.updateTarget(what.running);
		const bytes = this.#padded[what.image] as Uint8Array;
		const { pageSizeBytes } = this.flash.contents.store;
		for (let done = 0; done < bytes.length; ) {
			const size = pageSizeBytes - ((area.offsetBytes + done) % pageSizeBytes);
			const part = bytes.subarray(done, done + size);
			this.flash.program(area.offsetBytes + done, part);
			done += part.length;
		}
	}

	#bootloader(): Bootloader {
		return this.subject.create({
			flash: this.flash,
			judge: this.#judge,
			counter: {
				read: () => {
					this.flash.witness?.readsCounter();
					return this.flash.contents.counter;
				},
				advance: (to) => this.flash.advance(to),
			},
		});
	}

	/** What a bootloader is told of an area. */
	verdict(area: FlashArea): ImageVerdict {
		if (this.flash.marked.isInError(area)) return { ok: false, reason: 'a unit cannot be read' };
		return this.images.verdict(area);
	}
}

/** The image that a `write-` action writes. */
export const imageOf = (action: Action): number => Number(action.slice('write-'.length));

const DONE: Outcome = { kind: 'done' };

const outcomeOf = (error: unknown, action: Action): Outcome => {
	if (error instanceof PowerLoss) throw error;
	if (error instanceof BootError) return { kind: action === 'boot' ? 'none' : 'refused', reason: `${error.code}: ${error.message}` };
	if (error instanceof EndlessLoop) return { kind: 'endless', reason: error.message };
	// Cells that cannot be read end a boot as a fault of the bus does: it is reset, and tries again.
	if (error instanceof FlashError && error.code === 'unreadable') return { kind: action === 'boot' ? 'none' : 'refused', reason: error.message };
	if (error instanceof Error) return { kind: 'trap', reason: `${error.name}: ${error.message}` };
	throw error;
};
