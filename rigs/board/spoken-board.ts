import type { BlackstartEvent } from '../../harness/events/index.js';
import type { Release } from '../../harness/firmware/index.js';
import type {
	BoardNetwork,
	BoardPort,
	BoardSyntax,
	BoardTimings,
	BoardUpdateOptions,
	FlasherPort,
	PowerPort,
	RunningFirmware,
	UpdatePath,
} from '../../harness/ports/index.js';
import type { BoardSpec } from '../rig-file/index.js';
import type { ReleaseBook } from './board-releases.js';
import { BoardTalk } from './board-talk.js';
import { BoardUpdates, type Gateway } from './board-updates.js';
import type { WatchedConsole } from './line-watch.js';
import { type BoardUplink, OwnNetwork } from './own-network.js';
import { watchPower } from './watched-power.js';
import type { WearCounter } from './wear.js';

export interface SpokenBoardParts {
	readonly spec: BoardSpec;
	readonly console: WatchedConsole;
	readonly power: PowerPort;
	readonly reset?: (() => Promise<void>) | undefined;
	readonly flasher?: FlasherPort | undefined;
	readonly gateway?: Gateway | undefined;
	/** The update service, for a board with a network of its own. */
	readonly uplink?: BoardUplink | undefined;
	readonly releases: ReleaseBook;
	/** Images that were written to it in this run. */
	readonly written?: WearCounter | undefined;
	/** Milliseconds since the case's first board was opened. */
	readonly nowMs: () => number;
	record(event: BlackstartEvent): void;
	/** Told at once when it panics or boots although it was left alone, running something confirmed. */
	readonly onUnexpected?: ((what: string) => void) | undefined;
}

/** A board that is spoken to over its console, by the syntax and the commands of its type. */
export class SpokenBoard implements BoardPort {
	readonly name: string;
	readonly type: string;
	readonly fixtures: readonly string[];
	readonly syntax: BoardSyntax;
	readonly timings: BoardTimings;
	readonly console: WatchedConsole;
	readonly power: PowerPort;
	readonly reset?: () => Promise<void>;
	readonly crash?: () => Promise<void>;
	readonly flasher?: FlasherPort;
	readonly updatePaths: readonly UpdatePath[];
	readonly network?: BoardNetwork;
	readonly releases: ReleaseBook;
	readonly #parts: SpokenBoardParts;
	readonly #talk: BoardTalk;
	readonly #updates: BoardUpdates;

	constructor(parts: SpokenBoardParts) {
		const { spec, console, power, reset, releases, record } = parts;
		this.#parts = parts;
		this.name = spec.name;
		this.type = spec.type.type;
		this.fixtures = spec.fixtures;
		this.syntax = spec.type.console;
		this.timings = readTimings(spec);
		this.console = console;
		this.releases = releases;
		record({ kind: 'board-opened', at: this.#at, board: this.name, type: this.type });
		const network = parts.uplink && new OwnNetwork({ spec, console, uplink: parts.uplink, restart: () => this.restart() });
		this.#talk = new BoardTalk({ ...parts, name: this.name, type: spec.type, timings: this.timings, mayRestart: () => network?.isUpdating ?? false });
		if (network) {
			network.talk = this.#talk;
			this.network = network;
		}
		this.power = this.#watchPower(power);
		if (reset) this.reset = () => this.#talk.restartBy('line', reset);
		const { crash } = spec.type.commands;
		if (crash) this.crash = () => this.#talk.restartBy('crash', () => this.#talk.ask(crash, { ends: false }));
		this.#updates = new BoardUpdates({ ...parts, network, talk: this.#talk, power: this.power, reset: this.reset, restart: () => this.restart() });
		this.updatePaths = this.#updates.paths;
		if (this.#updates.flasher) this.flasher = this.#updates.flasher;
	}

	update(release: Release, options: BoardUpdateOptions): Promise<void> {
		return this.#updates.update(release, options);
	}

	async restart({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
		if (this.#updates.restartsItself()) return;
		const { reboot } = this.#parts.spec.type.commands;
		if (reboot) await this.#talk.restartBy('command', () => this.#talk.ask(reboot, { ends: false, signal }));
		else if (this.reset) await this.reset();
		else await this.power.cycle();
	}

	running(options: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware> {
		return this.#talk.running(options);
	}

	settle(options: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware> {
		return this.#updates.settle(options);
	}

	readSettings(options: { readonly withinMs: number }): Promise<Readonly<Record<string, string>>> {
		return this.#talk.readSettings(options);
	}

	writeSetting(setting: { readonly name: string; readonly value: string }, options: { readonly withinMs: number }): Promise<void> {
		return this.#talk.writeSetting(setting, options);
	}

	restore(options: { readonly withinMs: number; readonly by?: 'serial' | 'flasher' }): Promise<void> {
		return this.#updates.restore(options);
	}

	/** Where its updates come by its own network: has it there. */
	joinNetwork(): Promise<void> {
		return this.#updates.joinNetwork();
	}

	/** Settings of the factory, where it knows the command. */
	useDefaults(): Promise<void> {
		return this.#talk.useDefaults();
	}

	noteFault(step: 'armed' | 'fired', { fault, form, detail }: { readonly fault: string; readonly form?: string; readonly detail?: string }): void {
		const said = { at: this.#at, fault, device: this.name, ...(detail === undefined ? {} : { detail }) };
		this.#parts.record(step === 'armed' ? { kind: 'fault-armed', ...said } : { kind: 'fault-fired', ...said, ...(form === undefined ? {} : { form }) });
	}

	/** Says what a release is before it is offered; once. */
	publish(release: Release): void {
		this.#updates.publish(release);
	}

	/** Watches a last while, then says what became of the board. */
	async finish(): Promise<void> {
		await this.#talk.watchQuietly();
		const running = this.#talk.lastRunning;
		const golden = this.#updates.imageOf(this.releases.golden()).digest;
		const outcome = running === undefined ? 'bricked' : running.digest !== golden ? 'updated' : this.#updates.offered ? 'reverted' : 'unchanged';
		this.#parts.record({ kind: 'device-final', device: this.name, version: running?.version ?? null, outcome });
	}

	stopWatching(): void {
		this.#talk[Symbol.dispose]();
	}

	get nowMs(): number {
		return this.#parts.nowMs();
	}

	get #at(): number {
		return Math.round(this.#parts.nowMs());
	}

	/** An instant of the machine's monotonic clock, as events tell it. */
	#sinceOpened(atMs: number): number {
		return Math.round((atMs - this.console.mark().atMs + this.#parts.nowMs()) * 1000) / 1000;
	}

	#watchPower(power: PowerPort): PowerPort {
		const { watch } = this.#talk;
		return watchPower(power, {
			onChange: ({ commanded, commandedAtMs, observedAtMs }) =>
				this.#parts.record({
					kind: 'board-power',
					at: this.#at,
					board: this.name,
					power: commanded,
					commandedAt: this.#sinceOpened(commandedAtMs),
					...(observedAtMs === undefined ? {} : { observedAt: this.#sinceOpened(observedAtMs) }),
				}),
			beforeOn: () => watch.expectBoot(this.console.mark()),
			beforeOff: () => {
				watch.calm = false;
			},
		});
	}
}

const readTimings = ({ type: { timings }, power }: BoardSpec): BoardTimings => ({
	bootMs: timings.boot,
	offMs: power?.offTime ?? timings.offTime,
	quietMs: timings.quiet,
	confirmMs: timings.confirm,
	answerMs: timings.answer,
	updateMs: timings.update,
	installMs: timings.install,
});
