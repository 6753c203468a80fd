import { Walk, WALK_DEFAULTS } from '../../explorer/index.js';
import { BOOTLOADERS, buildSubject, createWalkCrew, type Part } from '../explore/index.js';
import { measureUsage, type Usage } from './usage.js';

/** One bootloader walked to closure. */
export interface WalkFigures {
	readonly bootloader: string;
	readonly part: string;
	readonly states: number;
	readonly cuts: number;
	readonly cpuS: number;
	/** To its end, alone; how many times as long that takes as with a second thread; how much more CPU both take than the one alone. */
	readonly wallS: number;
	readonly timesHelped: number;
	readonly timesCpuHelped: number;
	readonly statesPerCpuS: number;
	readonly cutsPerCpuS: number;
	/** What the walk holds, in all. */
	readonly kiBPer1000States: number;
	/** CPU against copying and hashing a page for each cut, and no more, in the same process. */
	readonly timesFloor: number;
	/** CPU of that floor. */
	readonly floorCpuS: number;
}

export interface ExplorerMeasurement {
	/** Walks. */
	readonly devices: number;
	readonly walks: readonly WalkFigures[];
	readonly usage: Usage;
	/** All walks, each alone, against all their floors. */
	readonly timesFloor: number;
	/** The walks as a table. */
	readonly notes: readonly string[];
}

/** Bootloaders at L0 on each part, in this process, one after the other. Throws where one does not close. */
export const measureExplorer = async (parts: readonly Part[], bootloaders = BOOTLOADERS): Promise<ExplorerMeasurement> => {
	const { result: walks, usage } = await measureUsage(async () => {
		const figures: WalkFigures[] = [];
		for (const part of parts) for (const bootloader of bootloaders) figures.push(await measureWalk(bootloader, part));
		return figures;
	});
	const sum = (of: (walk: WalkFigures) => number): number => walks.reduce((total, walk) => total + of(walk), 0);
	const timesFloor = Number((sum(({ cpuS }) => cpuS) / sum(({ floorCpuS }) => floorCpuS)).toPrecision(2));
	return { devices: walks.length, walks, usage, timesFloor, notes: formatWalks(walks).trimEnd().split('\n') };
};

const measureWalk = async (bootloader: (typeof BOOTLOADERS)[number], part: Part): Promise<WalkFigures> => {
	const { result, usage } = await measureUsage(async () => new Walk(buildSubject(bootloader, { part, images: 'old-fills' }), WALK_DEFAULTS).run());
	if (result.end !== 'closed') throw new Error(`${bootloader.name}: a walk to closure was expected, it ended by ${result.end}`);
	const { states, cuts, sizeBytes } = result;
	const helped = await measureHelped(bootloader, part);
	const sample = Math.min(cuts, MOST_COPIES);
	const floor = await measureUsage(async () => copyAndHash(sample));
	const floorS = (floor.usage.cpuS * cuts) / sample;
	return {
		bootloader: bootloader.name,
		part: `${part.sectors} x ${part.sectorSizeBytes}`,
		states,
		cuts,
		cpuS: Number(usage.cpuS.toFixed(2)),
		wallS: Number(usage.wallS.toFixed(2)),
		timesHelped: Number((usage.wallS / helped.wallS).toFixed(2)),
		timesCpuHelped: Number((helped.cpuS / usage.cpuS).toFixed(2)),
		statesPerCpuS: Math.round(states / usage.cpuS),
		cutsPerCpuS: Math.round(cuts / usage.cpuS),
		kiBPer1000States: Math.round((sizeBytes / 1024 / states) * 1000),
		timesFloor: Number((usage.cpuS / floorS).toPrecision(2)),
		floorCpuS: Number(floorS.toPrecision(3)),
	};
};

/** The same walk with a second thread, its start included. */
const measureHelped = async (bootloader: (typeof BOOTLOADERS)[number], part: Part): Promise<Usage> => {
	const { tears, seeds, cycles } = WALK_DEFAULTS;
	const crew = createWalkCrew({ bootloader, part, images: 'old-fills', tears, seeds, cycles }, { directory: process.cwd(), helpers: 1 });
	const subject = buildSubject(bootloader, { part, images: 'old-fills' });
	const { usage } = await measureUsage(async () => new Walk(subject, { ...WALK_DEFAULTS, callHelpers: () => crew.call() }).run());
	await crew.close();
	return usage;
};

/** Beyond these the floor is reckoned from them. */
const MOST_COPIES = 1_000_000;

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

const TITLES = [
	'bootloader',
	'part',
	'states',
	'cuts',
	'CPU s',
	'wall s',
	'x two threads',
	'x CPU two threads',
	'states/CPU s',
	'cuts/CPU s',
	'KiB/1000 states',
	'x floor',
];

/** Names to the left, numbers to the right. */
export const formatWalks = (walks: readonly WalkFigures[]): string => {
	const rows = [
		TITLES,
		...walks.map((walk) => [
			...[walk.bootloader, walk.part, walk.states, walk.cuts, walk.cpuS, walk.wallS, walk.timesHelped, walk.timesCpuHelped],
			...[walk.statesPerCpuS, walk.cutsPerCpuS, walk.kiBPer1000States, walk.timesFloor],
		]),
	].map((row) => row.map(String));
	const widths = TITLES.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
	const line = (row: readonly string[]) =>
		row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number))).join('  ');
	return `${rows.map(line).join('\n')}\n`;
};
