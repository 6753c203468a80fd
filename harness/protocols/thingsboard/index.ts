export { TB_SUBSCRIPTIONS, TbDevice, type TbDeviceOptions, type TbMemory, type TbOutcome, type TbReport, type TbSink } from './tb-device.js';
export { ThingsboardError } from './tb-error.js';
export { checksumOf, FW_STATES, type FwState, type TbFirmware, TB_LIMITS, type TbMessage, type TbTelemetry } from './tb-messages.js';
export { refuseDownload, type TbAccount, type TbAnswer, type TbDownloadError, type TbPackage, TbSession } from './tb-session.js';
export { type ChunkName, chunkResponseTopic, isDownlink, parseChunkResponse, parseUplink, TB_TOPICS } from './tb-topics.js';
