import type { Slot } from '../bootloader/index.js';
import type { Beliefs } from './beliefs.js';
import type { Break } from './finding.js';
import { WORDS_OF } from './finding-class.js';
import type { Action, Machine } from './machine.js';
import type { Place } from './node-table.js';
import type { Run, RunBook } from './run-book.js';
import type { SlotFacts } from './slot-facts.js';
import { grown } from './grown.js';
import { TupleMap } from './tuple-map.js';

/** Boots that a device gets to come to rest once its power is stable. */
const MOST_BOOTS = 8;

/** What a boot that was not cut comes to, whatever was believed before: all that its verdict rests on. */
interface BootEnd {
	readonly outcome: Run['outcome'];
	readonly reason: string;
	/** The slot that runs, and the image in it, -1: none that was released. */
	readonly slot: Slot;
	readonly image: number;
	readonly counter: number;
	/** What else lies in flash, as in `Facts`. */
	readonly erase: number;
	readonly update: number;
	/** Of a boot that fails: boots until one does not, itself included, -1: none. */
	readonly boots: number;
}

/** What such a boot leads to, and what it breaks. */
export interface BootVerdict {
	/** -1: nowhere. */
	readonly belief: number;
	readonly place: Place;
	readonly breaks: readonly Break[];
}

const NOTHING_BROKEN: readonly Break[] = [];

/** Holds what happened against what was promised. */
export class Judge {
	readonly #machine: Machine;
	readonly #beliefs: Beliefs;
	readonly #runs: RunBook;
	readonly #facts: SlotFacts;
	/** By counter, and by belief. */
	readonly #refusedBy = new Map<number, number>();
	readonly #counters: number[] = [];
	/** By state one more than the number of the end of its boot, 0: nobody has looked; by state and run where cells may be read more than one way. */
	#endOf = new Int32Array(1 << 10);
	readonly #weakEnds = new TupleMap();
	readonly #ends: BootEnd[] = [];
	readonly #endNumbers = new Map<string, number>();
	/** By belief, then by end. */
	readonly #verdicts: BootVerdict[][] = [];
	mostBoots = 1;

	constructor(parts: { readonly machine: Machine; readonly beliefs: Beliefs; readonly runs: RunBook; readonly facts: SlotFacts }) {
		this.#machine = parts.machine;
		this.#beliefs = parts.beliefs;
		this.#runs = parts.runs;
		this.#facts = parts.facts;
	}

	get sizeBytes(): number {
		return this.#endOf.byteLength + this.#weakEnds.sizeBytes;
	}

	/** The verdict on a boot of a state that was not cut, by the number of its run. */
	boot(belief: number, boot: { readonly state: number; readonly run: number }): BootVerdict {
		const number = this.#endNumber(boot);
		while (this.#verdicts.length <= belief) this.#verdicts.push([]);
		const verdicts = this.#verdicts[belief] as BootVerdict[];
		let verdict = verdicts[number];
		if (verdict === undefined) {
			const end = this.#ends[number] as BootEnd;
			verdict = end.outcome === 'runs-a' || end.outcome === 'runs-b' ? this.#running(belief, end) : this.#failed(end);
			verdicts[number] = verdict;
		}
		return verdict;
	}

	/** What an action of the running image breaks. `mayRefuse`: what is asked for is nothing that may be done. */
	action(done: { readonly action: Action; readonly run: number; readonly mayRefuse: boolean }): readonly Break[] {
		const { action, mayRefuse } = done;
		const outcome = this.#runs.outcome(done.run);
		if (outcome === 'done' || (outcome === 'refused' && mayRefuse)) return NOTHING_BROKEN;
		const reason = this.#runs.reason(done.run);
		const detail = `${action}: ${reason === '' ? outcome : reason}`;
		return [{ class: outcome === 'refused' ? 'api-refuses' : outcome === 'endless' ? 'endless-loop' : 'trap', detail }];
	}

	/** A state has one boot, unless cells of it may be read more than one way. */
	#endNumber(boot: { readonly state: number; readonly run: number }): number {
		const { state, run } = boot;
		const { flash, states } = this.#machine;
		if (flash.marks.isWeak(states.at(state, flash.contents.markPlace))) {
			const known = this.#weakEnds.find([state, run, 0, 0, 0]);
			if (known >= 0) return known;
			const number = this.#look(boot);
			this.#weakEnds.find([state, run, 0, 0, 0]);
			this.#weakEnds.put(number);
			return number;
		}
		const known = this.#endOf[state] ?? 0;
		if (known > 0) return known - 1;
		const number = this.#look(boot);
		while (state >= this.#endOf.length) this.#endOf = grown(this.#endOf);
		this.#endOf[state] = number + 1;
		return number;
	}

	/** The number of a boot's end. */
	#look({ state, run }: { readonly state: number; readonly run: number }): number {
		const runs = this.#runs;
		const { flash, states } = this.#machine;
		const outcome = runs.outcome(run);
		const isRunning = outcome === 'runs-a' || outcome === 'runs-b';
		const slot = outcome === 'runs-b' ? 'b' : 'a';
		const { image, erase, update } = isRunning ? this.#facts.of(runs.end(run, state), slot) : NO_FACTS;
		const counter = isRunning ? states.at(runs.end(run, state), flash.contents.counterPlace) : 0;
		const end: BootEnd = {
			outcome,
			reason: runs.reason(run),
			slot,
			image,
			counter,
			erase,
			update,
			boots: isRunning ? 1 : this.#bootsToRest(runs.end(run, state)),
		};
		const key = Object.values(end).join();
		let number = this.#endNumbers.get(key);
		if (number === undefined) {
			number = this.#ends.push(end) - 1;
			this.#endNumbers.set(key, number);
		}
		return number;
	}

