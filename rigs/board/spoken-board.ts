import { createHash } from 'node:crypto';
import type { BlackstartEvent } from '../../harness/events/index.js';
import type {
	BoardPort,
	BoardSyntax,
	BoardTimings,
	BoardUpdateOptions,
	ConsolePort,
	FlasherPort,
	PowerPort,
	Release,
	RunningFirmware,
	UpdatePath,
} from '../../harness/ports/index.js';
import type { BoardSpec } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import type { ReleaseBook } from './board-releases.js';
import { type Answer, type AskOptions, Conversation, type Order, promptStart } from './conversation.js';
import { LineWatch } from './line-watch.js';
import { nameGroups } from './named-groups.js';
import { sendPages } from './page-lines.js';
import { watchPower } from './watched-power.js';

/** Brings images to a board that has no network of its own, as it would download them. */
export interface Gateway {
	/** Resolves when the board has all of it, with how the service is told what came of it. */
	bring(options: GatewayOrder): Promise<(running: RunningFirmware) => Promise<void>>;
}

export interface GatewayOrder {
	readonly release: Release;
	readonly board: string;
	/** Hands the image on to the board. */
	readonly push: (image: Uint8Array) => Promise<void>;
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
}

export interface SpokenBoardParts {
	readonly spec: BoardSpec;
	readonly console: ConsolePort;
	readonly power: PowerPort;
	readonly reset?: (() => Promise<void>) | undefined;
	readonly flasher?: FlasherPort | undefined;
	readonly gateway?: Gateway | undefined;
	readonly releases: ReleaseBook;
	/** Milliseconds since the case's first board was opened. */
	readonly nowMs: () => number;
	record(event: BlackstartEvent): void;
}

/** Time a board that is asked once has before it is asked anew. */
const RETRY_MS = 100;

/** A board that is spoken to over its console, by the syntax and the commands of its type. */
export class SpokenBoard implements BoardPort {
	readonly name: string;
	readonly type: string;
	readonly fixtures: readonly string[];
	readonly syntax: BoardSyntax;
	readonly timings: BoardTimings;
	readonly console: ConsolePort;
	readonly power: PowerPort;
	readonly reset?: () => Promise<void>;
	readonly crash?: () => Promise<void>;
	readonly flasher?: FlasherPort;
	readonly updatePaths: readonly UpdatePath[];
	readonly releases: ReleaseBook;
	readonly #parts: SpokenBoardParts;
	readonly #talk: Conversation;
	readonly #watch: LineWatch;
	readonly #published = new Set<string>();
	/** What it last said that it runs; undefined where it was last found not to. */
	#lastRunning: RunningFirmware | undefined;
	/** It was given an update since it was restored. */
	#offered = false;
	/** Tells the service what came of an update that it brought. */
	#conclude: ((running: RunningFirmware) => Promise<void>) | undefined;

