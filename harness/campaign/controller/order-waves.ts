import type { Random } from '../../time/index.js';
import { planWaves } from '../plan-waves.js';
import { CRITICALITIES, type CampaignPlan } from '../plan/index.js';
import type { Dependencies } from './dependencies.js';
import type { Baseline } from './inventory-check.js';

/**
 * Draws which devices go in which wave: the least critical first, and among equals one of each hardware revision before any
 * second, so that a release that is bad on one revision shows in the pilot. What a device needs goes before it, in an earlier
 * wave or the same; devices that go together are never parted, which may make a wave larger than planned. The same draw for
 * the same devices, in whatever order they come.
 */
export const orderWaves = (
	devices: readonly Baseline[],
	{ plan, dependencies, random }: { readonly plan: CampaignPlan; readonly dependencies: Dependencies; readonly random: Random },
): readonly (readonly string[])[] => {
	const order = needsFirst(
		rank(devices, { plan, random }).map(({ device }) => device),
		dependencies,
	);
	const sizes = planWaves({ pilot: plan.pilot, waves: plan.waves, maxFailureRatio: plan.gates.failures, waveTimeoutMs: plan.deviceTimeout }, order.length);
	const waves: (readonly string[])[] = [];
	let from = 0;
	for (const size of sizes) {
		let to = Math.min(order.length, from + size);
		while (to > from && to < order.length && areTogether(order[to - 1], order[to], dependencies)) to++;
		if (to > from) waves.push(order.slice(from, to));
		from = to;
	}
	return waves;
};

const areTogether = (one: string | undefined, other: string | undefined, dependencies: Dependencies): boolean => {
	const unit = one === undefined ? undefined : dependencies.unitOf(one);
	return unit !== undefined && other !== undefined && dependencies.unitOf(other) === unit;
};

const rank = (devices: readonly Baseline[], { plan, random }: { readonly plan: CampaignPlan; readonly random: Random }): readonly Baseline[] => {
	const drawn = shuffle(
		[...devices].sort((left, right) => (left.device < right.device ? -1 : 1)),
		random,
	);
	const classes = plan.order === 'any' ? [drawn] : CRITICALITIES.map((criticality) => drawn.filter((device) => device.criticality === criticality));
	return classes.flatMap(oneOfEachFirst);
};

const oneOfEachFirst = (devices: readonly Baseline[]): readonly Baseline[] => {
	const seen = new Set<string>();
	const firsts = devices.filter(({ hardware }) => !seen.has(hardware) && seen.add(hardware) !== undefined);
	const isFirst = new Set(firsts);
	return [...firsts, ...devices.filter((device) => !isFirst.has(device))];
};

/** The same order, but for what a device needs, which comes before it, and its unit, which comes with it. */
const needsFirst = (order: readonly string[], dependencies: Dependencies): readonly string[] => {
	const going = new Set(order);
	const placed = new Set<string>();
	const done = new Set<object>();
	const result: string[] = [];
	const place = (device: string): void => {
		if (placed.has(device) || !going.has(device)) return;
		const unit = dependencies.unitOf(device);
		const members = unit === undefined ? [device] : unit.devices.filter((member) => going.has(member) && !placed.has(member));
		for (const member of members) placed.add(member);
		for (const member of members) {
			for (const set of dependencies.firstsOf(member)) {
				if (done.has(set)) continue;
				done.add(set);
				for (const first of set.devices) place(first);
			}
		}
		result.push(...members);
	};
	for (const device of order) place(device);
	return result;
};

/** Fisher and Yates, in place. */
const shuffle = <Item>(items: Item[], random: Random): Item[] => {
	for (let last = items.length - 1; last > 0; last--) {
		const other = random.integer(last + 1);
		[items[last], items[other]] = [items[other] as Item, items[last] as Item];
	}
	return items;
};
