import { Walk, WALK_DEFAULTS } from '../../explorer/index.js';
import { BOOTLOADERS, buildSubject, type Part } from '../explore/index.js';
import { measureUsage, type Usage } from './usage.js';

/** One bootloader walked to closure. */
export interface WalkFigures {
	readonly bootloader: string;
	readonly part: string;
	readonly states: number;
	readonly cuts: number;
	readonly cpuS: number;
	readonly statesPerCpuS: number;
	readonly cutsPerCpuS: number;
	/** What the walk holds, in all. */
	readonly kiBPer1000States: number;
	/** CPU against copying and hashing a page for each cut, and no more, in the same process. */
	readonly timesFloor: number;
}

export interface ExplorerMeasurement {
	/** Walks. */
	readonly devices: number;
	readonly walks: readonly WalkFigures[];
	readonly usage: Usage;
	/** The walks as a table. */
	readonly notes: readonly string[];
}

/** Every bootloader at L0 on each part, in this process, one after the other. Throws where one does not close. */
export const measureExplorer = async (parts: readonly Part[]): Promise<ExplorerMeasurement> => {
	const { result: walks, usage } = await measureUsage(async () => {
		const figures: WalkFigures[] = [];
		for (const part of parts) for (const bootloader of BOOTLOADERS) figures.push(await measureWalk(bootloader, part));
		return figures;
	});
	return { devices: walks.length, walks, usage, notes: formatWalks(walks).trimEnd().split('\n') };
};

const measureWalk = async (bootloader: (typeof BOOTLOADERS)[number], part: Part): Promise<WalkFigures> => {
	const { result, usage } = await measureUsage(async () => new Walk(buildSubject(bootloader, { part, images: 'old-fills' }), WALK_DEFAULTS).run());
	if (result.end !== 'closed') throw new Error(`${bootloader.name}: a walk to closure was expected, it ended by ${result.end}`);
	const { states, cuts, sizeBytes } = result;
	const floor = await measureUsage(async () => copyAndHash(cuts));
	return {
		bootloader: bootloader.name,
		part: `${part.sectors} x ${part.sectorSizeBytes}`,
		states,
		cuts,
		cpuS: Number(usage.cpuS.toFixed(2)),
		statesPerCpuS: Math.round(states / usage.cpuS),
		cutsPerCpuS: Math.round(cuts / usage.cpuS),
		kiBPer1000States: Math.round((sizeBytes / 1024 / states) * 1000),
		timesFloor: Number((usage.cpuS / floor.usage.cpuS).toFixed(2)),
	};
};

const PAGE_WORDS = 1024;

/** Copies a page of 4 KiB and hashes it, so many times. */
const copyAndHash = (times: number): number => {
	const from = new Uint32Array(PAGE_WORDS).fill(0x5a5a5a5a);
	const to = new Uint32Array(PAGE_WORDS);
	let sum = 0;
	for (let time = 0; time < times; time++) {
		from[time % PAGE_WORDS] = time;
		to.set(from);
		let hash = 0x811c9dc5;
		for (let word = 0; word < PAGE_WORDS; word++) hash = Math.imul(hash ^ (to[word] as number), 0x01000193);
		sum ^= hash;
	}
	return sum;
};

const TITLES = ['bootloader', 'part', 'states', 'cuts', 'CPU s', 'states/CPU s', 'cuts/CPU s', 'KiB/1000 states', 'x floor'];

/** Names to the left, numbers to the right. */
export const formatWalks = (walks: readonly WalkFigures[]): string => {
	const rows = [
		TITLES,
		...walks.map((walk) => [
			...[walk.bootloader, walk.part, walk.states, walk.cuts, walk.cpuS],
			...[walk.statesPerCpuS, walk.cutsPerCpuS, walk.kiBPer1000States, walk.timesFloor],
		]),
	].map((row) => row.map(String));
	const widths = TITLES.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
	const line = (row: readonly string[]) =>
		row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join('  ');
	return `${rows.map(line).join('\n')}\n`;
};
