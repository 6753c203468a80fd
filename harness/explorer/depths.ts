import type { DepthCount } from '../events/index.js';
import type { NodeTable } from './node-table.js';
import { grown } from './grown.js';

/** How many states and situations are that many power losses away at least, from none on. */
export const countDepths = (nodes: NodeTable): readonly DepthCount[] => {
	/** By state: one more than its power losses; 0: nobody came there. */
	let least = new Int32Array(1 << 10);
	const situations: number[] = [];
	for (let index = 0; index < nodes.size; index++) {
		const { state } = nodes.node(index);
		const cuts = nodes.cuts(index);
		situations[cuts] = (situations[cuts] ?? 0) + 1;
		while (state >= least.length) least = grown(least);
		const known = least[state] as number;
		if (known === 0 || cuts + 1 < known) least[state] = cuts + 1;
	}
	const states: number[] = [];
	for (const cuts of least) if (cuts > 0) states[cuts - 1] = (states[cuts - 1] ?? 0) + 1;
	return Array.from(situations, (count = 0, cuts) => ({ cuts, states: states[cuts] ?? 0, situations: count }));
};
