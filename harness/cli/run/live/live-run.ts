import { closeSync, existsSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { HtmlReport, type Reporter } from '../../../../reports/index.js';
import { type BlackstartEvent, LineSplitter, parseEvent } from '../../../events/index.js';
import { partialLog } from '../../worker/partial-files.js';

const CHUNK_BYTES = 1024 * 1024;

/** A scenario's log as far as it was read. */
interface Tail {
	offset: number;
	readonly splitter: LineSplitter;
}

/** The page of a run that goes on: what the runner tells, and all else from the logs that scenarios write meanwhile. */
export class LiveRun implements Reporter {
	readonly #folder: string;
	readonly #report = new HtmlReport();
	readonly #tails = new Map<string, Tail>();
	readonly #onChange: () => void;
	#progress = '';
	#ended = false;

	/** `folder`: of the run. `onChange` is called for every event that is told. */
	constructor({ folder, onChange }: { readonly folder: string; readonly onChange: () => void }) {
		this.#folder = folder;
		this.#onChange = onChange;
	}

	observe(event: BlackstartEvent, scenario?: string): void {
		if (event.kind === 'scenario-registered' && !this.#tails.has(event.scenario)) {
			this.#tails.set(event.scenario, { offset: 0, splitter: new LineSplitter() });
			this.#report.observe(event, scenario);
		}
		if (OF_THE_RUN.has(event.kind)) this.#report.observe(event);
		if (event.kind === 'run-progress') {
			const states = Object.entries(event.states).map(([state, devices]) => `${devices} ${state}`);
			this.#progress = `${event.scenario}, ${event.title}: ${[`${Math.round(event.atMs / 1000)} s of virtual time`, ...states].join(', ')}`;
		}
		if (event.kind === 'run-ended') {
			// The logs of the scenarios go next.
			this.#read();
			this.#ended = true;
		}
		this.#onChange();
	}

	close(): void {}

	get ended(): boolean {
		return this.#ended;
	}

	/** What goes on at this moment, in one line. */
	get progress(): string {
		return this.#progress;
	}

	encodePage(): string {
		this.#read();
		return this.#report.encodeLive();
	}

	encodeData(): string {
		this.#read();
		return this.#report.encodeData();
	}

	#read(): void {
		if (this.#ended) return;
		for (const [scenario, tail] of this.#tails) {
			const path = join(this.#folder, partialLog(scenario));
			if (!existsSync(path)) continue;
			const file = openSync(path, 'r');
			try {
				const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
				for (let bytes = readSync(file, chunk, 0, CHUNK_BYTES, tail.offset); bytes > 0; bytes = readSync(file, chunk, 0, CHUNK_BYTES, tail.offset)) {
					tail.offset += bytes;
					for (const line of tail.splitter.push(chunk.subarray(0, bytes))) this.#take(parseEvent(line), scenario);
				}
			} finally {
				closeSync(file);
			}
		}
	}

	#take(event: BlackstartEvent, scenario: string): void {
		if (event.kind !== 'run-progress') this.#report.observe(event, scenario);
	}
}

/** Told by the runner alone, and in no scenario's log. */
const OF_THE_RUN: ReadonlySet<string> = new Set(['run-started', 'run-ended', 'run-warning', 'run-shrunk']);
