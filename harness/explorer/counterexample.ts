import type { Slot } from '../bootloader/index.js';
import { PowerLoss } from '../flash/index.js';
import type { CaseStep } from './case-steps.js';
import type { Finding } from './finding.js';
import type { Action } from './machine.js';
import type { Node } from './node-table.js';
import { stepOf } from './steps.js';
import { type Tear, type TearLevel, tearsOf } from './tear-ladder.js';
import type { Walk } from './walk.js';
import type { Operation } from './flash-watchers.js';

/** The way to a finding, from the factory on: the walk keeps only where it came from, so that each step is done again to learn where power went. */
export const traceFinding = (walk: Walk, finding: Finding, ladder: { readonly level: TearLevel; readonly seeds: number }): readonly CaseStep[] => {
	const path: Node[] = [];
	for (let index = finding.node; index >= 0; ) {
		const node = walk.nodes.node(index);
		path.unshift(node);
		index = node.parent;
	}
	const steps = path.slice(1).map((node, index) => traceStep(walk, { from: path[index] as Node, to: node, ladder }));
	const last = path.at(-1) as Node;
	return [...steps, { step: finding.step, readSeed: finding.step === 'boot' ? readSeedOf(walk, { node: last, finding }) : 0 }];
};

const traceStep = (
	walk: Walk,
	edge: { readonly from: Node; readonly to: Node; readonly ladder: { readonly level: TearLevel; readonly seeds: number } },
): CaseStep => {
	const { from, to, ladder } = edge;
	const step = stepOf(to.step);
	if (step === 'reset') return { step, readSeed: 0 };
	for (const readSeed of [0, 1, 2]) {
		if (!to.isCut) {
			const { machine } = walk.world;
			machine.run(from.state, { action: step, running: slotOf(from), readSeed });
			if (machine.intern() === to.state) return { step, readSeed };
			continue;
		}
		const cut = locateCut(walk, { from, to, step, readSeed, ladder });
		if (cut !== null) return { step, cut, readSeed };
	}
	throw new Error(`trace: step ${step} was expected to lead to state ${to.state} again, it does not`);
};

/** The first operation and the mildest tear that leave the state. */
const locateCut = (
	walk: Walk,
	edge: {
		readonly from: Node;
		readonly to: Node;
		readonly step: Action;
		readonly readSeed: number;
		readonly ladder: { readonly level: TearLevel; readonly seeds: number };
	},
): (Tear & { readonly operation: number }) | null => {
	const { machine } = walk.world;
	const { flash, torn } = machine;
	let operation = 0;
	let found: (Tear & { readonly operation: number }) | null = null;
	const check = (tear: Tear): void => {
		if (found !== null || machine.intern() !== edge.to.state) return;
		found = { ...tear, operation };
	};
	flash.watcher = {
		before: (next: Operation) => {
			const saved = flash.save(next);
			for (const tear of tearsOf(next.kind, edge.ladder)) {
				torn.apply(next, tear);
				check(tear);
				flash.contents.restore(saved);
			}
		},
		after: () => {
			check({ tear: 'after', seed: 0 });
			operation++;
			if (found !== null) throw new PowerLoss(operation, 'found');
		},
	};
	try {
		machine.run(edge.from.state, { action: edge.step, running: slotOf(edge.from), readSeed: edge.readSeed });
	} catch (error) {
		if (!(error instanceof PowerLoss)) throw error;
	} finally {
		flash.unwatch();
	}
	return found;
};

const slotOf = ({ place }: Node): Slot => (place === 'b' ? 'b' : 'a');

const readSeedOf = (walk: Walk, { node, finding }: { readonly node: Node; readonly finding: Finding }): number =>
	walk.world.movesFrom(node).find(({ breaks }) => breaks.some((each) => each.class === finding.class))?.readSeed ?? 0;