	#running(belief: number, end: BootEnd): BootVerdict {
		const { slot, image, counter } = end;
		if (image < 0) return { belief: -1, place: slot, breaks: [{ class: 'boots-a-mix', detail: `slot ${slot} runs, and holds no released image` }] };
		const refused = this.#refused(counter);
		const judged = this.#beliefs.afterBoot(belief, { image, refused });
		const breaks: Break[] = [];
		if (((refused >> image) & 1) === 1) {
			const isAuthentic = this.#machine.subject.images[image]?.isAuthentic === true;
			breaks.push({ class: isAuthentic ? 'boots-below-counter' : 'boots-unauthentic', detail: `image ${image} runs, the counter is ${counter}` });
		}
		if (judged.broken !== null) breaks.push({ class: judged.broken, detail: `${judged.expected} was expected, image ${image} runs` });
		const lost = this.#fallback(judged.belief, end);
		const tooHigh = this.#counter(judged.belief, counter);
		return { belief: lost.length > 0 ? this.#adrift() : judged.belief, place: slot, breaks: [...breaks, ...tooHigh, ...lost] };
	}

	/** After a break: what comes of it is no second one. */
	#adrift(): number {
		return this.#beliefs.of([{ kind: 'adrift', asked: false }]);
	}

	/** It is never beyond that of an image that may have been confirmed. */
	#counter(belief: number, counter: number): readonly Break[] {
		const most = this.#counters[belief] ?? this.#mostCounter(belief);
		this.#counters[belief] = most;
		return counter <= most ? [] : [{ class: 'counter-too-high', detail: `a counter of at most ${most} was expected, it is ${counter}` }];
	}

	#mostCounter(belief: number): number {
		const counterOf = (image: number): number => this.#machine.subject.images[image]?.securityCounter ?? 0;
		return this.#beliefs.accounts(belief).reduce((highest, account) => {
			if (account.kind === 'adrift') return Number.POSITIVE_INFINITY;
			const confirmed = counterOf(account.confirmed);
			return Math.max(highest, account.kind === 'requested' && account.permanent ? Math.max(confirmed, counterOf(account.update)) : confirmed);
		}, 0);
	}

	/** While an image is on trial, the one to return to lies in the other slot, whole. */
	#fallback(belief: number, { erase, update }: BootEnd): readonly Break[] {
		const accounts = this.#beliefs.accounts(belief);
		if (!accounts.every((account) => account.kind === 'trial' && !account.spoiled)) return [];
		const wanted = accounts.flatMap((account) => (account.kind === 'trial' ? [account.confirmed] : []));
		return wanted.includes(erase) || wanted.includes(update)
			? []
			: [{ class: 'old-image-lost', detail: `image ${wanted.join(' or ')} was expected in the other slot, it is not there whole` }];
	}

	/** It must not run in that state: nobody signed it, or the counter has passed it. */
	isRefused(image: number, state: number): boolean {
		const { flash, states } = this.#machine;
		return ((this.#refused(states.at(state, flash.contents.counterPlace)) >> image) & 1) === 1;
	}

	/** Images that must not run, as a bit set: nobody signed them, or the counter has passed them. */
	#refused(counter: number): number {
		let refused = this.#refusedBy.get(counter);
		if (refused === undefined) {
			const { images } = this.#machine.subject;
			refused = images.reduce((set, image, index) => (image.isAuthentic && image.securityCounter >= counter ? set : set | (1 << index)), 0);
			this.#refusedBy.set(counter, refused);
		}
		return refused;
	}

	/** Nothing runs: does a later boot, with power stable? */
	#failed({ outcome, reason, boots }: BootEnd): BootVerdict {
		const detail = reason === '' ? WORDS_OF['never-boots'] : reason;
		const breaks: Break[] = [];
		if (outcome === 'trap') breaks.push({ class: 'trap', detail });
		if (outcome === 'endless') breaks.push({ class: 'endless-loop', detail });
		if (boots < 0) return { belief: -1, place: 'off', breaks: outcome === 'none' ? [{ class: 'never-boots', detail }] : breaks };
		return { belief: this.#adrift(), place: 'off', breaks: [...breaks, { class: 'fails-then-recovers', detail }] };
	}

	/** Boots, the failed one included, until something runs; -1: never. */
	#bootsToRest(failed: number): number {
		const runs = this.#runs;
		let state = failed;
		for (let boots = 2; boots <= MOST_BOOTS; boots++) {
			const run = runs.boot(state);
			const outcome = runs.outcome(run);
			if (outcome === 'runs-a' || outcome === 'runs-b') {
				this.mostBoots = Math.max(this.mostBoots, boots);
				return boots;
			}
			if (runs.end(run, state) === state) return -1;
			state = runs.end(run, state);
		}
		return -1;
	}
}

const NO_FACTS = { image: -1, erase: -1, update: -1 };
