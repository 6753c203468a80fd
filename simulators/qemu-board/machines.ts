import { execFile } from 'node:child_process';
import { closeSync, existsSync, ftruncateSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

export const QEMU_MACHINES = ['virt-uboot'] as const;
export type QemuMachine = (typeof QEMU_MACHINES)[number];

interface Machine {
	readonly program: () => string;
	readonly leastVersion: number;
	/** Why so new. */
	readonly because: string;
	/** Makes the files that it keeps in a folder, where they are not there. */
	readonly manufacture: (folder: string) => void;
	readonly arguments: (folder: string) => readonly string[];
	/** What is missing on this machine besides QEMU, null: nothing. */
	readonly missing: () => string | null;
}

const UBOOT = '/usr/lib/u-boot/qemu_arm64/u-boot.bin';
const PART_BYTES = 64 << 20;
const CHUNK_BYTES = 1 << 20;
const VERSION_WITHIN_MS = 10_000;

const MACHINES: Readonly<Record<QemuMachine, Machine>> = {
	'virt-uboot': {
		program: () => process.env['BLACKSTART_QEMU_AARCH64'] ?? 'qemu-system-aarch64',
		leastVersion: 10,
		because: 'older ones break every saveenv',
		missing: () => (existsSync(UBOOT) ? null : `${UBOOT} is not here (Debian: apt-get install u-boot-qemu)`),
		manufacture(folder) {
			manufacturePart(join(folder, 'flash0.img'), { begins: readFileSync(UBOOT), fill: 0x00 });
			manufacturePart(join(folder, 'flash1.img'), { begins: Buffer.alloc(0), fill: 0xff });
		},
		arguments: (folder) => [
			...['-M', 'virt', '-cpu', 'cortex-a53', '-m', '128'],
			...['-drive', `if=pflash,format=raw,index=0,file=${join(folder, 'flash0.img')}`],
			...['-drive', `if=pflash,format=raw,index=1,file=${join(folder, 'flash1.img')}`],
		],
	},
};

export const machineOf = (name: QemuMachine): Machine => MACHINES[name];

/** Why boards of this kind cannot run here, for people; null: they can. */
export const whyNoQemuBoard = async (name: QemuMachine): Promise<string | null> => {
	const { program, leastVersion, because, missing } = machineOf(name);
	const told = await new Promise<string | null>((resolve) => {
		execFile(program(), ['--version'], { timeout: VERSION_WITHIN_MS }, (error, stdout) => resolve(error === null ? stdout : null));
	});
	if (told === null) return `${program()} is not here (Debian: apt-get install qemu-system-arm)`;
	const [, version = '', major = '0'] = /version ((\d+)\.\S+)/.exec(told) ?? [];
	if (Number(major) < leastVersion) return `${program()} ${leastVersion} or newer was expected, ${version} is here: ${because}`;
	return missing();
};

const manufacturePart = (path: string, { begins, fill }: { readonly begins: Buffer; readonly fill: number }): void => {
	if (existsSync(path)) return;
	const draft = `${path}.${process.pid}`;
	const file = openSync(draft, 'w');
	try {
		writeSync(file, begins);
		if (fill === 0) {
			ftruncateSync(file, PART_BYTES);
		} else {
			const chunk = Buffer.alloc(CHUNK_BYTES, fill);
			for (let at = begins.length; at < PART_BYTES; at += chunk.length) writeSync(file, chunk, 0, Math.min(chunk.length, PART_BYTES - at), at);
		}
	} finally {
		closeSync(file);
	}
	renameSync(draft, path);
};
