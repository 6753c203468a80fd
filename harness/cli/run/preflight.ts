import { readFileSync } from 'node:fs';
import { getHeapStatistics } from 'node:v8';
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
	/** Whether devices connect over sockets. */
	readonly sockets: boolean;
}

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
/** A device's end, the broker's end, and both sides of the fault proxy between them. */
const DESCRIPTORS_PER_DEVICE = 4;
const PORTS_PER_DEVICE = 2;
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
						needed: devices * DESCRIPTORS_PER_DEVICE + DESCRIPTORS_ASIDE,
						allowed: machine.fileDescriptors,
						remedy: `ulimit -n, ${fewer}`,
					},
				]
			: []),
		...(sockets && machine.ports !== undefined
			? [
					{
						name: 'ports of the loopback',
						needed: devices * PORTS_PER_DEVICE * jobs,
						allowed: machine.ports,
						remedy: `net.ipv4.ip_local_port_range, fewer --jobs, ${fewer}`,
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
