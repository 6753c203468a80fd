import type { Slot } from '../bootloader/index.js';
import type { UptimeRow } from '../events/index.js';
import type { World } from './world.js';

/** The least uptime with which an update is taken, and given back where it is not confirmed, if every boot is reset after so many flash operations. */
export const measureUptime = (world: World): readonly UptimeRow[] => {
	const { machine } = world;
	const boots = new CutBoots(world);
	let { state } = world.start();
	for (const action of ['erase', 'write-1', 'trial'] as const) {
		const { kind } = machine.run(state, { action, running: 'a' });
		if (kind !== 'done') return [];
		state = machine.intern();
	}
	const taken = boots.uncut(state);
	if (taken.image !== 1) return [];
	const rows: UptimeRow[] = [{ phase: 'update', ...leastUptime(boots, { from: state, image: 1 }) }];
	let given = taken.end;
	for (let trial = 1; trial < MOST_TRIALS; trial++) {
		const next = boots.uncut(given);
		if (next.image === 0) rows.push({ phase: 'return', ...leastUptime(boots, { from: given, image: 0 }) });
		if (next.image !== 1 || next.end === given) break;
		given = next.end;
	}
	return rows;
};

/** Boots that no bootloader gives an image on trial. */
const MOST_TRIALS = 8;

const leastUptime = (boots: CutBoots, what: { readonly from: number; readonly image: number }): Omit<UptimeRow, 'phase'> => {
	const operations = boots.uncut(what.from).states.length;
	let least: { readonly uptime: number; readonly boots: number } | null = null;
	for (let uptime = Math.max(1, operations); uptime >= 1; uptime--) {
		const count = bootsWith(boots, { ...what, uptime });
		if (count === null) break;
		least = { uptime, boots: count };
	}
	return { operations, leastUptime: least?.uptime ?? null, boots: least?.boots ?? 0 };
};

/** Boots until the image runs, each reset after so many operations, where it has more; null: it comes round to where it was, or another image runs. */
const bootsWith = (boots: CutBoots, what: { readonly from: number; readonly image: number; readonly uptime: number }): number | null => {
	const seen = new Set<number>();
	for (let state = what.from; !seen.has(state); ) {
		seen.add(state);
		const boot = boots.uncut(state);
		if (boot.states.length <= what.uptime) return boot.image === what.image ? seen.size : null;
		state = boot.states[what.uptime - 1] as number;
	}
	return null;
};

/** A boot that nothing cuts: the state after each operation, and the image that runs in the end, -1: none. */
interface UncutBoot {
	readonly states: readonly number[];
	readonly end: number;
	readonly image: number;
}

class CutBoots {
	readonly #world: World;
	readonly #known = new Map<number, UncutBoot>();

	constructor(world: World) {
		this.#world = world;
	}

	uncut(state: number): UncutBoot {
		let boot = this.#known.get(state);
		if (boot === undefined) {
			boot = this.#run(state);
			this.#known.set(state, boot);
		}
		return boot;
	}

	#run(state: number): UncutBoot {
		const { machine } = this.#world;
		const states: number[] = [];
		machine.flash.watcher = { after: () => states.push(machine.intern()) };
		const outcome = machine.run(state, { action: 'boot', running: 'a' });
		machine.flash.unwatch();
		const end = machine.intern();
		const slot: Slot | null = outcome.kind === 'runs' ? outcome.slot : null;
		return { states, end, image: slot === null ? -1 : machine.imageIn(slot) };
	}
}
