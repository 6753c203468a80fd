import type { BlackstartEvent } from '../events/index.js';
import type { Release } from '../firmware/index.js';
import { type BoardPort, digestFor, type RunningFirmware, type UpdatePath } from '../ports/index.js';
import type { Clock } from '../time/index.js';
import type { CutFinding, CutRecord } from './cut-record.js';
import { cutUpdate } from './cut-update.js';
import { FollowedUpdate } from './follow-update.js';
import type { SweepProfile, UpdatePlace } from './profile.js';

/** Hears what happens to the board during one cut, and says afterwards what was wrong. */
export interface CutJudge {
	finish(): readonly { readonly invariant: CutFinding['invariant']; readonly violations: readonly { readonly message: string }[] }[];
}

export interface SweptBoardOptions {
	readonly board: BoardPort;
	readonly path: UpdatePath;
	readonly profile: SweepProfile;
	readonly clock: Clock;
	readonly signal?: AbortSignal;
	/** True where the board takes the golden image back as an update: each cut then goes the other way than the one before. */
	readonly thereAndBack: boolean;
	/** Begins to judge: events of the board belong to this cut from here on. */
	judge(): CutJudge;
	record(event: BlackstartEvent): void;
}

/** A board that is cut again and again, and what runs on it. */
export class SweptBoard {
	readonly #options: SweptBoardOptions;
	#running: RunningFirmware | undefined;
	#begun = false;

	constructor(options: SweptBoardOptions) {
		this.#options = options;
	}

	/** Cuts one update and holds the board to its promises: it boots, something whole and authentic, with its settings, and the update comes to its end. */
	async cut(index: number, place: UpdatePlace): Promise<CutRecord> {
		const { board, clock, judge, path, profile, signal } = this.#options;
		const beganMs = clock.nowMs;
		const from = this.#canBeCut(this.#running) ? this.#running : await this.#prepare();
		const release = this.#nextRelease(from);
		const judging = judge();
		await board.readSettings({ withinMs: board.timings.answerMs });
		let boardMs = 0;
		const cut = await cutUpdate(board, { release, path, clock, place, profile, ...(signal ? { signal } : {}) });
		boardMs += cut.commandedAtMs + board.timings.offMs;
		await clock.sleep(Math.max(1, board.timings.offMs));
		const { after, bootMs, bootedAnew } = await this.#comeBack(from);
		boardMs += bootMs;
		const unseen = cut.observedAtMs === undefined && !bootedAnew;
		if (!unseen) board.noteFault('fired', { fault: 'power-cut', form: cut.commanded.phase, detail: `${cut.commanded.phase} + ${cut.commanded.offsetMs} ms` });
		const wanted = digestFor(board, release);
		let running = after;
		if (after !== undefined) {
			await board.readSettings({ withinMs: board.timings.answerMs });
			if (after.digest !== wanted) {
				const retryMs = clock.nowMs;
				running = await this.#updateAgain(release);
				boardMs += clock.nowMs - retryMs;
				if (running !== undefined) await board.readSettings({ withinMs: board.timings.answerMs });
			}
		}
		const findings: CutFinding[] = judging.finish().flatMap(({ invariant, violations }) => violations.map(({ message }) => ({ invariant, message })));
		if (findings.length === 0 && running?.digest !== wanted)
			findings.push({
				invariant: 'converges',
				message: `the update was to be done once the power stayed; ${running === undefined ? 'it could not be brought again' : `${running.version} runs`}`,
			});
		this.#running = findings.length > 0 ? undefined : running;
		return {
			index,
			board: board.name,
			...cut,
			outcome: findings.length > 0 ? 'broken' : unseen ? 'unseen' : after?.digest === wanted ? 'new' : 'old',
			findings,
			boardMs: Math.round(boardMs),
			wallMs: Math.round(clock.nowMs - beganMs),
		};
	}

	/** Power comes back: what runs once the board is at rest; undefined where nothing ever does. */
	async #comeBack(before: RunningFirmware): Promise<{ readonly after: RunningFirmware | undefined; readonly bootMs: number; readonly bootedAnew: boolean }> {
		const { board, clock, signal } = this.#options;
		const { bootMs, installMs, confirmMs } = board.timings;
		const onMs = clock.nowMs;
		await board.power.on();
		try {
			const after = await board.settle({ withinMs: bootMs + installMs + confirmMs, ...(signal ? { signal } : {}) });
			return { after, bootMs: clock.nowMs - onMs, bootedAnew: after.bootNonce !== '' && after.bootNonce !== before.bootNonce };
		} catch (error) {
			if (!isBoardsFault(error)) throw error;
			return { after: undefined, bootMs: clock.nowMs - onMs, bootedAnew: true };
		}
	}

	async #updateAgain(release: Release): Promise<RunningFirmware | undefined> {
		const { board, clock, path, signal } = this.#options;
		using update = new FollowedUpdate(board, clock);
		try {
			return await update.run({ release, path, ...(signal ? { signal } : {}) });
		} catch (error) {
			if (!isBoardsFault(error)) throw error;
			return undefined;
		}
	}

	/** Whether what runs can take the update that is to be cut. */
	#canBeCut(running: RunningFirmware | undefined): running is RunningFirmware {
		const { board, thereAndBack } = this.#options;
		if (!running?.confirmed) return false;
		const isGolden = running.digest === digestFor(board, board.releases.golden());
		return isGolden || (thereAndBack && running.digest === digestFor(board, board.releases.candidate()));
	}

	/** Golden, with a setting that no factory gave it. */
	async #prepare(): Promise<RunningFirmware> {
		const { board } = this.#options;
		const { bootMs, installMs, confirmMs, updateMs } = board.timings;
		// A board comes to its first cut at rest on golden; one that a cut broke has to be brought back there.
		const isFresh = !this.#begun && this.#canBeCut(await board.running({ withinMs: bootMs }));
		this.#begun = true;
		if (!isFresh) await board.restore({ withinMs: bootMs + 2 * (installMs + confirmMs) + updateMs });
		// One that no image brings; where the board takes none, those of the factory have to do.
		await board.writeSetting({ name: 'sweep', value: 'kept' }, { withinMs: board.timings.answerMs }).catch((error: unknown) => {
			if (!['refused', 'lacks'].includes(String(Reflect.get(error as Error, 'code')))) throw error;
		});
		return board.running({ withinMs: bootMs });
	}

	#nextRelease({ digest }: RunningFirmware): Release {
		const { board, thereAndBack } = this.#options;
		const candidate = board.releases.candidate();
		return thereAndBack && digest === digestFor(board, candidate) ? board.releases.golden() : candidate;
	}
}

/** What a board did not do, where the rig did all it had to. */
const isBoardsFault = (error: unknown): boolean =>
	error instanceof Error && ['no-boot', 'refused', 'transfer', 'timeout', 'echo'].includes(String(Reflect.get(error, 'code')));
