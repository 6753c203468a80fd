import type { Usage } from './usage.js';

/** What one part of the benchmark came to; all numbers are of that part's own process. */
export interface PartResult {
	readonly part: PartName;
	readonly devices: number;
	/** Absent for the floors, which record nothing. */
	readonly events?: number;
	readonly logBytes?: number;
	/** Virtual time that devices passed through. */
	readonly deviceHours?: number;
	readonly usage: Usage;
	/** CPU against a floor that was measured in the same process. */
	readonly timesFloor?: number;
	/** What the columns have no place for, in a sentence each. */
	readonly notes?: readonly string[];
}

interface Part {
	readonly describe: string;
	/** What the part is held against. */
	readonly floor?: PartName;
	/** Of its process, where Node's own limit is too low. */
	readonly heapMib?: number;
	readonly measure: () => Promise<Omit<PartResult, 'part'>>;
}

const fleetPart = (devices: number) => async () => {
	const { measureFleetUpdate } = await import('./fleet-bench.js');
	return measureFleetUpdate(devices);
};

const floorPart = (devices: number) => async () => {
	const { measureFloor } = await import('./floor-bench.js');
	return measureFloor(devices);
};

export const PARTS = {
	'floor-1000': { describe: '1,000 clients x 16 blocks of 4 KiB through bare Aedes and mqtt-packet', measure: floorPart(1_000) },
	'fleet-1000': { describe: '1,000 devices x a whole update of 64 KiB, 5 % loss, 50 ms, all invariants on', floor: 'floor-1000', measure: fleetPart(1_000) },
	'floor-10000': { describe: '10,000 clients x 16 blocks', measure: floorPart(10_000) },
	'fleet-10000': { describe: '10,000 devices x a whole update', floor: 'floor-10000', measure: fleetPart(10_000) },
	'fleet-100000': { describe: '100,000 devices x a whole update, in one process', heapMib: 8_192, measure: fleetPart(100_000) },
	'floor-wire-500': {
		describe: '500 bare mqtt-packet sockets x 64 blocks of 4 KiB at a bare Aedes, in one process',
		measure: async () => {
			const { measureWireFloor } = await import('./wire-bench.js');
			return measureWireFloor(500, { blocks: 64, broker: 'aedes' });
		},
	},
	'wire-500': {
		describe: '500 devices x a whole update of 256 KiB over TCP through the fault proxy, on Aedes, ten times as fast as the wall clock',
		floor: 'floor-wire-500',
		measure: async () => {
			const { measureWireFleet } = await import('./wire-bench.js');
			return measureWireFleet(500, { speed: 10, transport: 'tcp' });
		},
	},
	'wire-500-mosquitto': {
		describe: 'the same devices at a mosquitto',
		floor: 'floor-wire-500',
		measure: async () => {
			const { measureWireFleet } = await import('./wire-bench.js');
			return measureWireFleet(500, { speed: 10, transport: 'tcp', broker: 'mosquitto' });
		},
	},
	'wire-10000-mosquitto': {
		describe: '10,000 devices x a whole update of 64 KiB over TCP at a mosquitto, faults at the device, as fast as the wall clock',
		floor: 'sockets-10000',
		heapMib: 4_096,
		measure: async () => {
			const { measureWireFleet } = await import('./wire-bench.js');
			return measureWireFleet(10_000, { speed: 1, transport: 'tcp', broker: 'mosquitto', faults: 'device' }, { imageBytes: 64 * 1024 });
		},
	},
	'sockets-10000': {
		describe: '10,000 bare mqtt-packet sockets x 16 blocks at a mosquitto: what one process holds below 20,000 open files',
		measure: async () => {
			const { measureWireFloor } = await import('./wire-bench.js');
			return measureWireFloor(10_000, { blocks: 16, broker: 'mosquitto' });
		},
	},
	links: {
		describe: '500 links x 64 blocks of 4 KiB: the fault link in memory and in the proxy, beside bare streams and sockets',
		measure: async () => {
			const { measureLinks } = await import('./wire-bench.js');
			return measureLinks();
		},
	},
	'report-10000': {
		describe: 'the page of 10,000 devices that update, from its events to the file',
		measure: async () => {
			const { measureReport } = await import('./report-bench.js');
			return measureReport(10_000);
		},
	},
	'power-cuts': {
		describe: "one device's update with power lost at every flash operation, torn in every way",
		measure: async () => {
			const { measurePowerCuts } = await import('./fleet-bench.js');
			return measurePowerCuts();
		},
	},
	'campaign-10000': {
		describe: 'one campaign of 10,000 simulated devices by the plan small-pilot, all invariants on',
		measure: async () => {
			const { measureCampaign } = await import('./campaign-bench.js');
			return measureCampaign(10_000);
		},
	},
	'rehearsal-10000': {
		describe: 'the same plan rehearsed for 10,000 devices over 10 seeds, a bad and a good release each',
		measure: async () => {
			const { measureRehearsal } = await import('./campaign-bench.js');
			return measureRehearsal(10_000, 10);
		},
	},
	museum: {
		describe: "the museum's whole matrix and its 200 clean seeds, in one process; the command shares it among the cores",
		measure: async () => {
			const { measureMuseum } = await import('./museum-bench.js');
			return measureMuseum({ seeds: 200 });
		},
	},
	'board-emulation': {
		describe: "one virtual board's processor, flat out: an installation and its trial",
		measure: async () => {
			const { measureBoardEmulation } = await import('./board-bench.js');
			return measureBoardEmulation();
		},
	},
	'boards-32': {
		describe: '32 virtual boards at once, a process each, in real time: boot, update over serial, install, confirm',
		measure: async () => {
			const { measureBoards } = await import('./board-bench.js');
			return measureBoards(32);
		},
	},
	'explorer-4k': {
		describe: 'every bootloader walked to closure at L0 on 32 sectors of 4 KiB, one core and two',
		measure: async () => {
			const { measureExplorer } = await import('./explorer-bench.js');
			return measureExplorer([{ sectors: 32, sectorSizeBytes: 4096, writeSizeBytes: 8 }]);
		},
	},
	'explorer-128k': {
		describe: 'bootloaders, all but swap by offset, walked to closure at L0 on 8 sectors of 128 KiB, one core and two',
		measure: async () => {
			const { measureExplorer } = await import('./explorer-bench.js');
			const { BOOTLOADERS } = await import('../explore/index.js');
			const others = BOOTLOADERS.filter(({ name }) => name !== 'mcuboot-swap-offset');
			return measureExplorer([{ sectors: 8, sectorSizeBytes: 131_072, writeSizeBytes: 8 }], others);
		},
	},
	'sweep-20': {
		describe: 'twenty power cuts of an update of one virtual board, each judged, in real time',
		measure: async () => {
			const { measureSweep } = await import('./sweep-bench.js');
			return measureSweep(20);
		},
	},
	'shrink-60': {
		describe: 'a failing case of 60 devices with a fault on each, shrunk to the one device and fault that matter',
		measure: async () => {
			const { measureShrinking } = await import('./shrink-bench.js');
			return measureShrinking(60);
		},
	},
	'console-flood': {
		describe: 'a console read, recorded, searched and watched while its board floods it at 3 Mbaud for ten seconds',
		measure: async () => {
			const { measureConsoleFlood } = await import('./console-bench.js');
			return measureConsoleFlood();
		},
	},
	'cut-latency': {
		describe: "from a marker on a virtual board's console to the cut of its power, 40 times",
		measure: async () => {
			const { measureCutLatency } = await import('./console-bench.js');
			return measureCutLatency();
		},
	},
} as const satisfies Record<string, Omit<Part, 'floor'> & { readonly floor?: string }>;

export type PartName = keyof typeof PARTS;

export const PART_NAMES = Object.keys(PARTS) as readonly PartName[];

export const partOf = (name: PartName): Part => PARTS[name];