	constructor(parts: SpokenBoardParts) {
		const { spec, console, power, reset, flasher, releases, nowMs, record } = parts;
		const { type, name } = spec;
		this.#parts = parts;
		this.name = name;
		this.type = type.type;
		this.fixtures = spec.fixtures;
		this.syntax = type.console;
		this.timings = readTimings(spec);
		this.console = console;
		this.releases = releases;
		this.updatePaths = spec.updates.filter((path) => this.#canTake(path));
		this.#talk = new Conversation(name, { console, syntax: type.console });
		record({ kind: 'board-opened', at: this.#at, board: name, type: this.type });
		this.#watch = new LineWatch({ board: name, console, syntax: type.console, nowMs, record });
		this.power = watchPower(power, {
			onChange: ({ commanded, commandedAtMs, observedAtMs }) =>
				record({
					kind: 'board-power',
					at: this.#at,
					board: name,
					power: commanded,
					commandedAt: this.#sinceOpened(commandedAtMs),
					...(observedAtMs === undefined ? {} : { observedAt: this.#sinceOpened(observedAtMs) }),
				}),
			beforeOn: () => this.#watch.expectBoot(console.mark()),
			beforeOff: () => {
				this.#watch.calm = false;
			},
		});
		if (reset) this.reset = () => this.#restartBy('line', reset);
		const { crash } = type.commands;
		if (crash) this.crash = () => this.#restartBy('crash', () => this.#ask(crash, { ends: false }));
		if (flasher) this.flasher = this.#watchFlasher(flasher);
	}

	async update(release: Release, { path = this.updatePaths[0], withinMs, signal }: BoardUpdateOptions): Promise<void> {
		const image = this.#imageOf(release);
		if (path === undefined || !this.updatePaths.includes(path))
			throw this.#lacks(`no way '${path ?? 'any'}' for an update; it has ${this.updatePaths.join(', ') || 'none'}`);
		const { record } = this.#parts;
		this.publish(release);
		this.#offered = true;
		const said = { board: this.name, path, digest: image.digest };
		record({ kind: 'board-update-begun', at: this.#at, ...said, release: release.name });
		try {
			await this.#bring(path, { release, image: image.bytes, withinMs, signal });
			const { trial } = this.#parts.spec.type.commands;
			if (trial) await this.#ask(trial, { signal });
		} catch (error) {
			record({ kind: 'board-update-ended', at: this.#at, ...said, outcome: 'failed', reason: (error as Error).message });
			throw error;
		}
		record({ kind: 'board-update-ended', at: this.#at, ...said, outcome: 'staged' });
	}

	async restart({ signal }: { readonly signal?: AbortSignal } = {}): Promise<void> {
		const { reboot } = this.#parts.spec.type.commands;
		if (reboot) await this.#restartBy('command', () => this.#ask(reboot, { ends: false, signal }));
		else if (this.reset) await this.reset();
		else await this.power.cycle();
	}

	async running({ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware> {
		const deadlineMs = this.#at + withinMs;
		let why = '';
		for (;;) {
			const leftMs = deadlineMs - this.#at;
			if (leftMs <= 0) throw this.#notRunning(`firmware that answers was expected within ${withinMs} ms: ${why}`);
			signal?.throwIfAborted();
			try {
				await this.#awaitBoot(leftMs, signal);
				return await this.#askRunning(Math.max(1, deadlineMs - this.#at), signal);
			} catch (error) {
				if (error instanceof BoardError && error.code === 'no-boot') throw this.#notRunning(error.message);
				if (!isUnanswered(error)) throw error;
				why = error.message;
			}
			// Whoever asked while a boot began asks again once it is over; the line that tells of it may still be on its way.
			await this.console.expect(this.syntax.boot, { withinMs: RETRY_MS, from: this.console.mark() }).catch(() => undefined);
		}
	}

	async settle({ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware> {
		const deadlineMs = this.#at + withinMs;
		for (;;) {
			const from = this.console.mark();
			if ((await this.#awaitTrial(deadlineMs - this.#at, signal)) === 'boots again') continue;
			const running = await this.running({ withinMs: Math.max(1, deadlineMs - this.#at), ...(signal ? { signal } : {}) });
			if (running.confirmed) {
				const conclude = this.#conclude;
				this.#conclude = undefined;
				await conclude?.(running);
				return running;
			}
			const { confirmed, reverted, boot } = this.syntax;
			const turns = [boot, ...(confirmed ? [confirmed] : []), ...(reverted ? [reverted] : [])];
			const leftMs = deadlineMs - this.#at;
			if (leftMs <= 0) throw this.#notRunning(`an end of the trial of ${running.version} was expected within ${withinMs} ms`);
			await this.console.expect(turns, { withinMs: Math.min(leftMs, 1000), from, ...(signal ? { signal } : {}) }).catch((error: unknown) => {
				if (!isUnanswered(error)) throw error;
			});
		}
	}

	async readSettings({ withinMs }: { readonly withinMs: number }): Promise<Readonly<Record<string, string>>> {
		const { settings: question } = this.#parts.spec.type.commands;
		if (question === undefined) throw this.#lacks('no command that reads its settings (commands: { settings })');
		const { text } = await this.#talk.ask({ send: question.send }, { withinMs });
		const settings: Record<string, string> = {};
		for (const match of text.matchAll(new RegExp(question.answer.source, 'gm'))) {
			const { name = '', value = '' } = match.groups ?? {};
			settings[name] = value;
		}
		this.#parts.record({ kind: 'board-settings', at: this.#at, board: this.name, settings });
		return settings;
	}

	async writeSetting({ name, value }: { readonly name: string; readonly value: string }, { withinMs }: { readonly withinMs: number }): Promise<void> {
		const { set } = this.#parts.spec.type.commands;
		if (set === undefined) throw this.#lacks('no command that writes a setting (commands: { set })');
		await this.#talk.ask({ ...set, send: set.send.replaceAll('{name}', () => name).replaceAll('{value}', () => value) }, { withinMs });
		this.#parts.record({ kind: 'board-setting-written', at: this.#at, board: this.name, name, value });
	}

	async restore({ withinMs, by = this.flasher ? 'flasher' : 'serial' }: { readonly withinMs: number; readonly by?: 'serial' | 'flasher' }): Promise<void> {
		const golden = this.releases.golden();
		const { digest, bytes } = this.#imageOf(golden);
		const deadlineMs = this.#at + withinMs;
		const { record } = this.#parts;
		this.publish(golden);
		record({ kind: 'board-restoring', at: this.#at, board: this.name, by });
		if (by === 'flasher') await this.#restoreByFlasher(bytes, withinMs);
		else await this.#restoreBySerial({ golden, bytes, digest, withinMs });
		const running = await this.settle({ withinMs: Math.max(1, deadlineMs - this.#at) });
		if (running.digest !== digest)
			throw new BoardError(
				'transfer',
				`board ${this.name}: golden ${digest.slice(0, 12)} was expected to run once it was restored, ${running.digest.slice(0, 12)} does`,
			);
		await this.useDefaults();
		this.#offered = false;
		record({ kind: 'board-restored', at: this.#at, board: this.name, digest, by });
	}

	/** Settings of the factory, where it knows the command. */
	async useDefaults(): Promise<void> {
		const { defaults } = this.#parts.spec.type.commands;
		if (defaults) await this.#ask(defaults, {});
	}

	noteFault(step: 'armed' | 'fired', { fault, form, detail }: { readonly fault: string; readonly form?: string; readonly detail?: string }): void {
		const said = { at: this.#at, fault, device: this.name, ...(detail === undefined ? {} : { detail }) };
		this.#parts.record(step === 'armed' ? { kind: 'fault-armed', ...said } : { kind: 'fault-fired', ...said, ...(form === undefined ? {} : { form }) });
	}

	/** Says what a release is before it is offered; once. */
	publish(release: Release): void {
		const { digest } = this.#imageOf(release);
		if (this.#published.has(digest)) return;
		this.#published.add(digest);
		this.#parts.record(this.releases.describe(release, this.#at));
	}

	/** Watches for a quiet while whether it does anything by itself, where it was left alone running something confirmed. */
	async watchQuietly(): Promise<void> {
		if (!this.#watch.calm) return;
		const { boot, panic } = this.syntax;
		await this.console.expect([boot, ...panic], { withinMs: this.timings.quietMs, from: this.console.mark() }).catch((error: unknown) => {
			if (!isUnanswered(error)) throw error;
		});
	}

	/** Watches a last while, then says what became of the board. */
	async finish(): Promise<void> {
		await this.watchQuietly();
		const running = this.#lastRunning;
		const golden = this.#imageOf(this.releases.golden()).digest;
		const outcome = running === undefined ? 'bricked' : running.digest !== golden ? 'updated' : this.#offered ? 'reverted' : 'unchanged';
		this.#parts.record({ kind: 'device-final', device: this.name, version: running?.version ?? null, outcome });
	}

	stopWatching(): void {
		this.#watch[Symbol.dispose]();
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

	#canTake(path: UpdatePath): boolean {
		const { spec, flasher, gateway } = this.#parts;
		const { commands, serialUpdate } = spec.type;
		const hasSerial = serialUpdate === 'pages' && commands.update !== undefined;
		if (path === 'serial') return hasSerial;
		if (path === 'mqtt') return gateway !== undefined && hasSerial;
		return flasher !== undefined && spec.type.flasher?.areas['secondary'] !== undefined && commands.trial !== undefined;
	}

	async #bring(
		path: UpdatePath,
		{
			release,
			image,
			withinMs,
			signal,
		}: { readonly release: Release; readonly image: Uint8Array; readonly withinMs: number; readonly signal: AbortSignal | undefined },
	): Promise<void> {
		const { gateway } = this.#parts;
		if (path === 'serial') return this.#sendImage(image, signal);
		if (path === 'mqtt') {
			this.#conclude = await gateway?.bring({ release, board: this.name, push: (bytes) => this.#sendImage(bytes, signal), withinMs, signal });
			return;
		}
		return this.flasher?.flash(image, { area: 'secondary', withinMs, ...(signal ? { signal } : {}) });
	}

	async #sendImage(image: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
		const { update } = this.#parts.spec.type.commands;
		if (update === undefined) throw this.#lacks('no command that begins an update (commands: { update })');
		// Its answer opens the session, which the prompt ends only after the last page.
		await this.#talk.ask(update, { withinMs: this.timings.answerMs, signal, ends: false });
		await sendPages(image, { console: this.console, board: this.name, withinMs: this.timings.answerMs, signal });
		const from = this.console.mark();
		await this.console.send('end\r');
		const { done, prompt } = this.#parts.spec.type.console;
		await this.console.expect(done ?? promptStart(prompt), { withinMs: this.timings.answerMs, from, ...(signal ? { signal } : {}) });
	}

	async #restoreByFlasher(bytes: Uint8Array, withinMs: number): Promise<void> {
		if (!this.flasher) throw this.#lacks('no flasher');
		if (this.power.commanded !== 'powered') await this.power.on();
		await this.flasher.flash(bytes, { area: 'golden', withinMs });
		await (this.reset ? this.reset() : this.power.cycle());
	}

	/** From its recovery where it waits there, else as any update. */
	async #restoreBySerial({
		golden,
		bytes,
		digest,
		withinMs,
	}: {
		readonly golden: Release;
		readonly bytes: Uint8Array;
		readonly digest: string;
		readonly withinMs: number;
	}): Promise<void> {
		const { recovered } = this.#parts.spec.type.commands;
		await this.power.cycle();
		const found = await this.#awaitRestOfBoot(this.timings.bootMs + this.timings.installMs);
		if (found === 'recovery') {
			await sendPages(bytes, { console: this.console, board: this.name, withinMs: this.timings.answerMs });
			this.#parts.record({ kind: 'board-flashed', at: this.#at, board: this.name, area: 'primary', digest });
			this.#watch.expectBoot(this.console.mark());
			await this.console.send(`${recovered?.send ?? ''}\r`);
			return;
		}
		const running = await this.settle({ withinMs });
		if (running.digest === digest) return;
		await this.update(golden, { path: 'serial', withinMs });
		await this.restart();
	}

	async #awaitRestOfBoot(withinMs: number): Promise<'ready' | 'recovery'> {
		const { ready, recovery, prompt } = this.syntax;
		const from = this.#watch.bootingFrom ?? this.console.mark();
		const { index } = await this.console.expect([ready ?? promptStart(prompt), ...(recovery ? [promptStart(recovery)] : [])], { withinMs, from });
		return index === 0 ? 'ready' : 'recovery';
	}

	/** Where the first words of what boots tell that it is on trial, its end is waited for, and it is not disturbed by questions. */
	async #awaitTrial(withinMs: number, signal: AbortSignal | undefined): Promise<'at rest' | 'boots again'> {
		const { ready, confirmed, reverted, boot } = this.syntax;
		const from = this.#watch.bootingFrom;
		if (from === undefined || !ready?.source.includes('(?<state>') || !confirmed || withinMs <= 0) return 'at rest';
		const options = signal ? { signal } : {};
		try {
			const began = await this.console.expect(this.syntax.recovery ? [ready, promptStart(this.syntax.recovery)] : ready, { withinMs, from, ...options });
			if (began.index > 0 || nameGroups(ready, began.groups)['state'] === 'confirmed') return 'at rest';
			const turn = await this.console.expect([confirmed, boot, ...(reverted ? [reverted] : [])], {
				withinMs: Math.min(withinMs, this.timings.confirmMs),
				from: began.end,
				...options,
			});
			return turn.index === 0 ? 'at rest' : 'boots again';
		} catch (error) {
			if (!isUnanswered(error)) throw error;
			return 'at rest';
		}
	}

	async #awaitBoot(withinMs: number, signal: AbortSignal | undefined): Promise<void> {
		const from = this.#watch.bootingFrom;
		if (from === undefined) return;
		const { ready, recovery, prompt } = this.syntax;
		const options = { withinMs, ...(signal ? { signal } : {}) };
		const match = await this.console.expect([ready ?? promptStart(prompt), ...(recovery ? [promptStart(recovery)] : [])], { ...options, from });
		if (match.index === 1)
			throw new BoardError(
				'no-boot',
				`its bootloader waits in its recovery: ${JSON.stringify(this.console.textSince(from).trim().split('\n').at(-2)?.trim() ?? '')}`,
			);
		if (ready) await this.console.expect(promptStart(prompt), { ...options, from: match.end });
		this.#watch.endBoot();
	}

	async #askRunning(withinMs: number, signal: AbortSignal | undefined): Promise<RunningFirmware> {
		const { running: questions } = this.#parts.spec.type.commands;
		if (questions === undefined) throw this.#lacks('no commands that say what runs (commands: { running })');
		const said: Record<string, string> = {};
		for (const question of questions) Object.assign(said, (await this.#ask(question, { withinMs: Math.min(withinMs, this.timings.answerMs), signal })).groups);
		const { version = '', digest = '', state = 'confirmed', nonce = '' } = said;
		const running = { version, digest, confirmed: state === 'confirmed', bootNonce: nonce };
		this.#parts.record({ kind: 'board-running', at: this.#at, board: this.name, version, digest, confirmed: running.confirmed, nonce });
		this.#watch.calm = running.confirmed;
		this.#lastRunning = running;
		return running;
	}

	#ask(order: Order, options: Partial<AskOptions>): Promise<Answer> {
		return this.#talk.ask(order, { withinMs: this.timings.answerMs, ...options });
	}

	async #restartBy(by: 'line' | 'command' | 'crash', act: () => Promise<unknown>): Promise<void> {
		this.#watch.expectBoot(this.console.mark());
		this.#parts.record({ kind: 'board-reset', at: this.#at, board: this.name, by });
		await act();
	}

	#watchFlasher(flasher: FlasherPort): FlasherPort {
		const { record } = this.#parts;
		return {
			assertIdentity: (options) => flasher.assertIdentity(options),
			flash: async (image, options) => {
				this.#watch.expectBoot(this.console.mark());
				await flasher.flash(image, options);
				record({ kind: 'board-flashed', at: this.#at, board: this.name, area: options.area, digest: createHash('sha256').update(image).digest('hex') });
			},
		};
	}

	#imageOf(release: Release): Release['images'][number] {
		const image = release.images.find(({ hardware }) => hardware === this.type);
		if (image === undefined)
			throw new TypeError(
				`release ${release.name}: an image for ${this.type} was expected, it holds ${release.images.map(({ hardware }) => hardware).join(', ') || 'none'}`,
			);
		return image;
	}

	#notRunning(reason: string): BoardError {
		this.#lastRunning = undefined;
		this.#parts.record({ kind: 'board-no-boot', at: this.#at, board: this.name, reason });
		return new BoardError('no-boot', `board ${this.name}: ${reason}`);
	}

	#lacks(what: string): BoardError {
		return new BoardError('lacks', `board ${this.name}: ${what}`);
	}
}

/** What a board that restarts, crashes or is busy does to whoever asks it. */
const isUnanswered = (error: unknown): error is Error =>
	error instanceof Error && (error instanceof BoardError ? error.code === 'refused' : ['timeout', 'echo'].includes(String(Reflect.get(error, 'code'))));

const readTimings = ({ type: { timings }, power }: BoardSpec): BoardTimings => ({
	bootMs: timings.boot,
	offMs: power?.offTime ?? timings.offTime,
	quietMs: timings.quiet,
	confirmMs: timings.confirm,
	answerMs: timings.answer,
	updateMs: timings.update,
	installMs: timings.install,
});
