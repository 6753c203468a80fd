import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { BlackstartEvent } from '../../events/index.js';
import { partialProcess } from '../worker/partial-files.js';
import type { ScenarioLedger } from './scenario-ledger.js';

/** An event of one scenario's log. */
export interface ScenarioNews {
	readonly scenario: string;
	readonly event: BlackstartEvent;
}

/**
 * One process of AVA's and the scenario files whose cases it runs one after another: watches that it gets on, and closes their
 * books when it is gone.
 */
export class ScenarioProcess {
	/** Unique in a pass. */
	readonly name: string;
	readonly ledgers: readonly ScenarioLedger[];
	/** Why the runner ended it, where it did. */
	stalled: string | undefined;
	readonly #numberPath: string;
	readonly #troubles: string[] = [];
	#progressedMs: number | undefined;
	#closed = false;

	constructor(name: string, { ledgers, folder }: { readonly ledgers: readonly ScenarioLedger[]; readonly folder: string }) {
		this.name = name;
		this.ledgers = ledgers;
		this.#numberPath = join(folder, partialProcess(name));
	}

	/** True once it is known to be gone. */
	get closed(): boolean {
		return this.#closed;
	}

	/** Its number, once there is one. */
	get processId(): number | undefined {
		if (this.#closed || !existsSync(this.#numberPath)) return undefined;
		const text = readFileSync(this.#numberPath, 'utf8');
		return /^\d+$/.test(text) ? Number(text) : undefined;
	}

	/** Notes what AVA said of it. */
	noteTrouble(message: string): void {
		this.#troubles.push(message);
	}

	/** Events written since, of the kinds that are watched. */
	read(nowMs: number): readonly ScenarioNews[] {
		return this.ledgers.flatMap((ledger) => {
			const { events, progressed } = ledger.read();
			if (progressed) this.#progressedMs = nowMs;
			return newsOf(ledger, events);
		});
	}

	/** Milliseconds since it last showed an event or a later instant; 0 before it began. */
	idleMs(nowMs: number): number {
		if (this.#progressedMs === undefined) {
			if (this.processId === undefined) return 0;
			this.#progressedMs = nowMs;
		}
		return nowMs - this.#progressedMs;
	}

	/** Where it stands, for the words about a hang. */
	get position(): string {
		const running = this.ledgers.find(({ running }) => running !== undefined)?.running;
		if (running !== undefined) return `in '${running}'`;
		return this.#hasStarted ? 'after a case: something keeps its process from ending' : 'before its first case';
	}

	/**
	 * Closes the books when the process is gone. The case that began and did not end is errored; where a process of one scenario
	 * file began no case, all of that file are. Cases that a broken process left untouched remain, to be run in a process of
	 * their file's own. Returns the events it had to write itself.
	 */
	close(how: string): readonly ScenarioNews[] {
		// The number may soon be another process's.
		rmSync(this.#numberPath, { force: true });
		this.#closed = true;
		const reason = this.stalled ?? ([...this.#troubles, how].filter((part) => part !== '').join('; ') || 'its process ended without a word');
		const clean = this.stalled === undefined && this.#troubles.length === 0 && how === '';
		const isRed = this.ledgers.some(({ redInPass }) => redInPass);
		const broken = this.ledgers.some(({ running, remaining }) => running !== undefined || remaining.length > 0);
		const isOwn = this.ledgers.length === 1;
		return this.ledgers.flatMap((ledger, index) => {
			const written = [...ledger.close(reason, { neverStarted: isOwn && !this.#hasStarted })];
			// Of several files it is the last one's process that did not end.
			if (!clean && !isRed && !broken && index === this.ledgers.length - 1) written.push(ledger.endUncleanly(reason));
			return newsOf(ledger, written);
		});
	}

	get #hasStarted(): boolean {
		return this.ledgers.some(({ startedInPass }) => startedInPass);
	}
}

const newsOf = ({ scenario: { name } }: ScenarioLedger, events: readonly BlackstartEvent[]): readonly ScenarioNews[] =>
	events.map((event) => ({ scenario: name, event }));
