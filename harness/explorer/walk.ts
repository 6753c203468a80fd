import type { Slot } from '../bootloader/index.js';
import { BitSets } from './bit-sets.js';
import { type CrewLink, RunCrew } from './crew/index.js';
import { EMPTY } from './cut-lists.js';
import type { Break, Finding } from './finding.js';
import { INVARIANT_OF } from './finding-class.js';
import type { Step } from './machine.js';
import { howOf, NodeTable, whatOf } from './node-table.js';
import { stepNumber } from './steps.js';
import type { Subject } from './subject.js';
import { World, type WorldOptions } from './world.js';

export interface WalkOptions extends WorldOptions {
	readonly limits: WalkLimits;
	/** Gets others to carry out runs, once there is enough for them to do; absent: nobody helps. */
	readonly callHelpers?: () => { readonly links: readonly CrewLink[]; readonly claims: Int32Array };
}

export interface WalkLimits {
	readonly states?: number;
	/** Power losses one after the other. */
	readonly depth?: number;
}

export const WALK_DEFAULTS = { tears: 'L0', seeds: 2, cycles: 'unlimited', limits: {} } as const satisfies WalkOptions;

export interface WalkProgress {
	readonly states: number;
	readonly cuts: number;
	/** Nodes that are known and not yet visited. */
	readonly frontier: number;
	/** Power losses on the way to the nodes visited now. */
	readonly depth: number;
}

/** `closed`: the frontier is empty. Otherwise the limit that ended the walk; `stopped`: whoever watched it did. */
export type WalkEnd = 'closed' | 'states' | 'depth' | 'stopped';

export interface WalkResult extends WalkProgress {
	readonly end: WalkEnd;
	/** Breaks of an invariant, the first of each class and known limit. */
	readonly findings: readonly Finding[];
	readonly nodes: number;
	readonly pages: number;
	/** What the walk holds, in bytes: pages, states, nodes and what it remembers. */
	readonly sizeBytes: number;
	/** Boots in a row that the slowest recovery took, power being stable. */
	readonly mostBoots: number;
}

const PAUSE_EVERY = 64;

const BOOT = stepNumber('boot');

/** Nodes of a level from which on help is worth its beginning. */
const LEAST_SHARED = 2_000;

/**
 * Visits every state that a device can be in, whatever power does at whatever flash operation and whatever its
 * application does meanwhile. Breadth first by power losses: the first break of each class is one with the fewest.
 */
export class Walk {
	readonly world: World;
	readonly nodes = new NodeTable();
	readonly #options: WalkOptions;
	/** For each belief the lists of cuts that were followed with it, and the states that it was held of without power. */
	readonly #followed = new BitSets();
	readonly #off = new BitSets();
	readonly #findings = new Map<string, { readonly finding: Finding; seen: number }>();
	/** Nodes as many cuts away as those visited now, and where the visits have come to. */
	#level: number[] = [];
	#at = 0;
	#next: number[] = [];
	#depth = 0;
	#crew: RunCrew | null = null;
	/** The nodes of this level are told to whoever helps. */
	#isShared = false;

	constructor(subject: Subject, options: WalkOptions) {
		this.world = new World(subject, options);
		this.#options = options;
	}

	/** Runs that others have carried out. */
	get sharedRuns(): number {
		return this.#crew?.taken ?? 0;
	}

	/** To the end, or to a limit, without a pause. */
	run(): WalkResult {
		const steps = this.steps();
		for (;;) {
			const { done, value } = steps.next();
			if (done === true) return value;
		}
	}

