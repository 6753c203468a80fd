import type { Dependency } from '../plan/index.js';
import type { Baseline } from './inventory-check.js';

/** Which devices need which others, by the groups of the plan. */
export interface Dependencies {
	/** Sets of devices that must be updated before this one; each set is the same object for all that need it. */
	firstsOf(device: string): readonly DeviceSet[];
	/** The devices that go with this one or not at all, itself among them; undefined for one that goes alone. */
	unitOf(device: string): DeviceSet | undefined;
	/** Devices of `going` that must not go after all, because what they need neither goes nor is there. */
	unmetBy(going: ReadonlySet<string>, options: { readonly updatedBefore: ReadonlySet<string> }): ReadonlyMap<string, Unmet>;
}

export interface DeviceSet {
	/** Such as `gateways in plant-a`. */
	readonly name: string;
	readonly devices: readonly string[];
	/** Share of them that must be updated, 0-1. */
	readonly needs: number;
}

export interface Unmet {
	/** The device that is missing. */
	readonly needs: string;
	readonly text: string;
}

/** Devices of hardware that the release has no image for need no update, and so nobody waits for them: leave them out of `baselines`. */
export const createDependencies = (dependencies: readonly Dependency[], baselines: readonly Baseline[]): Dependencies => {
	const sets = new Map<string, { readonly name: string; readonly devices: string[]; readonly needs: number }>();
	const setOf = (key: string, { name, needs }: { readonly name: string; readonly needs: number }) => {
		const known = sets.get(key) ?? { name, devices: [], needs };
		sets.set(key, known);
		return known;
	};
	const placeOf = ({ segment }: Baseline, per: Dependency['per']): string =>
		per === 'fleet' ? EVERYWHERE : segment === undefined ? NOWHERE : ` in ${segment}`;
	const firsts = new Map<string, DeviceSet[]>();
	const units = new Map<string, DeviceSet>();
	for (const baseline of baselines) {
		for (const [index, { first, then, together, per, needs }] of dependencies.entries()) {
			const place = placeOf(baseline, per);
			if (first !== undefined && first === baseline.group)
				for (const known of new Set([place, EVERYWHERE])) setOf(`${index}${known}`, { name: `${first}${known}`, needs }).devices.push(baseline.device);
			if (then !== undefined && then === baseline.group) {
				// One whose segment nobody knows may be served by any, and serve any.
				const wanted = place === NOWHERE ? [EVERYWHERE] : [...new Set([place, per === 'fleet' ? EVERYWHERE : NOWHERE])];
				firsts.set(baseline.device, [
					...(firsts.get(baseline.device) ?? []),
					...wanted.map((where) => setOf(`${index}${where}`, { name: `${first}${where}`, needs })),
				]);
			}
			if (together?.includes(baseline.group)) {
				const unit = setOf(`${index}${place}`, { name: `${together.join(' and ')}${place}`, needs: 1 });
				unit.devices.push(baseline.device);
				units.set(baseline.device, unit);
			}
		}
	}
	const firstsOf = (device: string): readonly DeviceSet[] => firsts.get(device) ?? [];
	const unitOf = (device: string): DeviceSet | undefined => units.get(device);
	return { firstsOf, unitOf, unmetBy: (going, options) => findUnmet(going, { ...options, firstsOf, unitOf }) };
};

/** Whether so many of a set are lost that what needs it cannot go. */
export const isTooMany = (lost: number, { devices, needs }: DeviceSet): boolean => lost > 0 && (devices.length - lost) / devices.length < needs;

const EVERYWHERE = '';
const NOWHERE = ' in no known segment';

const findUnmet = (
	going: ReadonlySet<string>,
	{ updatedBefore, firstsOf, unitOf }: { readonly updatedBefore: ReadonlySet<string> } & Pick<Dependencies, 'firstsOf' | 'unitOf'>,
): ReadonlyMap<string, Unmet> => {
	const unmet = new Map<string, Unmet>();
	const left = new Set(going);
	for (let again = true; again; ) {
		again = false;
		// Sets are shared by many devices: each is looked at once a round.
		const missing = new Map<DeviceSet, string | undefined>();
		const missingOf = (set: DeviceSet): string | undefined => {
			if (!missing.has(set)) {
				const absent = set.devices.filter((device) => !left.has(device) && !updatedBefore.has(device));
				missing.set(set, isTooMany(absent.length, set) ? absent[0] : undefined);
			}
			return missing.get(set);
		};
		for (const device of going) {
			if (!left.has(device)) continue;
			const unit = unitOf(device);
			const partner = unit === undefined ? undefined : missingOf(unit);
			const first = firstsOf(device)
				.map((set) => ({ set, device: missingOf(set) }))
				.find((one) => one.device !== undefined);
			const needs = partner ?? first?.device;
			if (needs === undefined) continue;
			const text =
				partner === undefined
					? `it needs ${first?.set.name} first, and ${needs} does not go`
					: `${unit?.name} go together or not at all, and ${needs} does not`;
			unmet.set(device, { needs, text });
			left.delete(device);
			again = true;
		}
	}
	return unmet;
};
