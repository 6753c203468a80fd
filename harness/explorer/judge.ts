import type { Slot } from '../bootloader/index.js';
import type { Beliefs } from './beliefs.js';
import type { Break } from './finding.js';
import { WORDS_OF } from './finding-class.js';
import type { Action, Machine } from './machine.js';
import type { Standing } from './node-table.js';
import type { Run, RunBook } from './run-book.js';
import type { SlotFacts } from './slot-facts.js';

/** Boots that a device gets to come to rest once its power is stable. */
const MOST_BOOTS = 8;

/** Holds what happened against what was promised. */
export class Judge {
	readonly #machine: Machine;
	readonly #beliefs: Beliefs;
	readonly #runs: RunBook;
	readonly #facts: SlotFacts;
	/** By counter, and by belief. */
	readonly #refusedBy = new Map<number, number>();
	readonly #counters: number[] = [];
	mostBoots = 1;

	constructor(parts: { readonly machine: Machine; readonly beliefs: Beliefs; readonly runs: RunBook; readonly facts: SlotFacts }) {
		this.#machine = parts.machine;
		this.#beliefs = parts.beliefs;
		this.#runs = parts.runs;
		this.#facts = parts.facts;
	}

	/** What a boot that was not cut leads to, and what it breaks. */
	boot(standing: Standing, run: Run): { readonly next: Standing | null; readonly breaks: readonly Break[] } {
		if (run.outcome === 'runs-a') return this.#running(standing, { run, slot: 'a' });
		return run.outcome === 'runs-b' ? this.#running(standing, { run, slot: 'b' }) : this.#failed(run);
	}

	/** What an action of the running image breaks. `mayRefuse`: what is asked for is nothing that may be done. */
	action(done: { readonly action: Action; readonly run: Run; readonly mayRefuse: boolean }): readonly Break[] {
		const { action, run, mayRefuse } = done;
		if (run.outcome === 'done' || (run.outcome === 'refused' && mayRefuse)) return [];
		const detail = `${action}: ${run.reason === '' ? run.outcome : run.reason}`;
		return [{ class: run.outcome === 'refused' ? 'api-refuses' : run.outcome === 'endless' ? 'endless-loop' : 'trap', detail }];
	}

	#running(
		standing: Standing,
		{ run, slot }: { readonly run: Run; readonly slot: Slot },
	): { readonly next: Standing | null; readonly breaks: readonly Break[] } {
		const machine = this.#machine;
		const { image } = this.#facts.of(run.end, slot);
		const counter = machine.states.at(run.end, machine.flash.pageCount + 1);
		if (image < 0) return { next: null, breaks: [{ class: 'boots-a-mix', detail: `slot ${slot} runs, and holds no released image` }] };
		const refused = this.#refused(counter);
		const judged = this.#beliefs.afterBoot(standing.belief, { image, refused });
		const next: Standing = { state: run.end, belief: judged.belief, place: slot };
		const breaks: Break[] = [];
		if (((refused >> image) & 1) === 1) {
			const isAuthentic = machine.subject.images[image]?.isAuthentic === true;
			breaks.push({ class: isAuthentic ? 'boots-below-counter' : 'boots-unauthentic', detail: `image ${image} runs, the counter is ${counter}` });
		}
		if (judged.broken !== null) breaks.push({ class: judged.broken, detail: `${judged.expected} was expected, image ${image} runs` });
		return this.#settle(next, { slot, counter, breaks });
	}

	/** With what an image that runs breaks by what else lies in flash. */
	#settle(
		next: Standing,
		seen: { readonly slot: Slot; readonly counter: number; readonly breaks: readonly Break[] },
	): { readonly next: Standing; readonly breaks: readonly Break[] } {
		const { slot, counter, breaks } = seen;
		const lost = this.#fallback(next, slot);
		const tooHigh = this.#counter(next, counter);
		if (lost.length === 0 && tooHigh.length === 0) return { next, breaks };
		const settled: Standing = lost.length > 0 ? { state: next.state, belief: this.#adrift(), place: next.place } : next;
		return { next: settled, breaks: [...breaks, ...tooHigh, ...lost] };
	}

	/** After a break: what comes of it is no second one. */
	#adrift(): number {
		return this.#beliefs.of([{ kind: 'adrift', asked: false }]);
	}

	/** It is never beyond that of an image that may have been confirmed. */
	#counter({ belief }: Standing, counter: number): readonly Break[] {
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
	#fallback({ belief, state }: Standing, slot: Slot): readonly Break[] {
		const [account, ...others] = this.#beliefs.accounts(belief);
		if (others.length > 0 || account?.kind !== 'trial' || account.spoiled) return [];
		const { erase, update } = this.#facts.of(state, slot);
		return erase === account.confirmed || update === account.confirmed
			? []
			: [{ class: 'old-image-lost', detail: `image ${account.confirmed} was expected in the other slot, it is not there whole` }];
	}

	/** It must not run in that state: nobody signed it, or the counter has passed it. */
	isRefused(image: number, state: number): boolean {
		const { flash, states } = this.#machine;
		return ((this.#refused(states.at(state, flash.pageCount + 1)) >> image) & 1) === 1;
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
	#failed(run: Run): { readonly next: Standing | null; readonly breaks: readonly Break[] } {
		const detail = run.reason === '' ? WORDS_OF['never-boots'] : run.reason;
		const breaks: Break[] = [];
		if (run.outcome === 'trap') breaks.push({ class: 'trap', detail });
		if (run.outcome === 'endless') breaks.push({ class: 'endless-loop', detail });
		const boots = this.#bootsToRest(run);
		if (boots < 0) return { next: null, breaks: run.outcome === 'none' ? [{ class: 'never-boots', detail }] : breaks };
		this.mostBoots = Math.max(this.mostBoots, boots);
		return { next: { state: run.end, belief: this.#adrift(), place: 'off' }, breaks: [...breaks, { class: 'fails-then-recovers', detail }] };
	}

	/** Boots, the failed one included, until something runs; -1: never. */
	#bootsToRest(failed: Run): number {
		let state = failed.end;
		for (let boots = 2; boots <= MOST_BOOTS; boots++) {
			const run = this.#runs.run(state, { action: 'boot', running: 'a', readSeed: 0 });
			if (run.outcome === 'runs-a' || run.outcome === 'runs-b') return boots;
			if (run.end === state) return -1;
			state = run.end;
		}
		return -1;
	}
}
