/** Milliseconds of the machine's monotonic clock: the same for every process of the rig host, so that instants taken by the guardian and by a runner compare. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;
