import type { BlackstartEvent } from '../../harness/events/index.js';
import type { BoardTimings, ConsoleMark, ConsoleMatch, ExpectOptions, RunningFirmware } from '../../harness/ports/index.js';
import type { BoardType } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import { type Answer, type AskOptions, Conversation, type Order, promptStart } from './conversation.js';
import { LineWatch, type WatchedConsole } from './line-watch.js';
import { nameGroups } from './named-groups.js';

export interface BoardTalkParts {
	readonly name: string;
	readonly type: BoardType;
	readonly timings: BoardTimings;
	readonly console: WatchedConsole;
	/** Milliseconds since the case's first board was opened. */
	readonly nowMs: () => number;
	record(event: BlackstartEvent): void;
	/** Whether it has something to do of which it may restart, whoever left it alone. */
	mayRestart?: (() => boolean) | undefined;
	/** Told at once when it panics or boots although it was left alone, running something confirmed. */
	onUnexpected?: ((what: string) => void) | undefined;
}

/** Time a board that is asked once has before it is asked anew. */
const RETRY_MS = 100;

/** What a board says over its console, and what it answers: its boots, what runs, its settings. */
export class BoardTalk implements Disposable {
	/** The commands of its type, said and answered. */
	readonly conversation: Conversation;
	readonly watch: LineWatch;
	/** What it last said that it runs; undefined where it was last found not to. */
	lastRunning: RunningFirmware | undefined;
	readonly #name: string;
	readonly #console: WatchedConsole;
	readonly #type: BoardType;
	readonly #timings: BoardTimings;
	readonly #nowMs: () => number;
	readonly #record: BoardTalkParts['record'];
	readonly #mayRestart: () => boolean;

	constructor(parts: BoardTalkParts) {
		const { name, console, type, timings, nowMs, record, onUnexpected, mayRestart } = parts;
		this.#name = name;
		this.#console = console;
		this.#type = type;
		this.#timings = timings;
		this.#nowMs = nowMs;
		this.#record = record;
		this.#mayRestart = mayRestart ?? (() => false);
		this.conversation = new Conversation(name, { console, syntax: type.console });
		this.watch = new LineWatch({
			board: name,
			console,
			syntax: type.console,
			nowMs,
			record,
			onUnexpected: (what) => onUnexpected?.(`board ${name}: ${what}`),
		});
	}

