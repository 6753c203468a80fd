import type { Release } from '../firmware/index.js';
import type { InventoryEntry } from './campaign-service.js';

export interface LeftOut {
	readonly device: string;
	readonly reason: string;
}

/** Parts the devices that a release has an image for, by what they last reported of themselves, from those it must not go to. */
export const selectCompatible = (
	release: Release,
	options: { readonly devices: readonly string[]; readonly inventory: readonly InventoryEntry[] },
): { readonly compatible: readonly InventoryEntry[]; readonly leftOut: readonly LeftOut[] } => {
	const hardware = new Set(release.images.map((image) => image.hardware));
	const known = new Map(options.inventory.map((entry) => [entry.device, entry]));
	const compatible: InventoryEntry[] = [];
	const leftOut: LeftOut[] = [];
	const seen = new Set<string>();
	for (const device of options.devices) {
		if (seen.has(device)) throw new RangeError(`devices: every device once was expected, got ${device} again`);
		seen.add(device);
		const entry = known.get(device);
		if (entry === undefined) leftOut.push({ device, reason: 'it never reported itself' });
		else if (!hardware.has(entry.hardware)) leftOut.push({ device, reason: `no image for hardware ${entry.hardware}` });
		else compatible.push(entry);
	}
	return { compatible, leftOut };
};
