import type { BlackstartEvent, CutMapRow } from '../../harness/events/index.js';
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
	const cells = rows.map(({ phase, step, operation, operationKind, tear, outcomes }) => {
		const column = placeIn(columns, `${phase}, ${step}, ${operationKind} ${operation}`);
		const ended = Object.entries(outcomes);
		const worst = WORST.find((outcome) => outcome in outcomes) ?? (ended.length > 1 ? 'either image' : (ended[0]?.[0] ?? 'unknown'));
		const count = ended.reduce((sum, [, times]) => sum + (times ?? 0), 0);
		return { tear: placeIn(tears, tear), operation: column, outcome: worst, count, device: '' };
	});
	return { tears, operations: columns.length, columns, cells };
};

const placeIn = (list: string[], word: string): number => {
	const at = list.at(-1) === word ? list.length - 1 : list.indexOf(word);
	return at >= 0 ? at : list.push(word) - 1;
};
