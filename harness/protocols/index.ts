export * from './aws-iot/index.js';
export * from './certificate.js';
export {
	type DeviceReport,
	encodeDeviceReport,
	encodeReportAsTexts,
	MAX_REPORT_BYTES,
	parseDeviceReport,
	parseReportOfTexts,
	reportTopic,
} from './device-report.js';
export { encodePresence, isAsNewAs, type Presence, parsePresence, presenceTopic } from './presence.js';
