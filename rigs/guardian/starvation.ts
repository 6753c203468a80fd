import { readFileSync } from 'node:fs';

const NS_PER_MS = 1e6;

/**
 * How long a process that is ready to run has been kept waiting for a processor: on a busy machine it is no fault of a runner that
 * it does not beat. Field 2 of /proc/PID/schedstat, in nanoseconds; nothing where the kernel does not tell.
 */
export class Starvation {
	readonly #pid: number;
	#beganNs: number;

	constructor(pid: number) {
		this.#pid = pid;
		this.#beganNs = readWaitNs(pid);
	}

	/** It was heard: what it waited before counts no more. */
	begin(): void {
		this.#beganNs = readWaitNs(this.#pid);
	}

	/** Since it was heard last. */
	get waitedMs(): number {
		return Math.max(0, readWaitNs(this.#pid) - this.#beganNs) / NS_PER_MS;
	}
}

const readWaitNs = (pid: number): number => {
	try {
		return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[1]) || 0;
	} catch {
		// Gone, or no such kernel.
		return 0;
	}
};
