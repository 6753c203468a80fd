import { appendFileSync, existsSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type BlackstartEvent, encodeEvent, type Verdict } from '../../events/index.js';
import type { ListedCase } from '../worker/list-scenario-files.js';
import { partialLog } from '../worker/partial-files.js';
import { LogTail } from './log-tail.js';
import type { RequestedScenario } from './run-request.js';

/** Stands for a scenario file's process where that went wrong although every case of it ended well. */
const PROCESS_TITLE = 'its process ends cleanly';

/** The books of one scenario file: which of its cases came to which verdict, as its log says while some process writes it. */
export class ScenarioLedger {
	readonly scenario: RequestedScenario;
	/** Path of the scenario's own log. */
	readonly path: string;
	readonly #tail: LogTail;
	readonly #wanted: readonly ListedCase[];
	readonly #retries: number;
	readonly #verdicts = new Map<string, Verdict>();
	/** Runs that each case has had. */
	readonly #attempts = new Map<string, number>();
	/** Cases that are to be run again. */
	readonly #retried = new Set<string>();
	readonly #reasons = new Map<string, string>();
	#running: string | undefined;
	#startedInPass = false;
	#redInPass = false;
	#lastProgress = '';
	#closed = false;

	constructor(scenario: RequestedScenario, { folder, retries }: { readonly folder: string; readonly retries: number }) {
		this.scenario = scenario;
		this.#retries = retries;
		this.path = join(folder, partialLog(scenario.name));
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

	/** Every case that came to a verdict, and which. */
	get judged(): readonly (readonly [title: string, verdict: Verdict])[] {
		return [...this.#verdicts];
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

	/** The case that began and has not ended. */
	get running(): string | undefined {
		return this.#running;
	}

	/** True where a case began in this pass. */
	get startedInPass(): boolean {
		return this.#startedInPass;
	}

	/** Makes ready for another process, which runs what remains. Returns the events it had to write itself. */
	reopen(): readonly BlackstartEvent[] {
		this.#closed = false;
		this.#startedInPass = false;
		this.#redInPass = false;
		const { name } = this.scenario;
		const retries = [...this.#retried].map((title): BlackstartEvent => ({ kind: 'run-retry', scenario: name, title, attempt: this.#attemptsOf(title) + 1 }));
		this.#retried.clear();
		this.#write(retries);
		return retries;
	}

	/** Events written since, of the kinds that are watched, and whether anything shows that the scenario gets on. */
	read(): { readonly events: readonly BlackstartEvent[]; readonly progressed: boolean } {
		const { events, lines } = this.#tail.read();
		let silent = lines;
		let progressed = false;
		for (const event of events) {
			if (event.kind === 'run-progress') {
				silent--;
				const progress = JSON.stringify([event.atMs, event.faultsFired, event.states]);
				if (progress !== this.#lastProgress) progressed = true;
				this.#lastProgress = progress;
			}
			this.#fold(event);
		}
		return { events, progressed: progressed || silent > 0 };
	}

	/**
	 * Closes the books when the process is gone: a case that began and did not end is errored, and where no case was
	 * started at all and never will be, each is. Returns the events it had to write itself.
	 */
	close(reason: string, { neverStarted }: { readonly neverStarted: boolean }): readonly BlackstartEvent[] {
		this.#closed = true;
		this.#tail.dropRest();
		if (existsSync(this.path)) truncateSync(this.path, this.#tail.wholeBytes);
		const ends: BlackstartEvent[] = [];
		if (this.#running !== undefined) ends.push(this.#end(this.#running, `the scenario did not end: ${reason}`));
		else if (neverStarted) for (const { title } of this.remaining) ends.push(this.#end(title, `the scenario never started: ${reason}`));
		const written: BlackstartEvent[] =
			ends.length > 0 && !this.begun ? [{ kind: 'scenario-registered', scenario: this.scenario.name, titles: this.titles }, ...ends] : ends;
		this.#write(written);
		for (const event of written) this.#fold(event);
		return written;
	}

	/** Makes the end of a process red where every case of it ended well. Returns the event it wrote. */
	endUncleanly(reason: string): BlackstartEvent {
		const event = this.#end(PROCESS_TITLE, `every case ended well and then: ${reason}`);
		this.#write([event]);
		this.#fold(event);
		return event;
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
			this.#startedInPass = true;
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
