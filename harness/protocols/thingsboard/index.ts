export { TB_SUBSCRIPTIONS, TbDevice, type TbDeviceOptions, type TbMemory, type TbOutcome, type TbReport, type TbSink } from './tb-device.js';
export { ThingsboardError } from './tb-error.js';
export {
	checksumOf,
	encode,
	FIRMWARE_KEYS,
	FW_STATES,
	firmwareOf,
	type FwState,
	parseAttributeResponse,
	parseAttributes,
	TB_LIMITS,
	type TbFirmware,
	type TbMessage,
	type TbTelemetry,
} from './tb-messages.js';
export { refuseDownload, type TbAccount, type TbAnswer, type TbDownloadError, type TbListener, type TbPackage, TbSession } from './tb-session.js';
export {
	attributeRequestTopic,
	attributeResponseTopic,
	type ChunkName,
	chunkRequestTopic,
	chunkResponseTopic,
	isDownlink,
	parseChunkResponse,
	parseUplink,
	TB_TOPICS,
} from './tb-topics.js';
