import { appendFileSync, existsSync, readFileSync, rmSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type BlackstartEvent, encodeEvent, type Verdict } from '../../events/index.js';
import type { ListedCase } from '../worker/list-scenario-files.js';
import { partialLog, partialProcess } from '../worker/partial-files.js';
import { LogTail } from './log-tail.js';
import type { RequestedScenario } from './run-request.js';

/** Stands for a scenario file's process where that went wrong although every case of it ended well. */
const PROCESS_TITLE = 'its process ends cleanly';

/** Everything the runner knows of one scenario file while it runs; closes the books of a file whose process is gone. */
export class ScenarioLedger {
	readonly scenario: RequestedScenario;
	/** Path of the scenario's own log. */
	readonly path: string;
	/** Why the runner ended the process, where it did. */
	stalled: string | undefined;
	readonly #processPath: string;
	readonly #tail: LogTail;
	readonly #wanted: readonly ListedCase[];
	readonly #retries: number;
	readonly #verdicts = new Map<string, Verdict>();
	/** Runs that each case has had. */
	readonly #attempts = new Map<string, number>();
	/** Cases that are to be run again. */
	readonly #retried = new Set<string>();
	readonly #reasons = new Map<string, string>();
	readonly #troubles: string[] = [];
	#running: string | undefined;
	#startedInPass = 0;
	#redInPass = false;
	#lastProgress = '';
	#progressedMs: number | undefined;
	#closed = false;

	constructor(scenario: RequestedScenario, { folder, retries }: { readonly folder: string; readonly retries: number }) {
		this.scenario = scenario;
		this.#retries = retries;
		this.path = join(folder, partialLog(scenario.name));
		this.#processPath = join(folder, partialProcess(scenario.name));
		this.#tail = new LogTail(this.path);
		this.#wanted = scenario.cases.filter(({ slug }) => scenario.slugs === undefined || scenario.slugs.includes(slug));
	}

	get titles(): readonly string[] {
		return this.#wanted.map(({ title }) => title);
	}

	/** Cases without a verdict. */
	get remaining(): readonly ListedCase[] {
		return this.#wanted.filter(({ title }) => !this.#verdicts.has(title));
	}

