import type { BlackstartEvent } from '../../harness/events/index.js';
import type { SweepData } from './run-data.js';

type SweepEvent = Extract<BlackstartEvent, { readonly kind: `sweep-${string}` }>;
type Profiled = Extract<SweepEvent, { readonly kind: 'sweep-profiled' }>;

export const isSweepEvent = (event: BlackstartEvent): event is SweepEvent => event.kind === 'sweep-profiled' || event.kind === 'sweep-cut';

/** Power-cut sweeps of boards: each over its profile of a good update. */
export class SweepFold {
	readonly #boards = new Map<string, { profile: Profiled | undefined; readonly cuts: Extract<SweepEvent, { readonly kind: 'sweep-cut' }>[] }>();

	observe(event: SweepEvent): void {
		const board = this.#boards.get(event.board) ?? { profile: undefined, cuts: [] };
		this.#boards.set(event.board, board);
		if (event.kind === 'sweep-profiled') board.profile = event;
		else board.cuts.push(event);
	}

	finish(): readonly SweepData[] {
		return [...this.#boards].map(([board, { profile, cuts }]) => {
			const { phases = [], durationMs = 0, path = '' } = profile ?? {};
			const placed = cuts.map(({ index, outcome, observed, commanded }) => {
				const place = observed ?? commanded;
				const from = phases.find(({ name }) => name === place.phase)?.fromMs ?? 0;
				return { atMs: from + place.offsetMs, outcome, index };
			});
			return { board, path, durationMs, phases, cuts: placed, gap: largestGap([0, ...placed.map(({ atMs }) => atMs), durationMs]) };
		});
	}
}

const largestGap = (instants: readonly number[]): SweepData['gap'] => {
	const sorted = [...instants].sort((one, other) => one - other);
	let gap = { fromMs: 0, toMs: 0 };
	for (const [index, toMs] of sorted.entries()) {
		const fromMs = sorted[index - 1] ?? toMs;
		if (toMs - fromMs > gap.toMs - gap.fromMs) gap = { fromMs, toMs };
	}
	return gap;
};
