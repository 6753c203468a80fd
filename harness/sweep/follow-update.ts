import type { Release } from '../firmware/index.js';
import type { BoardPort, ConsoleLine, RunningFirmware, UpdatePath } from '../ports/index.js';
import type { Clock } from '../time/index.js';
import type { ProfileMark, UpdatePlace } from './profile.js';

export interface UpdateWay {
	readonly release: Release;
	readonly path: UpdatePath;
	readonly clock: Clock;
	readonly signal?: AbortSignal;
}

/** How long an update is followed behind its confirmation: what is written last may be written just then. */
const TAIL_MS = 60;

/** One update of a board as it goes on: phases begin where its console says so, and where it is told something. */
export class FollowedUpdate implements Disposable {
	readonly #board: BoardPort;
	readonly #clock: Clock;
	readonly #beganAtMs: number;
	readonly #marks: ProfileMark[] = [{ phase: 'transfer', atMs: 0 }];
	/** What it may pass before it restarts too. */
	readonly #ownMarks: readonly (readonly [phase: string, pattern: RegExp])[];
	readonly #patterns: readonly (readonly [phase: string, pattern: RegExp])[];
	readonly #stop: () => void;
	readonly #waiting = new Set<() => void>();
	#restarted = false;

	constructor(board: BoardPort, clock: Clock) {
		this.#board = board;
		this.#clock = clock;
		const { marks, ready, confirmed, boot } = board.syntax;
		this.#ownMarks = Object.entries(marks);
		this.#patterns = [['boot', boot], ...this.#ownMarks, ...Object.entries({ ready, confirmed })].flatMap(([phase, pattern]) =>
			pattern ? [[phase, pattern] as [string, RegExp]] : [],
		);
		this.#beganAtMs = board.console.mark().atMs;
		this.#stop = board.console.onLine((line) => this.#read(line));
	}

	get marks(): readonly ProfileMark[] {
		return this.#marks;
	}

	/** Since it began. */
	get elapsedMs(): number {
		return this.#board.console.mark().atMs - this.#beganAtMs;
	}

	/** Where it stands at an instant of the machine's monotonic clock; now by default. */
	placeAt(atMs = this.#board.console.mark().atMs): UpdatePlace {
		const sinceMs = atMs - this.#beganAtMs;
		const last = this.#marks.findLast((mark) => mark.atMs <= sinceMs) ?? (this.#marks[0] as ProfileMark);
		return { phase: last.phase, offsetMs: Math.round(Math.max(0, sinceMs - last.atMs) * 1000) / 1000 };
	}

	sinceBegin(atMs: number): number {
		return Math.round((atMs - this.#beganAtMs) * 1000) / 1000;
	}

	/** Brings the release, restarts the board and waits for the end of its trial. */
	async run({ release, path, signal }: Omit<UpdateWay, 'clock'>): Promise<RunningFirmware> {
		const { updateMs, installMs, bootMs, confirmMs } = this.#board.timings;
		const signalled = signal ? { signal } : {};
		await this.#board.update(release, { path, withinMs: updateMs, ...signalled });
		signal?.throwIfAborted();
		this.#restarted = true;
		this.#enter('restart', this.elapsedMs);
		await this.#board.restart(signalled);
		const running = await this.#board.settle({ withinMs: bootMs + installMs + confirmMs, ...signalled });
		const confirmed = this.#marks.find(({ phase }) => phase === 'confirmed');
		if (confirmed === undefined) this.#enter('confirmed', this.elapsedMs);
		return running;
	}

	/** When the update was over, since it began. */
	get endedMs(): number {
		return (this.#marks.find(({ phase }) => phase === 'confirmed')?.atMs ?? this.elapsedMs) + TAIL_MS;
	}

	/** Resolves when the update stands at the place; at once where it is past it, or where its phase ended sooner. `ended`: when the update is over, which is as far as it goes. */
	async reach({ phase, offsetMs }: UpdatePlace, { order, ended }: { readonly order: readonly string[]; readonly ended: Promise<unknown> }): Promise<void> {
		const isPast = (name: string): boolean => order.indexOf(name) > order.indexOf(phase);
		let over = false;
		const end = ended
			.then(
				() => undefined,
				() => undefined,
			)
			.then(() => {
				over = true;
				this.#wake();
			});
		while (!over && !this.#marks.some((mark) => mark.phase === phase || isPast(mark.phase))) await this.#change();
		const begun = this.#marks.find((mark) => mark.phase === phase);
		if (begun === undefined) return;
		for (;;) {
			const leftMs = begun.atMs + offsetMs - this.elapsedMs;
			if (leftMs <= 0 || this.#marks.some((mark) => isPast(mark.phase))) return;
			// The last stretch is waited for awake: a timer is a millisecond late or two.
			if (leftMs > 3) await Promise.race([this.#clock.sleep(Math.floor(leftMs - 2)), this.#change(), end]);
			else await this.#clock.sleep(1);
		}
	}

	[Symbol.dispose](): void {
		this.#stop();
	}

	#read({ text, end }: ConsoleLine): void {
		const patterns = this.#restarted ? this.#patterns : this.#ownMarks;
		const phase = patterns.find(([, pattern]) => pattern.test(text))?.[0];
		if (phase !== undefined) this.#enter(phase, end.atMs - this.#beganAtMs);
	}

	#enter(phase: string, atMs: number): void {
		if (this.#marks.some((mark) => mark.phase === phase)) return;
		this.#marks.push({ phase, atMs: Math.max(atMs, this.#marks.at(-1)?.atMs ?? 0) });
		this.#wake();
	}

	#change(): Promise<void> {
		return new Promise((resolve) => this.#waiting.add(resolve));
	}

	#wake(): void {
		for (const resolve of [...this.#waiting]) resolve();
		this.#waiting.clear();
	}
}