	get verdicts(): readonly Verdict[] {
		return [...this.#verdicts.values()];
	}

	/** Cases that failed, in the order in which they ran, with what their verdicts say. */
	get failed(): readonly (ListedCase & { readonly reason: string })[] {
		return this.#wanted.flatMap((one) => (this.#verdicts.get(one.title) === 'failed' ? [{ ...one, reason: this.#reasons.get(one.title) ?? '' }] : []));
	}

	/** True where a case that ran in this pass did not end well. */
	get redInPass(): boolean {
		return this.#redInPass;
	}

	/** True from the end of the scenario's process until the next one is started for what remains. */
	get closed(): boolean {
		return this.#closed;
	}

	/** True where some process wrote the log's first line already. */
	get begun(): boolean {
		return this.#tail.wholeBytes > 0;
	}

	/** The number of the scenario's process, once there is one. */
	get processId(): number | undefined {
		if (this.#closed || !existsSync(this.#processPath)) return undefined;
		const text = readFileSync(this.#processPath, 'utf8');
		return /^\d+$/.test(text) ? Number(text) : undefined;
	}

	/** Makes ready for another process, which runs what remains. Returns the events it had to write itself. */
	reopen(): readonly BlackstartEvent[] {
		this.#closed = false;
		this.#startedInPass = 0;
		this.#redInPass = false;
		this.#progressedMs = undefined;
		this.stalled = undefined;
		this.#troubles.length = 0;
		const { name } = this.scenario;
		const retries = [...this.#retried].map((title): BlackstartEvent => ({ kind: 'run-retry', scenario: name, title, attempt: this.#attemptsOf(title) + 1 }));
		this.#retried.clear();
		this.#write(retries);
		return retries;
	}

	/** Notes what AVA said of the process. */
	noteTrouble(message: string): void {
		this.#troubles.push(message);
	}

	/** Events written since, of the kinds that are watched. */
	read(nowMs: number): readonly BlackstartEvent[] {
		const { events, lines } = this.#tail.read();
		let silent = lines;
		for (const event of events) {
			if (event.kind === 'run-progress') {
				silent--;
				const progress = JSON.stringify([event.atMs, event.faultsFired, event.states]);
				if (progress !== this.#lastProgress) this.#progressedMs = nowMs;
				this.#lastProgress = progress;
			}
			this.#fold(event);
		}
		if (silent > 0) this.#progressedMs = nowMs;
		return events;
	}

	/** Milliseconds since the scenario's process last showed an event or a later instant; 0 before it began. */
	idleMs(nowMs: number): number {
		if (this.#progressedMs === undefined) {
			if (this.processId === undefined) return 0;
			this.#progressedMs = nowMs;
		}
		return nowMs - this.#progressedMs;
	}

	/** Where it stands, for the words about a hang. */
	get position(): string {
		if (this.#running !== undefined) return `in '${this.#running}'`;
		return this.#startedInPass === 0 ? 'before its first case' : 'after a case: something keeps its process from ending';
	}

	/**
	 * Closes the books when the process is gone: a case that began and did not end is errored, and so is every case where the
	 * process began none. Cases that a broken process left untouched remain. Returns the events it had to write itself.
	 */
	close(how: string): readonly BlackstartEvent[] {
		this.#closed = true;
		// The number may soon be another process's.
		rmSync(this.#processPath, { force: true });
		this.#tail.dropRest();
		if (existsSync(this.path)) truncateSync(this.path, this.#tail.wholeBytes);
		const reason = this.stalled ?? ([...this.#troubles, how].filter((part) => part !== '').join('; ') || 'its process ended without a word');
		const written: BlackstartEvent[] = [];
		if (!this.begun) written.push({ kind: 'scenario-registered', scenario: this.scenario.name, titles: this.titles });
		if (this.#running !== undefined) written.push(this.#end(this.#running, `the scenario did not end: ${reason}`));
		else if (this.#startedInPass === 0) for (const { title } of this.remaining) written.push(this.#end(title, `the scenario never started: ${reason}`));
		const clean = this.stalled === undefined && this.#troubles.length === 0 && how === '';
		if (!clean && !this.#redInPass && written.every(({ kind }) => kind !== 'scenario-ended') && this.remaining.length === 0) {
			written.push(this.#end(PROCESS_TITLE, `every case ended well and then: ${reason}`));
		}
		this.#write(written);
		for (const event of written) this.#fold(event);
		return written;
	}

	dispose(): void {
		this.#tail.close();
	}

	/** Appends events that are read by nobody but those who are told of them. */
	#write(events: readonly BlackstartEvent[]): void {
		if (events.length === 0) return;
		appendFileSync(this.path, events.map(encodeEvent).join(''));
		this.#tail.read();
	}

	#attemptsOf(title: string): number {
		return this.#attempts.get(title) ?? 0;
	}

	#end(title: string, reason: string): BlackstartEvent {
		return { kind: 'scenario-ended', scenario: this.scenario.name, title, verdict: 'errored', reason, faults: [], virtualMs: 0 };
	}

	#fold(event: BlackstartEvent): void {
		if (event.kind === 'scenario-started') {
			this.#running = event.title;
			this.#startedInPass++;
		}
		if (event.kind === 'scenario-skipped') this.#verdicts.set(event.title, 'skipped');
		if (event.kind === 'scenario-ended') {
			if (this.#running === event.title) this.#running = undefined;
			const isGood = event.verdict === 'passed' || event.verdict === 'skipped';
			if (!isGood) this.#redInPass = true;
			const attempts = this.#attemptsOf(event.title) + 1;
			this.#attempts.set(event.title, attempts);
			if (!isGood && attempts <= this.#retries && this.titles.includes(event.title)) {
				this.#retried.add(event.title);
				return;
			}
			this.#verdicts.set(event.title, event.verdict);
			if (event.reason !== undefined) this.#reasons.set(event.title, event.reason);
		}
	}
}
