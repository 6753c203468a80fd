/** Every status that an execution can have. */
export const JOB_STATUSES = ['QUEUED', 'IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'REJECTED', 'REMOVED', 'CANCELED'] as const;
export type JobStatus = (typeof JOB_STATUSES)[number];

/** Every code of a rejected request. */
export const JOB_REJECTIONS = [
	'InvalidTopic',
	'InvalidJson',
	'InvalidRequest',
	'InvalidStateTransition',
	'ResourceNotFound',
	'VersionMismatch',
	'InternalError',
	'RequestThrottled',
	'TerminalStateReached',
] as const;
export type JobRejection = (typeof JOB_REJECTIONS)[number];

/** What the service holds of one job on one thing. Times are seconds since the Unix epoch. */
export interface JobExecution {
	readonly jobId: string;
	readonly thing: string;
	readonly status: JobStatus;
	readonly statusDetails: Readonly<Record<string, string>>;
	readonly queuedAtS: number;
	readonly startedAtS: number | undefined;
	readonly lastUpdatedAtS: number;
	/** 1 when queued, one more with every change. */
	readonly versionNumber: number;
	readonly executionNumber: number;
	/** When an unfinished step turns into TIMED_OUT; undefined without a step timer. */
	readonly deadlineS: number | undefined;
}

/** The short form that updates and rejections carry. */
export interface JobExecutionState {
	readonly status: JobStatus;
	readonly statusDetails: Readonly<Record<string, string>>;
	readonly versionNumber: number;
}

/** Statuses a device may ask for in an update. */
export const isSettable = (status: string): status is JobStatus =>
	status === 'IN_PROGRESS' || status === 'SUCCEEDED' || status === 'FAILED' || status === 'REJECTED';

/** A status that nothing follows: whatever is neither QUEUED nor IN_PROGRESS. */
export const isTerminal = (status: JobStatus): boolean => status !== 'QUEUED' && status !== 'IN_PROGRESS';
