import type { BlackstartEvent } from '../../harness/events/index.js';
import type { SweepData } from './run-data.js';

type SweepEvent = Extract<BlackstartEvent, { readonly kind: `sweep-${string}` }>;
type Profiled = Extract<SweepEvent, { readonly kind: 'sweep-profiled' }>;

export const isSweepEvent = (event: BlackstartEvent): event is SweepEvent => event.kind === 'sweep-profiled' || event.kind === 'sweep-cut';

interface Sweep {
	readonly profile: Profiled | undefined;
	readonly cuts: Extract<SweepEvent, { readonly kind: 'sweep-cut' }>[];
}

/** Power-cut sweeps, each over its profile of a good update on one board, which is that of all boards that share its cuts. */
export class SweepFold {
	readonly #sweeps: Sweep[] = [];

	observe(event: SweepEvent): void {
		if (event.kind === 'sweep-profiled') this.#sweeps.push({ profile: event, cuts: [] });
		else this.#current().cuts.push(event);
	}

	finish(): readonly SweepData[] {
		return this.#sweeps.map(({ profile, cuts }) => {
			const { phases = [], durationMs = 0, path = '' } = profile ?? {};
			const placed = cuts.map(({ index, outcome, observed, commanded }) => {
				const place = observed ?? commanded;
				const from = phases.find(({ name }) => name === place.phase)?.fromMs ?? 0;
				return { atMs: from + place.offsetMs, outcome, index };
			});
			const boards = [...new Set([...(profile ? [profile.board] : []), ...cuts.map(({ board }) => board).sort()])];
			return { boards, path, durationMs, phases, cuts: placed, gap: largestGap([0, ...placed.map(({ atMs }) => atMs), durationMs]) };
		});
	}

	/** A log that lacks its beginning has cuts without a profile. */
	#current(): Sweep {
		const last = this.#sweeps.at(-1);
		if (last) return last;
		const without: Sweep = { profile: undefined, cuts: [] };
		this.#sweeps.push(without);
		return without;
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
