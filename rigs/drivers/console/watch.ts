import type { ConsoleMatch, ConsolePattern } from '../../../harness/ports/index.js';
import { ConsoleError } from './console-error.js';
import type { Transcript } from './transcript.js';

/** What must not be seen while a scenario runs: a crash, and a boot banner that nobody asked for. */
export interface WatchPatterns {
	readonly panic: readonly ConsolePattern[];
	readonly reboot: readonly ConsolePattern[];
}

export type SightingKind = keyof WatchPatterns;

/** Watches a console from its opening until it is ended: whatever is sighted and not allowed fails every wait on the console at once. */
export class ConsoleWatch implements Disposable {
	readonly #transcript: Transcript;
	readonly #allowed = new Map<SightingKind, number>();
	readonly #controller = new AbortController();
	readonly #endings: (() => void)[] = [];
	#sighting: ConsoleError | undefined;

	constructor(transcript: Transcript, patterns: WatchPatterns) {
		this.#transcript = transcript;
		for (const kind of ['panic', 'reboot'] as const) {
			if (patterns[kind].length > 0) this.#endings.push(transcript.search(patterns[kind], (match) => this.#sight(kind, match)));
		}
	}

	/** The first sighting that was not allowed: a ConsoleError `panic` or `reboot`. */
	get sighting(): ConsoleError | undefined {
		return this.#sighting;
	}

	/** Aborted at the first sighting, which is its reason. */
	get signal(): AbortSignal {
		return this.#controller.signal;
	}

	/** Allows for sightings of a kind until what it returns is called: a reset that was asked for, a crash that is provoked. */
	allow(kind: SightingKind): () => void {
		this.#allowed.set(kind, (this.#allowed.get(kind) ?? 0) + 1);
		let ended = false;
		return () => {
			if (ended) return;
			ended = true;
			this.#allowed.set(kind, (this.#allowed.get(kind) ?? 1) - 1);
		};
	}

	assertClean(): void {
		if (this.#sighting !== undefined) throw this.#sighting;
	}

	/** Keeps watching after a verdict until the board said nothing for `quietMs`, `withinMs` at most; throws what was sighted by then. */
	async settle({ quietMs, withinMs }: { readonly quietMs: number; readonly withinMs: number }): Promise<void> {
		await this.#transcript.quiet({ quietMs, withinMs, signal: this.signal });
		this.assertClean();
	}

	[Symbol.dispose](): void {
		for (const end of this.#endings.splice(0)) end();
		if (this.#sighting !== undefined) this.#transcript.recover(this.#sighting);
	}

	#sight(kind: SightingKind, match: ConsoleMatch): void {
		if ((this.#allowed.get(kind) ?? 0) > 0 || this.#sighting !== undefined) return;
		const line = this.#transcript.lineAround(match.end);
		const what = kind === 'panic' ? 'the board crashed' : 'the board booted, and nobody had asked for it';
		this.#sighting = new ConsoleError(kind, `console ${this.#transcript.name}: ${what}: ${JSON.stringify(line)} at byte ${match.end.offsetBytes}`);
		this.#controller.abort(this.#sighting);
		this.#transcript.fail(this.#sighting);
	}
}
