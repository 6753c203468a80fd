import type { BlackstartEvent, InvariantName, Verdict } from '../events/index.js';

/**
 * What a failed case failed of, so that two failures can be told apart. Where an invariant was broken: its name, the first of
 * several in the order of the design's table, and what its violations say; else what the scenario expected. In these sentences
 * numbers, digests and the names of devices stand for any.
 */
export interface Failure {
	readonly invariant: InvariantName | null;
	/** The first is what the case is known by. */
	readonly sentences: readonly string[];
}

/** Collects what a case failed of from its events. */
export class FailureWatch {
	/** Devices in the order in which they joined. */
	readonly #devices = new Set<string>();
	#invariant: InvariantName | null = null;
	#sentences: string[] = [];
	#accused: (string | undefined)[] = [];
	#verdict: Verdict | undefined;
	#reason = '';

	observe(event: BlackstartEvent): void {
		if (event.kind === 'device-provisioned') this.#devices.add(event.device);
		if (event.kind === 'invariant-judged' && event.violations.length > 0 && this.#invariant === null) {
			this.#invariant = event.invariant;
			this.#sentences = event.violations.map(({ message }) => message);
			this.#accused = event.violations.map(({ device }) => device);
		}
		if (event.kind === 'scenario-ended') {
			this.#verdict = event.verdict;
			this.#reason = event.reason ?? '';
		}
	}

	/** What the verdict says, in one line. */
	get reason(): string {
		return this.#reason;
	}

	/** The devices that the failure names, by their places in the order in which they joined, from 1: the first alone, then all. */
	suspects(): readonly (readonly number[])[] {
		const accused = this.#invariant === null ? (this.#reason.match(WORDS) ?? []) : this.#accused;
		const all = [...this.#devices];
		const places = [...new Set(accused)].map((name) => all.indexOf(name ?? '') + 1).filter((place) => place > 0);
		if (places.length === 0) return [];
		return places.length === 1 ? [places] : [places.slice(0, 1), places.sort((one, other) => one - other)];
	}

	/** Undefined where the case did not fail. */
	failure(): Failure | undefined {
		if (this.#verdict !== 'failed') return undefined;
		const sentences = this.#invariant === null ? [this.#reason] : this.#sentences;
		return { invariant: this.#invariant, sentences: [...new Set(sentences.map((sentence) => generalise(sentence, this.#devices)))] };
	}
}

/** Whether `other` fails of what `one` is known by: the same invariant, or none, and the same sentence among its own. */
export const isSameFailure = (one: Failure, other: Failure | undefined): boolean =>
	other !== undefined && one.invariant === other.invariant && other.sentences.includes(one.sentences[0] ?? '');

/** The sentence with `#` for every number and digest, `<device>` for every device, and a list of devices as one. */
export const generalise = (sentence: string, devices: ReadonlySet<string>): string =>
	sentence
		.replaceAll(WORDS, (word) => (devices.has(word) ? DEVICE : word))
		.replaceAll(/\b(?=[0-9a-f]*\d)[0-9a-f]{8,}\b/g, '#')
		.replaceAll(/\d+(?:\.\d+)*/g, '#')
		.replaceAll(/<device>(?:(?:,| and) <device>)+/g, DEVICE);

/** Names of devices are words that may hold hyphens and dots, but end in none. */
const WORDS = /[\w.-]*[\w-]/g;
const DEVICE = '<device>';
