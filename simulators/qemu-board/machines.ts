import { existsSync } from 'node:fs';
import { BOARD_BOOTLOADERS } from '../board/firmware-files.js';
import { findQemu, type FoundQemu, type WantedQemu } from './find-qemu.js';
import type { HardwareOptions, QemuHardware } from './hardware.js';
import { createMicrobitHardware } from './microbit/hardware.js';
import { createUbootHardware, UBOOT } from './uboot/hardware.js';
import { UBOOT_BUILDS } from './uboot/product.js';

export const QEMU_MACHINES = ['virt-uboot', 'microbit'] as const;
export type QemuMachine = (typeof QEMU_MACHINES)[number];

interface Machine {
	readonly qemu: WantedQemu;
	/** Builds of what it runs, the usual one first. */
	readonly builds: readonly string[];
	readonly createHardware: (options: HardwareOptions) => QemuHardware;
	/** The bootloader where no other is named, and what installs it. */
	readonly firmware?: { readonly path: string; readonly comesWith: string };
}

const MACHINES: Readonly<Record<QemuMachine, Machine>> = {
	'virt-uboot': {
		qemu: { program: 'qemu-system-aarch64', variable: 'BLACKSTART_QEMU_AARCH64', leastVersion: 10, because: 'older ones break every saveenv' },
		builds: UBOOT_BUILDS,
		createHardware: createUbootHardware,
		firmware: { path: UBOOT, comesWith: 'Debian: apt-get install u-boot-qemu' },
	},
	microbit: {
		qemu: { program: 'qemu-system-arm', variable: 'BLACKSTART_QEMU_ARM', leastVersion: 7, because: 'older ones were not tried' },
		builds: BOARD_BOOTLOADERS,
		createHardware: createMicrobitHardware,
	},
};

export const isQemuMachine = (name: string): name is QemuMachine => (QEMU_MACHINES as readonly string[]).includes(name);
export const machineOf = (name: QemuMachine): Machine => MACHINES[name];

/** The QEMU that runs boards of this kind, or why they cannot run here, for people. */
export const findMachineQemu = async (name: QemuMachine, { firmware }: { readonly firmware?: string | undefined } = {}): Promise<FoundQemu> => {
	const { qemu, firmware: own } = machineOf(name);
	const found = await findQemu(qemu);
	if ('reason' in found) return found;
	if (firmware !== undefined) return existsSync(firmware) ? found : { reason: `firmware ${firmware} is not there` };
	return own === undefined || existsSync(own.path) ? found : { reason: `${own.path} is not here (${own.comesWith})` };
};

/** Why boards of this kind cannot run here; null: they can. */
export const whyNoQemuBoard = async (name: QemuMachine, options: { readonly firmware?: string | undefined } = {}): Promise<string | null> => {
	const found = await findMachineQemu(name, options);
	return 'reason' in found ? found.reason : null;
};
