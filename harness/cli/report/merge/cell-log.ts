import { closeSync, openSync, readSync } from 'node:fs';
import { join } from 'node:path';
import { type BlackstartEvent, LineSplitter, parseEvent } from '../../../events/index.js';
import { type Cell, parseCell } from '../../../scenario/index.js';
import { readLines } from '../../run/read-lines.js';
import { UsageError } from '../../usage-error.js';

type RunStarted = Extract<BlackstartEvent, { readonly kind: 'run-started' }>;
type RunEnded = Extract<BlackstartEvent, { readonly kind: 'run-ended' }>;

/** Bytes of the log, from and to. */
export type Span = readonly [from: number, to: number];

/** One case of a cell: the last run of it, where there were several. */
export interface CellCase {
	readonly scenario: string;
	readonly title: string;
	/** Lines that are few: all but those of worlds. */
	readonly facts: BlackstartEvent[];
	/** Lines of each world, with the line that opens it. */
	readonly worlds: Span[];
}

/** What one cell left: which cases it has, and where in its log they lie. */
export interface CellLog {
	readonly path: string;
	/** As it was typed. */
	readonly name: string;
	readonly cell: Cell;
	readonly started: RunStarted;
	readonly ended: RunEnded | undefined;
	readonly registered: ReadonlyMap<string, readonly string[]>;
	/** By `scenario/title`, in the order of the log. */
	readonly cases: ReadonlyMap<string, CellCase>;
	readonly skipped: ReadonlyMap<string, Extract<BlackstartEvent, { readonly kind: 'scenario-skipped' }>>;
	readonly warnings: readonly string[];
}

/** Kinds that a case ends with, after its last world. */
const SUMMARY: ReadonlySet<string> = new Set([
	'invariant-judged',
	'fault-coverage',
	'run-case-timing',
	'run-console',
	'scenario-ended',
	'scenario-evidence',
	'run-case',
]);

const KIND = /^\{"kind":"([\w-]+)"/;

/** Throws a UsageError for a folder that is no cell's. */
export const readCellLog = (folder: string, name: string): CellLog => {
	const path = join(folder, 'events.jsonl');
	let started: RunStarted | undefined;
	let ended: RunEnded | undefined;
	const registered = new Map<string, readonly string[]>();
	const cases = new Map<string, CellCase>();
	const skipped = new Map<string, Extract<BlackstartEvent, { readonly kind: 'scenario-skipped' }>>();
	const warnings: string[] = [];
	let current: CellCase | undefined;
	let world: number | undefined;
	let offset = 0;
	const closeWorld = (to: number): void => {
		if (world !== undefined) current?.worlds.push([world, to]);
		world = undefined;
	};
	for (const lines of readLines(path)) {
		for (const line of lines) {
			const from = offset;
			offset += Buffer.byteLength(line) + 1;
			const kind = KIND.exec(line)?.[1] ?? '';
			if (kind === 'world-opened') {
				closeWorld(from);
				world = from;
				continue;
			}
			if (world !== undefined && !SUMMARY.has(kind)) continue;
			const event = parseEvent(line);
			if (event.kind !== 'scenario-evidence' && event.kind !== 'run-case') closeWorld(from);
			if (event.kind === 'run-started') started = event;
			else if (event.kind === 'run-ended') ended = event;
			else if (event.kind === 'run-warning') warnings.push(event.message);
			else if (event.kind === 'scenario-registered') registered.set(event.scenario, event.titles);
			else if (event.kind === 'scenario-skipped') skipped.set(keyOf(event), event);
			else if (event.kind === 'scenario-started') {
				current = { scenario: event.scenario, title: event.title, facts: [event], worlds: [] };
				cases.set(keyOf(event), current);
			} else current?.facts.push(event);
		}
	}
	if (started === undefined) throw new UsageError(`${name}: a log that begins with run-started was expected`);
	return { path, name, cell: cellOf(started, name), started, ended, registered, cases, skipped, warnings };
};

export const keyOf = ({ scenario, title }: { readonly scenario: string; readonly title: string }): string => `${scenario}/${title}`;

const cellOf = ({ options }: RunStarted, name: string): Cell => {
	const [, text] = /(?:^|:)cell=(\d+\/\d+)(?::|$)/.exec(String(options['reduction'] ?? '')) ?? [];
	if (text === undefined) throw new UsageError(`${name}: a run of one cell was expected (blackstart run --shard), this one is of a whole fleet`);
	return parseCell(text);
};

const CHUNK_BYTES = 1024 * 1024;

/** The lines of a part of a log, some at a time. */
export function* readSpan(path: string, [from, to]: Span): Generator<readonly string[]> {
	const file = openSync(path, 'r');
	try {
		const splitter = new LineSplitter();
		const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
		for (let offset = from; offset < to; ) {
			const bytes = readSync(file, chunk, 0, Math.min(CHUNK_BYTES, to - offset), offset);
			if (bytes === 0) return;
			offset += bytes;
			yield splitter.push(chunk.subarray(0, bytes));
		}
	} finally {
		closeSync(file);
	}
}
