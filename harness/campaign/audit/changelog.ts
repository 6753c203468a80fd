import type { AuditEntry } from './entry.js';

/** Which versions the devices of one group came to, in one case of a scenario. */
export interface GroupChangelog {
	readonly scenario: string;
	readonly title: string;
	/** Of a campaign plan's inventory; devices that no plan speaks of are a group by their hardware alone. */
	readonly group?: string;
	readonly hardware: string;
	/** In the order in which the first device made each. */
	readonly changes: readonly VersionChange[];
	/** Devices by the version they were left with; the one with most first. */
	readonly versions: readonly { readonly version: string; readonly devices: number }[];
}

export interface VersionChange {
	/** `provisioned`: left the factory with it. `updated`: confirmed it. `gave-up`: tried it and went back. `refused`: never ran it. */
	readonly kind: 'provisioned' | 'updated' | 'gave-up' | 'refused';
	/** What devices ran before; absent for `provisioned`. */
	readonly from?: string;
	readonly to: string;
	/** Devices that made the change, each as often as it made it. */
	readonly devices: number;
	/** When the first and the last of them made it, virtual milliseconds. */
	readonly firstAt: number;
	readonly lastAt: number;
}

export type Changelog = readonly GroupChangelog[];

/** Reads the versions of each group of devices, over time, from the entries of a trail, which it goes through twice. */
export const readChangelog = (entries: Iterable<AuditEntry>): Changelog => {
	const groups = new Map<string, Group>();
	const nameOf = readGroupNames(entries);
	for (const entry of entries) {
		const { scenario, title, hardware, device } = entry;
		// What a controller says of a device is its belief.
		if (hardware === undefined || device === undefined || (entry.who !== 'device' && entry.who !== 'factory')) continue;
		const name = nameOf(entry);
		const key = JSON.stringify([scenario, title, name, hardware]);
		let group = groups.get(key);
		if (group === undefined) {
			group = new Group({ scenario, title, ...(name === undefined ? {} : { group: name }), hardware });
			groups.set(key, group);
		}
		group.follow(device, entry);
	}
	return [...groups.values()].map((group) => group.read());
};

/** The group that campaigns say a device is of, the last of them where they differ. */
const readGroupNames = (entries: Iterable<AuditEntry>): ((entry: AuditEntry) => string | undefined) => {
	const names = new Map<string, string>();
	const keyOf = ({ scenario, title, device }: AuditEntry): string => JSON.stringify([scenario, title, device]);
	for (const entry of entries) if (entry.group !== undefined) names.set(keyOf(entry), entry.group);
	return (entry) => names.get(keyOf(entry));
};

const UNKNOWN = 'unknown';

class Group {
	readonly #name: Pick<GroupChangelog, 'scenario' | 'title' | 'group' | 'hardware'>;
	/** What each device runs and has confirmed. */
	readonly #versions = new Map<string, string>();
	/** What each device tries. */
	readonly #trials = new Map<string, string>();
	readonly #changes = new Map<string, Mutable<VersionChange>>();

	constructor(name: Pick<GroupChangelog, 'scenario' | 'title' | 'group' | 'hardware'>) {
		this.#name = name;
	}

	follow(device: string, { what, at, version = UNKNOWN }: AuditEntry): void {
		const running = this.#versions.get(device);
		if (what === 'device-provisioned') {
			this.#versions.set(device, version);
			this.#count({ kind: 'provisioned', to: version }, at);
		} else if (what === 'trial-booted') this.#trials.set(device, version);
		else if (what === 'confirmed') {
			this.#trials.delete(device);
			this.#versions.set(device, version);
			if (running !== version) this.#count({ kind: 'updated', from: running ?? UNKNOWN, to: version }, at);
		} else if (what === 'reverted') {
			const tried = this.#trials.get(device);
			this.#trials.delete(device);
			if (tried !== undefined) this.#count({ kind: 'gave-up', from: running ?? UNKNOWN, to: tried }, at);
		} else if (what === 'refused') this.#count({ kind: 'refused', from: running ?? UNKNOWN, to: version }, at);
	}

	read(): GroupChangelog {
		const counts = new Map<string, number>();
		for (const version of this.#versions.values()) counts.set(version, (counts.get(version) ?? 0) + 1);
		const versions = [...counts].map(([version, devices]) => ({ version, devices })).sort((left, right) => right.devices - left.devices);
		return { ...this.#name, changes: [...this.#changes.values()], versions };
	}

	#count(change: Pick<VersionChange, 'kind' | 'from' | 'to'>, at: number): void {
		const key = JSON.stringify([change.kind, change.from, change.to]);
		const known = this.#changes.get(key);
		if (known === undefined) this.#changes.set(key, { ...change, devices: 1, firstAt: at, lastAt: at });
		else {
			known.devices++;
			known.lastAt = at;
		}
	}
}

type Mutable<Value> = { -readonly [Key in keyof Value]: Value[Key] };
