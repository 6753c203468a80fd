import { freemem, totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';

/** Bytes of this process and of its machine. */
export interface MemoryInUse {
	readonly heapBytes: number;
	readonly heapLimitBytes: number;
	readonly availableBytes: number;
	readonly machineBytes: number;
}

/** V8 ends a process whose heap is full, and the kernel one on a machine that is: neither writes a report. A table that grows takes twice its room for a while. */
const MOST_OF_HEAP = 0.6;
const LEAST_OF_MACHINE = 0.03;

export const isShortOfMemory = ({ heapBytes, heapLimitBytes, availableBytes, machineBytes }: MemoryInUse): boolean =>
	heapBytes > MOST_OF_HEAP * heapLimitBytes || availableBytes < LEAST_OF_MACHINE * machineBytes;

export const readMemoryInUse = (): MemoryInUse => {
	const { used_heap_size: heapBytes, heap_size_limit: heapLimitBytes } = getHeapStatistics();
	return { heapBytes, heapLimitBytes, availableBytes: freemem(), machineBytes: totalmem() };
};
