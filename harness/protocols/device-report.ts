import { parseJsonFields } from './json-fields.js';

/** What a device says of itself to the service, as JSON on its report topic. */
export interface DeviceReport {
	/** Version of the running image. */
	readonly version: string;
	readonly hardware: string;
	/** SHA-256 of the running image as the device read it, hex. */
	readonly digest: string;
	readonly boots: number;
	readonly resetCause: string;
	readonly watchdogResets: number;
	/** Errors the firmware counted since provisioning. */
	readonly errors: number;
	readonly temperatureC: number;
	readonly freeMemoryBytes: number;
	/** SHA-256 of the settings, hex; or what is wrong with them. */
	readonly settings?: string;
	readonly model?: string;
	/** Network segment it stands in. */
	readonly segment?: string;
	readonly peripherals?: readonly string[];
	/** Room for an image that is downloaded. */
	readonly freeSlotBytes?: number;
	readonly memoryBytes?: number;
	/** Charge of its battery; absent where it runs from the mains. */
	readonly batteryPercent?: number;
	/** Of the flash sector that was erased most often, since it left the factory. */
	readonly flashErases?: number;
	/** Whole days until its certificate runs out, by its own clock. */
	readonly certificateDaysLeft?: number;
}

/** Largest report that the service reads, bytes. */
export const MAX_REPORT_BYTES = 16_384;

export const reportTopic = (thing: string): string => `blackstart/things/${thing}/report`;

export const encodeDeviceReport = (report: DeviceReport): Buffer => Buffer.from(JSON.stringify(report));

const TEXTS = ['version', 'hardware', 'digest', 'resetCause'] as const;
const NUMBERS = ['boots', 'watchdogResets', 'errors', 'temperatureC', 'freeMemoryBytes'] as const;
const OPTIONAL_TEXTS = ['settings', 'model', 'segment'] as const;
const OPTIONAL_NUMBERS = ['freeSlotBytes', 'memoryBytes', 'batteryPercent', 'flashErases', 'certificateDaysLeft'] as const;

/** Reads a report; undefined where it is none. Keys that are not known are passed over, so that newer firmware may say more. */
export const parseDeviceReport = (payload: Uint8Array): DeviceReport | undefined => {
	const fields = parseJsonFields(payload, { mostBytes: MAX_REPORT_BYTES });
	if (fields === undefined) return undefined;
	if (!TEXTS.every((name) => typeof fields[name] === 'string')) return undefined;
	if (!NUMBERS.every((name) => Number.isFinite(fields[name]))) return undefined;
	for (const name of OPTIONAL_TEXTS) if (fields[name] !== undefined && typeof fields[name] !== 'string') return undefined;
	for (const name of OPTIONAL_NUMBERS) if (fields[name] !== undefined && !Number.isFinite(fields[name])) return undefined;
	const { peripherals } = fields;
	if (peripherals !== undefined && !(Array.isArray(peripherals) && peripherals.every((one) => typeof one === 'string'))) return undefined;
	const known: Record<string, unknown> = {};
	for (const name of [...TEXTS, ...NUMBERS]) known[name] = fields[name];
	for (const name of [...OPTIONAL_TEXTS, ...OPTIONAL_NUMBERS, 'peripherals']) if (fields[name] !== undefined) known[name] = fields[name];
	return known as unknown as DeviceReport;
};

/** A report as names and texts, for services that keep attributes: what is no text in the report is JSON. */
export const encodeReportAsTexts = (payload: Uint8Array): Readonly<Record<string, string>> =>
	Object.fromEntries(
		Object.entries(parseDeviceReport(payload) ?? {}).map(([name, value]) => [name, typeof value === 'string' ? value : JSON.stringify(value)]),
	);

/** Reads it back; undefined where it is none. */
export const parseReportOfTexts = (texts: Readonly<Record<string, unknown>>): DeviceReport | undefined => {
	const isText = (name: string): boolean => [...TEXTS, ...OPTIONAL_TEXTS].some((known) => known === name);
	const members = Object.entries(texts).flatMap(([name, value]) =>
		typeof value === 'string' ? [`${JSON.stringify(name)}:${isText(name) ? JSON.stringify(value) : value}`] : [],
	);
	return parseDeviceReport(Buffer.from(`{${members.join(',')}}`));
};
