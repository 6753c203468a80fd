import { Flash, PageStore } from '../../harness/flash/index.js';
import { createBootloader } from '../bootloader/index.js';
import { SettingsStore } from '../device/storage/index.js';
import { bootLayoutOf } from '../device/bootloader-profile.js';
import { blankMemory, type KeptMemory } from './kept-memory.js';
import { NETWORKED_PROFILE } from './profile.js';
import { networkedBoardReleases } from './releases.js';

export const factorySettings = (name: string): Readonly<Record<string, string>> => ({ name, site: 'none', reportEveryS: '3600' });

/** A board as it leaves the factory: an image in its first slot, confirmed, settings, and no word of any network. */
export const manufacture = ({ name, image }: { readonly name: string; readonly image?: Uint8Array }): KeptMemory => {
	const memory = blankMemory();
	const { flash: geometry, layout, bootloader } = NETWORKED_PROFILE;
	const flash = new Flash({ geometry, store: new PageStore() });
	const bytes = image ?? (networkedBoardReleases().golden().images[0]?.bytes as Uint8Array);
	writeSlot(flash, { offsetBytes: layout.slotA.offsetBytes, image: bytes });
	new SettingsStore({ flash, areas: layout.settings }).write(factorySettings(name), 1);
	createBootloader(bootloader.name ?? 'ab', {
		flash,
		layout: bootLayoutOf(layout),
		settings: bootloader,
		// A programmer writes what it is given; whether that may run is for the bootloader to say at each boot.
		judge: { judge: () => ({ ok: true, version: { major: 0, minor: 0, revision: 0, build: 0 }, securityCounter: 0, digest: '' }) },
		counter: { read: () => 0, advance: () => {} },
	}).provision('a');
	memory.flash.set(flash.read(0, flash.sizeBytes));
	return memory;
};

/** Writes over the slot that runs, and erases the other: nothing is left beside it that could run in its place. */
export const overwriteSlots = (memory: KeptMemory, image: Uint8Array): void => {
	const { slotA, slotB } = NETWORKED_PROFILE.layout;
	for (const { offsetBytes, sizeBytes } of [slotA, slotB]) memory.flash.fill(NETWORKED_PROFILE.flash.erasedByte, offsetBytes, offsetBytes + sizeBytes);
	memory.flash.set(image, slotA.offsetBytes);
};

const writeSlot = (flash: Flash, { offsetBytes, image }: { readonly offsetBytes: number; readonly image: Uint8Array }): void => {
	const { writeSizeBytes, erasedByte } = flash.geometry;
	const padded = new Uint8Array(Math.ceil(image.length / writeSizeBytes) * writeSizeBytes).fill(erasedByte);
	padded.set(image);
	flash.program(offsetBytes, padded);
};
