import type { BlackstartEvent, CutMapRow, SessionMapRow } from '../../harness/events/index.js';
import type { CutMap, WalkData } from './run-data.js';

type ExplorerEvent = Extract<BlackstartEvent, { readonly kind: `explorer-${string}` }>;

/** What one walk through a bootloader's states left for its charts. */
export class WalkFold {
	#data: WalkData = { depths: [], uptime: [] };
	#told = false;

	observe(event: ExplorerEvent): void {
		this.#told = true;
		if (event.kind === 'explorer-depths') this.#data = { ...this.#data, depths: event.depths };
		else if (event.kind === 'explorer-uptime') this.#data = { ...this.#data, uptime: event.rows };
		else if (event.kind === 'explorer-cut-map') this.#data = { ...this.#data, cuts: mapOf(event.rows) };
		else this.#data = { ...this.#data, ...mapsOfSession(event.rows) };
	}

	finish(): WalkData | undefined {
		return this.#told ? this.#data : undefined;
	}
}

export const isExplorerEvent = (event: BlackstartEvent): event is ExplorerEvent => event.kind.startsWith('explorer-');

/** The worst first; what runs an image runs some image. */
const WORST: readonly string[] = ['none', 'mix', 'endless', 'trap'];

const mapOf = (rows: readonly CutMapRow[]): CutMap => {
	const columns: string[] = [];
	const tears: string[] = [];
	const tornInColumn = new Set<string>();
	const cells = rows.map(({ phase, step, operation, operationKind, tear, outcomes }) => {
		// Rows of one operation follow each other; what comes to the same words again is another boot.
		const column = `${phase}, ${step}, ${operationKind} ${operation}`;
		if (columns.at(-1) !== column || tornInColumn.has(tear)) {
			columns.push(column);
			tornInColumn.clear();
		}
		tornInColumn.add(tear);
		const ended = Object.entries(outcomes);
		const worst = WORST.find((outcome) => outcome in outcomes) ?? (ended.length > 1 ? 'either image' : (ended[0]?.[0] ?? 'unknown'));
		const count = ended.reduce((sum, [, times]) => sum + (times ?? 0), 0);
		return { tear: placeIn(tears, tear), operation: columns.length - 1, outcome: worst, count, device: '' };
	});
	return { tears, operations: columns.length, columns, cells };
};

/** Both kinds of place, each with a map of its own. */
const mapsOfSession = (rows: readonly SessionMapRow[]): Pick<WalkData, 'cuts' | 'messages'> => {
	const mapAt = (at: SessionMapRow['at']): CutMap => {
		const tears: string[] = [];
		const columns: string[] = [];
		const cells = rows
			.filter((row) => row.at === at)
			.map(({ place, tear, state, form, outcomes }) => {
				columns[place] ??= `${state}, ${at} ${place}${at === 'operation' ? `, ${form}` : ''}`;
				const ended = Object.entries(outcomes);
				const outcome = SESSION_WORST.find((each) => each in outcomes) ?? 'unknown';
				const count = ended.reduce((sum, [, times]) => sum + (times ?? 0), 0);
				return { tear: placeIn(tears, at === 'message' ? at : tear), operation: place, outcome, count, device: '' };
			});
		return { tears, operations: columns.length, columns: Array.from(columns, (column = '') => column), cells };
	};
	const [cuts, messages] = [mapAt('operation'), mapAt('message')];
	return { ...(cuts.cells.length > 0 ? { cuts } : {}), ...(messages.cells.length > 0 ? { messages } : {}) };
};

const SESSION_WORST: readonly string[] = ['bricked', 'stuck', 'broken', 'unchanged', 'refused', 'reverted', 'updated'];

const placeIn = (list: string[], word: string): number => {
	const at = list.at(-1) === word ? list.length - 1 : list.indexOf(word);
	return at >= 0 ? at : list.push(word) - 1;
};
