export { afterCancelFeedback, afterFeedback, type DdiActionState, type DdiActionType, isClosed } from './ddi-action.js';
export { DdiError } from './ddi-error.js';
export {
	DDI_LIMITS,
	type DdiArtifact,
	type DdiBase,
	type DdiCancelAction,
	type DdiChunk,
	type DdiConfigData,
	type DdiConfirmation,
	type DdiConfirmationRequest,
	type DdiDeployment,
	type DdiFeedback,
	encodeSleep,
	EXECUTIONS,
	type Execution,
	FINISHED,
	type Finished,
	parseBase,
	parseCancelAction,
	parseConfigData,
	parseConfirmation,
	parseConfirmationRequest,
	parseDeployment,
	parseFeedback,
	parseSleepMs,
} from './ddi-messages.js';
export { controllerPath, type DdiPath, type DdiResource, parseDdiPath } from './ddi-path.js';
export { type DdiAction, type DdiActionEntry, DdiTarget, type DdiTargetOptions, type FeedbackAnswer } from './ddi-target.js';
export { type DdiDecision, DdiDevice, type DdiDeviceOptions, type DdiReply } from './ddi-device.js';
export { DDI_MEDIA_TYPES, type DdiFormat, encodeDdi } from './ddi-device-step.js';
export type { DdiMemory, DdiOutcome, DdiReport, DdiStep } from './ddi-device-step.js';
