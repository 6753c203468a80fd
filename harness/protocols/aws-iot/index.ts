export { BlockDownload, type BlockDownloadOptions, type BlockDownloadStats } from './block-download.js';
export { countBits, createBitmap, listBits } from './bitmap.js';
export {
	isTerminal,
	JOB_REJECTIONS,
	JOB_STATUSES,
	type JobExecution,
	type JobExecutionState,
	type JobRejection,
	type JobStatus,
} from './job-execution.js';
export { type JobChange, JobExecutions, type JobExecutionsOptions, type JobsSnapshot } from './job-executions.js';
export {
	type DeviceExecution,
	JobsClient,
	type JobsClientOptions,
	type JobsClientStats,
	type JobsReply,
	type JobUpdate,
	type StartNext,
} from './jobs-client.js';
export type { Outgoing } from './outgoing.js';
export {
	type BlockRequest,
	decodeFields,
	encodeBlockRequest,
	encodeFields,
	encodeStreamDescribe,
	parseStreamDescription,
	readBlockRequest,
	STREAM_LIMITS,
	STREAM_REJECTIONS,
	type StreamDescription,
	type StreamFormat,
	type StreamRejection,
} from './stream-codec.js';
export { StreamFiles, type StreamFilesOptions, type StreamsSnapshot, type StreamUpload } from './stream-files.js';
export {
	assertJobId,
	assertStreamId,
	assertThingName,
	isJobId,
	isStreamId,
	isThingName,
	jobAnswerFilters,
	jobsTopic,
	parseRequestTopic,
	REQUEST_FILTERS,
	type RequestTopic,
	streamTopic,
} from './topics.js';
