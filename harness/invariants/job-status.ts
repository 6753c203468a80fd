/** Job execution states that no update leaves any more (AWS IoT Jobs, "Jobs and job execution states"). */
const TERMINAL: ReadonlySet<string> = new Set(['SUCCEEDED', 'FAILED', 'REJECTED', 'TIMED_OUT', 'CANCELED', 'REMOVED']);

export const isTerminalStatus = (status: string): boolean => TERMINAL.has(status);
