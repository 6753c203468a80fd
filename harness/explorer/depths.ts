import type { DepthCount } from '../events/index.js';
import type { NodeTable } from './node-table.js';

/** How many states and situations are that many power losses away at least, from none on. */
export const countDepths = (nodes: NodeTable): readonly DepthCount[] => {
	const least = new Map<number, number>();
	const situations: number[] = [];
	for (let index = 0; index < nodes.size; index++) {
		const { state } = nodes.node(index);
		const cuts = nodes.cuts(index);
		situations[cuts] = (situations[cuts] ?? 0) + 1;
		least.set(state, Math.min(cuts, least.get(state) ?? cuts));
	}
	const states: number[] = [];
	for (const cuts of least.values()) states[cuts] = (states[cuts] ?? 0) + 1;
	return Array.from(situations, (count = 0, cuts) => ({ cuts, states: states[cuts] ?? 0, situations: count }));
};
