import type { BoardPort, FleetOptions, FleetPort } from '../ports/index.js';
import { createRandom, RealClock } from '../time/index.js';
import type { CaseRecorder } from './case-recorder.js';
import type { RunOptions, ScenarioContext } from './context.js';
import { encodeCell } from './cell.js';
import type { CaseConsole } from './host.js';
import { EmptyCellError, InconclusiveError, ProductFailure } from './outcome-errors.js';
import type { Reducer } from './reduction.js';
import type { OpenBoard, OpenFleet, Target } from './target.js';

export interface CaseContextOptions {
	readonly title: string;
	/** The case's own seed. */
	readonly seed: string;
	readonly options: RunOptions;
	readonly target: Target;
	/** Whether no device's fate may depend on another's. */
	readonly independent: boolean;
	readonly recorder: CaseRecorder;
	readonly reducer: Reducer;
	readonly console: CaseConsole;
	/** Ends the case although its body still waits. */
	abort(error: unknown): void;
}

/** One case's context, and what must be closed behind it. What scenarios call is bound, so that they may take it apart. */
export class CaseContext implements ScenarioContext {
	readonly title: string;
	readonly seed: string;
	readonly options: RunOptions;
	readonly #case: CaseContextOptions;
	readonly #cleanups: (() => void | Promise<void>)[] = [];
	readonly #boards: OpenBoard[] = [];
	#fleet: OpenFleet | undefined;
	#opening: Promise<FleetPort> | undefined;
	#closed = false;
	#worlds = 0;
	#checked = false;
	#stalled: string | undefined;

	constructor(options: CaseContextOptions) {
		this.#case = options;
		this.title = options.title;
		this.seed = options.seed;
		this.options = options.options;
	}

	/** Whether a target was opened. */
	get opened(): boolean {
		return this.#worlds > 0;
	}

	/** How a fleet's harness held it up, where one did. */
	get stalled(): string | undefined {
		return this.#stalled;
	}

	/** Whether the scenario expected or recorded anything. */
	get checked(): boolean {
		return this.#checked;
	}

	readonly random = (name: string): ReturnType<ScenarioContext['random']> => {
		return createRandom(this.seed).stream(name);
	};

	readonly openFleet = async (options?: FleetOptions): Promise<FleetPort> => {
		const { target } = this.#case;
		if (!target.openFleet) throw new TypeError(`openFleet: target ${target.name} has no fleet: the scenario should need 'fleet'`);
		if (this.#opening) throw new TypeError('openFleet: a fleet is being opened already: await it before opening another');
		if (this.#closed) throw new TypeError('openFleet: the scenario is over: await what it does before it returns');
		this.#opening = this.#open(target.openFleet.bind(target), options);
		try {
			return await this.#opening;
		} finally {
			this.#opening = undefined;
		}
	};

	async #open(open: NonNullable<Target['openFleet']>, options: FleetOptions | undefined): Promise<FleetPort> {
		const { recorder, reducer, abort, independent } = this.#case;
		await this.closeFleet();
		const world = ++this.#worlds;
		const seed = world === 1 ? this.seed : `${this.seed}/world-${world}`;
		const fleet = await open({ seed, options: this.options, reducer, independent, record: recorder.record.bind(recorder), abort }, options);
		this.#fleet = fleet;
		recorder.enterWorld(() => fleet.nowMs);
		if (reducer.cell && fleet.devices.length === 0) throw new EmptyCellError(`none of its devices falls into cell ${encodeCell(reducer.cell)}`);
		return fleet;
	}

	readonly openBoard = async ({ other = false }: { readonly other?: boolean } = {}): Promise<BoardPort> => {
		const { target, recorder, reducer, abort } = this.#case;
		if (!target.openBoard) throw new TypeError(`openBoard: target ${target.name} has no board: the scenario should need 'board'`);
		if (this.#closed) throw new TypeError('openBoard: the scenario is over: await what it does before it returns');
		if (!other && this.#boards.length > 0) throw new TypeError('openBoard: the board is open already: a scenario opens its board first, and once');
		if (other && this.#boards.length === 0) throw new TypeError('openBoard: another board was asked for before its own: open that first');
		const board = await target.openBoard({ seed: this.seed, options: this.options, reducer, record: recorder.record.bind(recorder), abort }, { other });
		this.#boards.push(board);
		this.#worlds++;
		recorder.enterWorld(() => Math.round(board.nowMs));
		return board;
	};

	readonly sleep = async (delayMs: number): Promise<void> => {
		if (this.#fleet) await this.#fleet.sleep(delayMs);
		else await new RealClock().sleep(delayMs);
	};

	readonly step = (text: string): void => {
		const { recorder, console } = this.#case;
		recorder.record({ kind: 'scenario-step', at: recorder.atMs, text });
		console.append(`[${recorder.atMs} ms] ${text}\n`);
	};

	readonly log = (text: string): void => {
		this.#case.console.append(text.endsWith('\n') ? text : `${text}\n`);
	};

	readonly evidence = (name: string, value: number | string): void => {
		this.#checked = true;
		this.#case.recorder.record({ kind: 'scenario-evidence', name, value });
	};

	readonly expect = (condition: boolean, message: string): void => {
		this.#checked = true;
		if (!condition) throw new ProductFailure(message);
	};

	readonly fail = (message: string): never => {
		throw new ProductFailure(message);
	};

	readonly inconclusive = (message: string): never => {
		throw new InconclusiveError(message);
	};

	readonly defer = (cleanup: () => void | Promise<void>): void => {
		this.#cleanups.push(cleanup);
	};

	/** Finishes and closes the fleet that is open, if one is; its judge's findings are kept. */
	async closeFleet(): Promise<void> {
		const fleet = this.#fleet;
		if (!fleet) return;
		this.#fleet = undefined;
		try {
			await fleet.finish();
		} finally {
			this.#stalled ??= fleet.describeStall?.();
			try {
				// Boards that are open beside it are of the same world, and are judged when they are closed.
				const accused = this.#boards.length > 0 ? [] : this.#case.recorder.leaveWorld();
				const journal = fleet.describeFlash?.(accused) ?? '';
				if (journal !== '') this.#case.console.append(journal);
			} finally {
				await fleet[Symbol.asyncDispose]();
			}
		}
	}

	/** Watches the boards for a last while, then closes them, the last opened first. */
	async closeBoards(): Promise<readonly unknown[]> {
		const errors: unknown[] = [];
		const boards = this.#boards.splice(0).reverse();
		if (boards.length === 0) return errors;
		const attempt = async (work: () => Promise<unknown>): Promise<void> => {
			try {
				await work();
			} catch (error) {
				errors.push(error);
			}
		};
		await Promise.all(boards.map((board) => attempt(() => board.finish())));
		await attempt(async () => this.#case.recorder.leaveWorld());
		for (const board of boards) await attempt(async () => board[Symbol.asyncDispose]());
		return errors;
	}

	/** Runs the deferred cleanups, last first, then closes the fleet and the boards; every one has its turn. Returns what they threw. */
	async close(): Promise<readonly unknown[]> {
		const errors: unknown[] = [];
		this.#closed = true;
		// A fleet that the body never waited for is open all the same, and would stand in the way of the next case's.
		const opened = async (): Promise<void> => void (await this.#opening?.catch(() => {}));
		for (const cleanup of [...this.#cleanups.splice(0).reverse(), opened, () => this.closeFleet()]) {
			try {
				await cleanup();
			} catch (error) {
				errors.push(error);
			}
		}
		return [...errors, ...(await this.closeBoards())];
	}
}