	/** The same, with a pause every so often; whoever ends it early asks for the `result` so far. */
	*steps(): Generator<WalkProgress, WalkResult, undefined> {
		const { state, belief, place } = this.world.start();
		this.#reach(state, whatOf(belief, place), 0, howOf(stepNumber('reset'), false), -1);
		return this.result(yield* this.#visitAll());
	}

	/** What was found, the walk having come to an `end`. */
	result(end: WalkEnd): WalkResult {
		// Whatever is asked of the world from now on it does itself.
		this.world.runs.source = null;
		return {
			...this.#progress(),
			end,
			findings: [...this.#findings.values()].map(({ finding, seen }) => ({ ...finding, seen })),
			nodes: this.nodes.size,
			pages: this.world.machine.flash.contents.store.pageCount,
			sizeBytes: this.#sizeBytes(),
			mostBoots: this.world.mostBoots,
		};
	}

	*#visitAll(): Generator<WalkProgress, WalkEnd, undefined> {
		const { limits } = this.#options;
		for (;;) {
			this.#share();
			for (; this.#at < this.#level.length; this.#at++) {
				const node = this.#level[this.#at] as number;
				if (this.nodes.isVisited(node) || this.nodes.cuts(node) < this.#depth) continue;
				if (limits.states !== undefined && this.world.machine.stateCount >= limits.states) return 'states';
				if (this.#at % PAUSE_EVERY === 0) yield this.#progress();
				this.nodes.markVisited(node);
				this.#visit(node);
			}
			if (this.#next.length === 0) return 'closed';
			if (this.#depth === limits.depth) return 'depth';
			this.#depth++;
			this.#level = this.#next;
			this.#next = [];
			this.#at = 0;
		}
	}

	#progress(): WalkProgress {
		const frontier = this.#level.length - this.#at + this.#next.length;
		return { states: this.world.machine.stateCount, cuts: this.world.runs.cuts, frontier, depth: this.#depth };
	}

	#sizeBytes(): number {
		const { facts, judge, machine, runs } = this.world;
		const marks = this.#followed.sizeBytes + this.#off.sizeBytes + facts.sizeBytes + judge.sizeBytes;
		return machine.sizeBytes + marks + this.nodes.sizeBytes + runs.sizeBytes;
	}

	#visit(index: number): void {
		const { nodes, world } = this;
		const state = nodes.state(index);
		const place = nodes.place(index);
		if (place !== 'off') this.#visitLive(index, place);
		else if (world.isWeak(state)) this.#visitWeak(index);
		else this.#boot(index, world.runs.boot(state));
	}

	#visitWeak(index: number): void {
		for (const readSeed of [1, 2]) this.#boot(index, this.world.runs.number(this.nodes.state(index), { action: 'boot', running: 'a', readSeed }));
	}

	#boot(index: number, run: number): void {
		const { beliefs, judge, runs } = this.world;
		const belief = this.nodes.belief(index);
		const how = howOf(BOOT, true);
		this.#follow(runs.early(run), beliefs.afterCutBoot(belief, false), index, how);
		this.#follow(runs.late(run), beliefs.afterCutBoot(belief, true), index, how);
		const { breaks, belief: next, place } = judge.boot(belief, { state: this.nodes.state(index), run });
		for (const broken of breaks) this.#note(index, { broken, step: 'boot' });
		if (next >= 0) this.#reach(runs.end(run, this.nodes.state(index)), whatOf(next, place), this.nodes.cuts(index), howOf(BOOT, false), index);
	}

	#visitLive(index: number, slot: Slot): void {
		const { nodes, world } = this;
		const { judge, runs } = world;
		const state = nodes.state(index);
		const belief = nodes.belief(index);
		const cuts = nodes.cuts(index);
		for (const intention of world.intentions(state, { belief, slot })) {
			const { action, during, mayRefuse } = intention;
			if (action === null) {
				this.#reach(state, whatOf(belief, 'off'), cuts, howOf(stepNumber('reset'), false), index);
				continue;
			}
			const run = runs.number(state, { action, running: slot, readSeed: 0 });
			const step = stepNumber(action);
			this.#follow(runs.early(run), during, index, howOf(step, true));
			this.#follow(runs.late(run), during, index, howOf(step, true));
			for (const broken of judge.action({ action, run, mayRefuse })) this.#note(index, { broken, step: action });
			const end = runs.end(run, state);
			const after = world.beliefAfter(intention, { state, belief, run });
			if (end !== state || after !== belief) this.#reach(end, whatOf(after, slot), cuts, howOf(step, false), index);
		}
	}

	/** What was followed once with a belief was so with no more cuts, and has nothing new to its end. */
	#follow(list: number, belief: number, parent: number, how: number): void {
		const { lists } = this.world.runs;
		const cuts = this.nodes.cuts(parent) + 1;
		const what = whatOf(belief, 'off');
		for (let cell = list; cell !== EMPTY && this.#followed.add(belief, cell); cell = lists.after(cell)) {
			const end = lists.end(cell);
			for (let at = lists.begin(cell); at < end; at++) {
				const state = lists.left(at);
				if (!this.#off.has(belief, state)) this.#reach(state, what, cuts, how, parent);
			}
		}
	}

	#reach(state: number, what: number, cuts: number, how: number, parent: number): void {
		if ((what & 3) === 0) this.#off.add(what >> 2, state);
		const index = this.nodes.reach(state, what, cuts, how, parent);
		if (index < 0) return;
		if (cuts !== this.#depth) {
			this.#next.push(index);
			return;
		}
		this.#level.push(index);
		if (this.#isShared) this.#tell(index);
	}

	/** Tells whoever helps what this level needs, where that is enough to be worth it. */
	#share(): void {
		this.#isShared = false;
		const { callHelpers } = this.#options;
		if (callHelpers === undefined || this.#level.length < LEAST_SHARED) return;
		if (this.#crew === null) {
			this.#crew = new RunCrew({ ...callHelpers(), machine: this.world.machine, runs: this.world.runs });
			this.world.runs.source = this.#crew;
		}
		this.#isShared = true;
		for (const index of this.#level) this.#tell(index);
	}

	/** The runs that a visit will need, in its order. */
	#tell(index: number): void {
		const { nodes, world } = this;
		if (this.#crew === null || nodes.isVisited(index) || nodes.cuts(index) < this.#depth) return;
		const state = nodes.state(index);
		const place = nodes.place(index);
		if (place === 'off') {
			if (!world.isWeak(state) && !world.runs.has(state, { action: 'boot', running: 'a', readSeed: 0 })) this.#crew.ask(state, BOOT, 'a');
			return;
		}
		for (const { action } of world.intentions(state, { belief: nodes.belief(index), slot: place })) {
			if (action !== null && !world.runs.has(state, { action, running: place, readSeed: 0 })) this.#crew.ask(state, stepNumber(action), place);
		}
	}

	*#wayTo(index: number): Generator<number> {
		for (let at = index; at >= 0; ) {
			const { state, parent } = this.nodes.node(at);
			yield state;
			at = parent;
		}
	}

	#note(node: number, { broken, step }: { readonly broken: Break; readonly step: Step }): void {
		const standing = this.nodes.node(node);
		const { cuts } = standing;
		const limit = this.world.limitOf(broken, { standing, cuts, way: () => this.#wayTo(node) });
		const key = limit?.name ?? broken.class;
		const known = this.#findings.get(key);
		if (known !== undefined) {
			known.seen++;
			return;
		}
		const finding: Finding = {
			...broken,
			invariant: INVARIANT_OF[broken.class],
			cuts,
			node,
			step,
			seen: 1,
			...(limit === undefined ? {} : { limit }),
		};
		this.#findings.set(key, { finding, seen: 1 });
	}
}
