import { readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
import type { Rung } from '../../scenario/index.js';
import { UsageError } from '../usage-error.js';

/** What this machine allows. Undefined where it does not say. */
export interface Machine {
	readonly fileDescriptors: number | undefined;
	/** Ports that connections of one address to one other may take. */
	readonly ports: number | undefined;
	/** Free for new processes, the limit of a container included. */
	readonly memoryBytes: number;
	/** That one process of Node may take for its objects. */
	readonly heapBytes: number;
	/** Whether somebody set that, who is not overruled. */
	readonly heapIsSet: boolean;
}

/** What a run would take. */
export interface Demand {
	/** Of the largest fleet that a process holds at a time. */
	readonly devices: number;
	/** Processes at a time. */
	readonly jobs: number;
	/** Of each device, in its process; absent where devices connect without. */
	readonly sockets?: SocketDemand | undefined;
}

export interface SocketDemand {
	readonly openFiles: number;
	/** Of the loopback, where the device's end and the proxy's have one each. */
	readonly ports: number;
	/** What would take less, where there is something. */
	readonly remedy?: string;
}

/** What a device takes: both ends of its socket to the proxy and of the proxy's to the broker, or of its one to the broker; the broker's end where that is of this process. */
export const socketsOf = ({ transport, broker, faults }: Rung): SocketDemand | undefined => {
	if (transport === 'memory') return undefined;
	const brokerEnds = broker === undefined ? 1 : 0;
	if (faults === 'device') return { openFiles: 1 + brokerEnds, ports: 1, ...(broker === undefined ? { remedy: '--broker-engine mosquitto' } : {}) };
	return { openFiles: 3 + brokerEnds, ports: 2, remedy: `--faults-at device${broker === undefined ? ', --broker-engine mosquitto' : ''}` };
};

export interface Ceiling {
	readonly name: string;
	readonly needed: number;
	readonly allowed: number;
	/** What to do where it is not enough. */
	readonly remedy: string;
}

/** What a run may begin with. */
export interface Clearance {
	/** About the ceilings, for people, where the run is large enough for it. */
	readonly told?: string;
	/** For the objects of each process, MiB, where Node's own limit is too near. */
	readonly heapMib?: number;
}

/** Measured: what a device holds at most while it updates. */
const BYTES_PER_DEVICE = 40 * 1024;
const BYTES_PER_PROCESS = 120 * 1024 * 1024;
/** Near its limit a process does little but collect garbage. */
const HEAP_MARGIN = 1.5;
const DESCRIPTORS_ASIDE = 100;
/** Below that nobody wants to read about ceilings. */
const WORTH_TELLING = 5_000;

/** Measured: with 192 a small run goes, with 128 Node cannot load its modules. */
const LEAST_OPEN_FILES = 256;

/** Throws a UsageError where a process may hold so few files open that it cannot even be loaded, which would say so in words of its own. */
export const requireOpenFiles = ({ fileDescriptors }: Pick<Machine, 'fileDescriptors'> = readMachine()): void => {
	if (fileDescriptors !== undefined && fileDescriptors < LEAST_OPEN_FILES)
		throw new UsageError(`open files of one process: ${LEAST_OPEN_FILES} are needed at least, this machine allows ${fileDescriptors}: ulimit -n`);
};

/** The ceilings that a run comes near to, each with what it needs. */
export const listCeilings = ({ devices, jobs, sockets }: Demand, machine: Machine): readonly Ceiling[] => {
	const fewer = `fewer --devices, or cells of the fleet on several machines (--shard 0/N)`;
	const perProcess = bytesOfProcess(devices);
	const lighter = sockets?.remedy === undefined ? fewer : `${sockets.remedy}, ${fewer}`;
	return [
		...(machine.heapIsSet
			? [
					{
						name: 'memory of one process (MiB)',
						needed: toMib(perProcess),
						allowed: toMib(machine.heapBytes),
						remedy: `NODE_OPTIONS=--max-old-space-size=${toMib(perProcess * HEAP_MARGIN)} or none at all, ${fewer}`,
					},
				]
			: []),
		{ name: `memory of ${jobs} processes (MiB)`, needed: toMib(perProcess * jobs), allowed: toMib(machine.memoryBytes), remedy: `fewer --jobs, ${fewer}` },
		...(sockets && machine.fileDescriptors !== undefined
			? [
					{
						name: 'open files of one process',
						needed: devices * sockets.openFiles + DESCRIPTORS_ASIDE,
						allowed: machine.fileDescriptors,
						remedy: `ulimit -n, ${lighter}`,
					},
				]
			: []),
		...(sockets && machine.ports !== undefined
			? [
					{
						name: 'ports of the loopback',
						needed: devices * sockets.ports * jobs,
						allowed: machine.ports,
						remedy: `net.ipv4.ip_local_port_range, fewer --jobs, ${lighter}`,
					},
				]
			: []),
	];
};

/**
 * Looks at the ceilings before anything runs: throws a UsageError that names the one that would be hit and what to do about it,
 * else returns what the run may begin with.
 */
export const preflight = (demand: Demand, machine: Machine = readMachine()): Clearance => {
	const ceilings = listCeilings(demand, machine);
	const hit = ceilings.find(({ needed, allowed }) => needed > allowed);
	if (hit) {
		const { name, needed, allowed, remedy } = hit;
		throw new UsageError(`--devices: ${demand.devices} devices would need about ${say(needed)} of ${name}, this machine allows ${say(allowed)}: ${remedy}`);
	}
	const wantedBytes = bytesOfProcess(demand.devices) * HEAP_MARGIN;
	const heapMib = machine.heapIsSet || wantedBytes <= machine.heapBytes ? undefined : toMib(Math.min(wantedBytes, machine.memoryBytes / demand.jobs));
	const heap = heapMib === undefined ? [] : [`--max-old-space-size=${heapMib} for each process`];
	const told = [...ceilings.map(({ name, needed, allowed }) => `${name}: ${say(needed)} of ${say(allowed)}`), ...heap].join(' · ');
	return { ...(demand.devices < WORTH_TELLING ? {} : { told: `ceilings: ${told}` }), ...(heapMib === undefined ? {} : { heapMib }) };
};

const bytesOfProcess = (devices: number): number => devices * BYTES_PER_DEVICE + BYTES_PER_PROCESS;

const say = (value: number): string => Math.ceil(value).toLocaleString('en');
const toMib = (bytes: number): number => Math.ceil(bytes / 1024 / 1024);

export const readMachine = (): Machine => ({
	fileDescriptors: readNumber('/proc/self/limits', /^Max open files\s+(\d+)/m),
	ports: readPorts(),
	memoryBytes: process.availableMemory(),
	heapBytes: getHeapStatistics().heap_size_limit,
	heapIsSet: [process.env.NODE_OPTIONS ?? '', ...process.execArgv].some((text) => /--max[-_]old[-_]space[-_]size/.test(text)),
});

const readPorts = (): number | undefined => {
	const [, low, high] = /^(\d+)\s+(\d+)/.exec(readText('/proc/sys/net/ipv4/ip_local_port_range')) ?? [];
	return low === undefined ? undefined : Number(high) - Number(low) + 1;
};

const readNumber = (path: string, pattern: RegExp): number | undefined => {
	const [, found] = pattern.exec(readText(path)) ?? [];
	return found === undefined ? undefined : Number(found);
};

/** Empty where this machine has no such file. */
const readText = (path: string): string => {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
		throw error;
	}
};
