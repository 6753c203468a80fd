import { readFileSync, readlinkSync } from 'node:fs';

/** One process of one start of one kernel: an id alone may be given to another once its process has ended. */
export interface ProcessIdentity {
	readonly pid: number;
	/** Clock ticks from the start of the kernel to that of the process: field 22 of /proc/PID/stat. Empty where there is no /proc. */
	readonly startTicks: string;
	readonly bootId: string;
	/** In another namespace the same id is another process. */
	readonly pidNamespace: string;
}

/** Undefined where no such process runs. */
export const identifyProcess = (pid: number = process.pid): ProcessIdentity | undefined => {
	const startTicks = readStartTicks(pid);
	if (startTicks === undefined && pid !== process.pid) return undefined;
	return { pid, startTicks: startTicks ?? '', bootId: readBootId(), pidNamespace: readPidNamespace() };
};

/**
 * `dead` only where it is proven: another kernel start, or in our own namespace no process of that id and start time.
 * `unknown` where it cannot be seen from here.
 */
export const stateOfProcess = (identity: ProcessIdentity): 'alive' | 'dead' | 'unknown' => {
	if (identity.bootId !== readBootId()) return identity.bootId === '' ? 'unknown' : 'dead';
	if (identity.pidNamespace !== readPidNamespace()) return 'unknown';
	if (identity.startTicks === '') return 'unknown';
	return readStartTicks(identity.pid) === identity.startTicks ? 'alive' : 'dead';
};

/** The second field is a name that may hold spaces and brackets; a zombie has ended. */
const readStartTicks = (pid: number): string | undefined => {
	const stat = readText(`/proc/${pid}/stat`);
	const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
	return fields === undefined || fields[0] === 'Z' || fields[0] === 'X' ? undefined : fields[19];
};

const readBootId = (): string => readText('/proc/sys/kernel/random/boot_id')?.trim() ?? '';

const readPidNamespace = (): string => {
	try {
		return readlinkSync('/proc/self/ns/pid');
	} catch {
		// No /proc, or one that hides it: then all processes are taken to share one.
		return '';
	}
};

const readText = (path: string): string | undefined => {
	try {
		return readFileSync(path, 'utf8');
	} catch (error) {
		const { code } = error as NodeJS.ErrnoException;
		if (code === 'ENOENT' || code === 'ESRCH' || code === 'EACCES') return undefined;
		throw error;
	}
};
