import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardBootloader } from '../../board/firmware-files.js';
import { type HexRun, parseIntelHex } from '../../board/intel-hex.js';
import type { HardwareOptions, QemuHardware } from '../hardware.js';
import { readMicrobitBootloader } from './firmware-files.js';
import { RUNNING_AT, SLOT_BYTES, STAGED_AT, USED_BYTES } from './layout.js';
import { microbitReleases } from './releases.js';
import { writeMemory } from './write-memory.js';

/**
 * The micro:bit: QEMU keeps its flash in memory alone, and would copy a `-kernel` over it at each reset. So it is written before the board
 * runs, and read once the processor stands still between two instructions.
 */
export const createMicrobitHardware = ({ folder, build, firmware }: HardwareOptions): QemuHardware => {
	const [file, draft] = [join(folder, 'flash.bin'), join(folder, 'flash.draft')];
	const bootloader: readonly HexRun[] =
		firmware === undefined ? readMicrobitBootloader(build as BoardBootloader) : parseIntelHex(readFileSync(firmware, 'utf8'));
	const write = (flash: Uint8Array): void => {
		writeFileSync(draft, flash);
		renameSync(draft, file);
	};
	const manufactured = (image: Uint8Array): Uint8Array => {
		const flash = new Uint8Array(USED_BYTES).fill(0xff);
		for (const { bytes, offsetBytes } of bootloader) flash.set(bytes, offsetBytes);
		flash.set(image, RUNNING_AT);
		return flash;
	};
	return {
		words: ['-M', 'microbit'],
		signature: 'nrf51822',
		manufacture: () => {
			if (!existsSync(file)) write(manufactured(microbitReleases().golden().images[0]?.bytes ?? new Uint8Array()));
		},
		program: (area, image) => {
			if (image.length > SLOT_BYTES) throw new RangeError(`image: at most ${SLOT_BYTES} bytes were expected, got ${image.length}`);
			if (area === 'golden') return write(manufactured(image));
			const flash = readFileSync(file);
			const at = area === 'primary' ? RUNNING_AT : STAGED_AT;
			flash.fill(0xff, at, at + SLOT_BYTES);
			flash.set(image, at);
			write(flash);
		},
		memory: {
			restore: (gdbPath) => writeMemory(gdbPath, readFileSync(file)),
			// Not pmemsave: flash lies in the address space of the processor alone.
			draft: { val: 0, size: USED_BYTES, filename: draft },
			keep: () => renameSync(draft, file),
		},
	};
};
