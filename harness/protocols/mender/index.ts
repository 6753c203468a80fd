export { DeviceDeployment, type DeviceDeploymentStatus, isFinished } from './device-deployment.js';
export {
	type ArtifactRefusal,
	type MenderArtifact,
	type MenderArtifactHead,
	openMenderArtifact,
	openMenderHead,
	packMenderArtifact,
} from './mender-artifact.js';
export { MenderDevice, type MenderDeviceOptions, type MenderReply } from './mender-device.js';
export type { MenderMemory, MenderOutcome, MenderRequestKind, MenderStep } from './mender-device-step.js';
export { MenderError } from './mender-error.js';
export {
	MENDER_LIMITS,
	type MenderAttribute,
	type MenderAuthRequest,
	type MenderDeployment,
	type MenderLog,
	type MenderNextRequest,
	type MenderStatusReport,
	parseAttributes,
	parseAuthRequest,
	parseIdentity,
	parseMenderDeployment,
	parseMenderLog,
	parseNextRequest,
	parseStatusReport,
	REPORTED_STATUSES,
	type ReportedStatus,
} from './mender-messages.js';
export { menderPath, type MenderResource, parseMenderPath } from './mender-path.js';
export { isRequestSigned, signRequest } from './request-signature.js';
export { issueToken, type MenderToken, readToken } from './mender-token.js';
export type { TarFile } from './tar.js';
