import type { BootloaderName } from '../../harness/bootloader/index.js';
import { Flash, type Geometry, PageStore } from '../../harness/flash/index.js';
import { createBootloader } from '../bootloader/index.js';
import type { Layout, Profile, Region } from './profile.js';

const PAGE_SIZE_BYTES = 1024;

/**
 * The hardware of a profile with another bootloader: the same slots, and behind them what that bootloader needs beside: a
 * scratch area of one sector, or a secondary slot of one sector more. Its name is the profile's and the bootloader's: `sensor/esp-otadata`.
 */
export const withBootloader = (profile: Profile, name: BootloaderName): Profile => {
	const flash = withSectorsMore(profile.flash, name === 'mcuboot-swap-offset' || name === 'mcuboot-swap-scratch' ? 1 : 0);
	const layout = layOutFor(profile, name);
	const variant = {
		...profile,
		name: `${profile.name}/${name}`,
		hardware: `${profile.hardware}-${name}`,
		flash,
		layout,
		bootloader: { ...profile.bootloader, name },
	};
	return { ...variant, largestImageBytes: largestImageBytes(variant) };
};

const withSectorsMore = (geometry: Geometry, count: number): Geometry => ({
	...geometry,
	sectors: geometry.sectors.map((run, index) => (index === geometry.sectors.length - 1 ? { ...run, count: run.count + count } : run)),
});

const layOutFor = ({ layout, flash }: Profile, name: BootloaderName): Layout => {
	const { offsetBytes, sizeBytes } = layout.slotB;
	const sectorBytes = (flash.sectors.at(-1) as { sizeBytes: number }).sizeBytes;
	if (name === 'mcuboot-swap-offset') return { ...layout, slotB: { offsetBytes, sizeBytes: sizeBytes + sectorBytes } };
	const scratch: Region = { offsetBytes: offsetBytes + sizeBytes, sizeBytes: sectorBytes };
	return name === 'mcuboot-swap-scratch' ? { ...layout, scratch } : layout;
};

/** As the bootloader itself says, of a part that is blank. */
const largestImageBytes = ({ flash, layout, bootloader }: Pick<Profile, 'flash' | 'layout' | 'bootloader'>): number =>
	createBootloader(bootloader.name ?? 'ab', {
		flash: new Flash({ geometry: flash, store: new PageStore({ pageSizeBytes: PAGE_SIZE_BYTES }) }),
		layout: bootLayoutOf(layout),
		settings: bootloader,
		judge: { judge: () => ({ ok: false, reason: 'blank' }) },
		counter: { read: () => 0, advance: () => {} },
	}).imageArea('b').sizeBytes;

/** What a bootloader sees of a device's flash. */
export const bootLayoutOf = ({ records, slotA, slotB, scratch }: Layout) => ({ records, slotA, slotB, scratch: scratch ?? null });
