import type { ConsolePattern } from '../../../harness/ports/index.js';
import { type PatternHit, PatternSearch } from './pattern-search.js';
import type { ReceivedBytes } from './received-bytes.js';

/** A match that more bytes might make longer stands once nothing came for so long: more than an FTDI keeps bytes back by default. */
const OPEN_MATCH_MS = 40;

export interface SeekerOptions {
	readonly from: number;
	/** Takes a match that may still grow at once. */
	readonly eager?: boolean;
	/** Returns whether to go on behind the match. */
	readonly found: (hit: PatternHit) => 'go on' | 'enough';
}

/** A search under way: told whenever bytes came, it tells what it found. */
export class Seeker {
	readonly #received: ReceivedBytes;
	readonly #patterns: ConsolePattern | readonly ConsolePattern[];
	readonly #options: SeekerOptions;
	#search: PatternSearch;
	#timer: NodeJS.Timeout | undefined;
	#stopped = false;

	constructor(received: ReceivedBytes, patterns: ConsolePattern | readonly ConsolePattern[], options: SeekerOptions) {
		this.#received = received;
		this.#patterns = patterns;
		this.#options = options;
		this.#search = new PatternSearch(patterns, options.from);
	}

	/** `final`: nothing more will come, so that an open match stands. */
	look({ final = false }: { readonly final?: boolean } = {}): void {
		clearTimeout(this.#timer);
		while (!this.#stopped) {
			const hit = this.#search.next(this.#received);
			if (hit === undefined) return;
			if (hit.open && !final && this.#options.eager !== true) {
				this.#timer = setTimeout(() => this.look({ final: true }), OPEN_MATCH_MS);
				return;
			}
			if (this.#options.found(hit) === 'enough') this.stop();
			else this.#search = new PatternSearch(this.#patterns, hit.endBytes);
		}
	}

	stop(): void {
		this.#stopped = true;
		clearTimeout(this.#timer);
	}
}