	get at(): number {
		return Math.round(this.#nowMs());
	}

	async running({ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware> {
		const deadlineMs = this.at + withinMs;
		let why = '';
		for (;;) {
			const leftMs = deadlineMs - this.at;
			if (leftMs <= 0) throw this.#notRunning(`firmware that answers was expected within ${withinMs} ms: ${why}`);
			signal?.throwIfAborted();
			try {
				await this.#awaitBoot(leftMs, signal);
				return await this.#askRunning(Math.max(1, deadlineMs - this.at), signal);
			} catch (error) {
				if (error instanceof BoardError && error.code === 'no-boot') throw this.#notRunning(error.message);
				if (!isUnanswered(error)) throw error;
				why = error.message;
			}
			// Whoever asked while a boot began asks again once it is over; the line that tells of it may still be on its way.
			await this.#console.expect(this.#type.console.boot, { withinMs: RETRY_MS, from: this.#console.mark() }).catch(() => undefined);
		}
	}

	async settle({ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal }): Promise<RunningFirmware> {
		const deadlineMs = this.at + withinMs;
		for (;;) {
			const from = this.#console.mark();
			if ((await this.#awaitTrial(deadlineMs - this.at, signal)) === 'boots again') continue;
			const running = await this.running({ withinMs: Math.max(1, deadlineMs - this.at), ...(signal ? { signal } : {}) });
			if (running.confirmed) return running;
			const { confirmed, reverted, boot } = this.#type.console;
			const turns = [boot, ...(confirmed ? [confirmed] : []), ...(reverted ? [reverted] : [])];
			const leftMs = deadlineMs - this.at;
			if (leftMs <= 0) throw this.#notRunning(`an end of the trial of ${running.version} was expected within ${withinMs} ms`);
			await this.#console.expect(turns, { withinMs: Math.min(leftMs, 1000), from, ...(signal ? { signal } : {}) }).catch((error: unknown) => {
				if (!isUnanswered(error)) throw error;
			});
		}
	}

	async readSettings({ withinMs }: { readonly withinMs: number }): Promise<Readonly<Record<string, string>>> {
		const { settings: question } = this.#type.commands;
		if (question === undefined) throw this.#lacks('no command that reads its settings (commands: { settings })');
		const { text } = await this.conversation.ask({ send: question.send }, { withinMs });
		const settings: Record<string, string> = {};
		for (const match of text.matchAll(new RegExp(question.answer.source, 'gm'))) {
			const { name = '', value = '' } = match.groups ?? {};
			settings[name] = value;
		}
		this.#record({ kind: 'board-settings', at: this.at, board: this.#name, settings });
		return settings;
	}

	async writeSetting({ name, value }: { readonly name: string; readonly value: string }, { withinMs }: { readonly withinMs: number }): Promise<void> {
		const { set } = this.#type.commands;
		if (set === undefined) throw this.#lacks('no command that writes a setting (commands: { set })');
		await this.conversation.ask({ ...set, send: set.send.replaceAll('{name}', () => name).replaceAll('{value}', () => value) }, { withinMs });
		this.#record({ kind: 'board-setting-written', at: this.at, board: this.#name, name, value });
	}

	/** Settings of the factory, where it knows the command. */
	async useDefaults(): Promise<void> {
		const { defaults } = this.#type.commands;
		if (defaults) await this.ask(defaults, {});
	}

	/** Watches for a quiet while whether it does anything by itself, where it was left alone running something confirmed. */
	async watchQuietly(): Promise<void> {
		if (!this.watch.calm) return;
		const { boot, panic } = this.#type.console;
		await this.#console.expect([boot, ...panic], { withinMs: this.#timings.quietMs, from: this.#console.mark() }).catch((error: unknown) => {
			if (!isUnanswered(error)) throw error;
		});
	}

	[Symbol.dispose](): void {
		this.watch[Symbol.dispose]();
	}

	/** What a boot came to: its application, or a loader that waits for an image. */
	async awaitRestOfBoot(withinMs: number): Promise<'ready' | 'recovery'> {
		return (await this.#awaitBootEnd({ withinMs, from: this.watch.bootingFrom ?? this.#console.mark() })).ends;
	}

	async #awaitBootEnd({ from, ...options }: ExpectOptions & { readonly from: ConsoleMark }): Promise<ConsoleMatch & { readonly ends: 'ready' | 'recovery' }> {
		const { ready, recovery, prompt, boot } = this.#type.console;
		let start = from;
		// A prompt that was still on its way when the boot was asked for is none of that boot.
		if (recovery && !this.watch.bootBegan && this.#type.console.openWhen === 'before-power') {
			const began = await this.#console.expect([...(ready ? [ready] : []), boot], { ...options, from });
			if (ready && began.index === 0) return { ...began, ends: 'ready' };
			start = began.end;
		}
		const match = await this.#console.expect([ready ?? promptStart(prompt), ...(recovery ? [promptStart(recovery)] : [])], { ...options, from: start });
		return { ...match, ends: match.index === 0 ? 'ready' : 'recovery' };
	}

	/** Where the first words of what boots tell that it is on trial, its end is waited for, and it is not disturbed by questions. */
	async #awaitTrial(withinMs: number, signal: AbortSignal | undefined): Promise<'at rest' | 'boots again'> {
		const { ready, confirmed, reverted, boot } = this.#type.console;
		const from = this.watch.bootingFrom;
		if (from === undefined || !ready?.source.includes('(?<state>') || !confirmed || withinMs <= 0) return 'at rest';
		const options = signal ? { signal } : {};
		try {
			const began = await this.#awaitBootEnd({ withinMs, from, ...options });
			if (began.ends === 'recovery' || nameGroups(ready, began.groups)['state'] === 'confirmed') return 'at rest';
			const turn = await this.#console.expect([confirmed, boot, ...(reverted ? [reverted] : [])], {
				withinMs: Math.min(withinMs, this.#timings.confirmMs),
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
		const from = this.watch.bootingFrom;
		if (from === undefined) return;
		const { ready, prompt } = this.#type.console;
		const options = { withinMs, ...(signal ? { signal } : {}) };
		const match = await this.#awaitBootEnd({ ...options, from });
		if (match.ends === 'recovery') throw new BoardError('no-boot', `its bootloader waits in its recovery: ${JSON.stringify(this.#explainRecovery(from))}`);
		if (ready) await this.#console.expect(promptStart(prompt), { ...options, from: match.end });
		this.watch.endBoot();
	}

	/** What it complained of on the way there, else the last that it said. */
	#explainRecovery(from: ConsoleMark): string {
		const lines = this.#console.textSince(from).trim().split(/\r?\n/);
		return (lines.find((line) => this.#type.console.panic.some((pattern) => pattern.test(line))) ?? lines.at(-2) ?? '').trim();
	}

	async #askRunning(withinMs: number, signal: AbortSignal | undefined): Promise<RunningFirmware> {
		const { running: questions } = this.#type.commands;
		if (questions === undefined) throw this.#lacks('no commands that say what runs (commands: { running })');
		const said: Record<string, string> = {};
		for (const question of questions) Object.assign(said, (await this.ask(question, { withinMs: Math.min(withinMs, this.#timings.answerMs), signal })).groups);
		const { version = '', digest = '', state = 'confirmed', nonce = '' } = said;
		const running = { version, digest, confirmed: state === 'confirmed', bootNonce: nonce };
		this.#record({ kind: 'board-running', at: this.at, board: this.#name, version, digest, confirmed: running.confirmed, nonce });
		this.watch.calm = running.confirmed && !this.#mayRestart();
		this.lastRunning = running;
		return running;
	}

	ask(order: Order, options: Partial<AskOptions>): Promise<Answer> {
		return this.conversation.ask(order, { withinMs: this.#timings.answerMs, ...options });
	}

	/** Has it restarted by what is done, and says so. */
	async restartBy(by: 'line' | 'command' | 'crash', act: () => Promise<unknown>): Promise<void> {
		this.watch.expectBoot(this.#console.mark());
		this.#record({ kind: 'board-reset', at: this.at, board: this.#name, by });
		await act();
	}

	#notRunning(reason: string): BoardError {
		this.lastRunning = undefined;
		this.#record({ kind: 'board-no-boot', at: this.at, board: this.#name, reason });
		return new BoardError('no-boot', `board ${this.#name}: ${reason}`);
	}

	#lacks(what: string): BoardError {
		return new BoardError('lacks', `board ${this.#name}: ${what}`);
	}
}

/** What a board that restarts, crashes or is busy does to whoever asks it. */
const isUnanswered = (error: unknown): error is Error =>
	error instanceof Error && (error instanceof BoardError ? error.code === 'refused' : ['timeout', 'echo'].includes(String(Reflect.get(error, 'code'))));
