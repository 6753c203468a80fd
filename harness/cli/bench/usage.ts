import { realTime } from '../../time/index.js';

/** What a piece of work took of the machine. */
export interface Usage {
	/** Of all threads of the process: the garbage collector's and the compiler's too. */
	readonly cpuS: number;
	readonly wallS: number;
	/** Growth of the process at its largest. */
	readonly peakBytes: number;
	/** Growth of what is in use when the work is done, after a collection; 0 where Node runs without --expose-gc. */
	readonly liveBytes: number;
}

/** Measures `work`; what it returns is held until the memory in use has been read. */
export const measureUsage = async <Result>(work: () => Promise<Result>): Promise<{ readonly result: Result; readonly usage: Usage }> => {
	const liveBefore = liveBytes();
	const rssBefore = process.memoryUsage.rss();
	const cpuBefore = process.cpuUsage();
	const startedMs = realTime.nowMs();
	const result = await work();
	const { user, system } = process.cpuUsage(cpuBefore);
	const wallS = (realTime.nowMs() - startedMs) / 1000;
	const peakBytes = process.resourceUsage().maxRSS * 1024 - rssBefore;
	return { result, usage: { cpuS: (user + system) / 1e6, wallS, peakBytes, liveBytes: Math.max(0, liveBytes() - liveBefore) } };
};

/** In use on the heap and beside it, once what nobody holds is gone. */
const liveBytes = (): number => {
	if (globalThis.gc === undefined) return 0;
	globalThis.gc();
	const { heapUsed, external } = process.memoryUsage();
	return heapUsed + external;
};
