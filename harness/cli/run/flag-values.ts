import { type Cell, parseCell } from '../../scenario/cell.js';
import {
	type BrokerEngine,
	type FaultPlace,
	findMisfit,
	type LossMode,
	type MqttVersion,
	parseBrokerUrl,
	parseSpeed,
	type Rung,
	type Transport,
} from '../../scenario/rung.js';
import { UsageError } from '../usage-error.js';

/** Values of flags, as typed, turned into data; each throws a UsageError that names the flag and what was expected. */

export const parseSeed = (text: string): string => String(parseWhole(text, { flag: 'seed', least: 0, most: Number.MAX_SAFE_INTEGER }));

export const parseCount = (text: string, { flag, most }: { readonly flag: string; readonly most: number }): number =>
	parseWhole(text, { flag, least: 1, most });

/** The cell of the fleet to run, `0/3`. */
export const parseShard = (text: string): Cell => {
	try {
		return parseCell(text);
	} catch (cause) {
		throw new UsageError(`--shard: ${(cause as Error).message}`, { cause });
	}
};

/** The flags that say how real a run is to be, as typed. */
export interface RungFlags {
	readonly time?: 'virtual' | 'real' | undefined;
	readonly speed?: string | undefined;
	readonly transport?: Transport | undefined;
	readonly broker?: string | undefined;
	readonly 'broker-engine'?: BrokerEngine | undefined;
	readonly mqtt?: MqttVersion | undefined;
	readonly loss?: LossMode | undefined;
	readonly 'faults-at'?: FaultPlace | undefined;
}

/** How real a run is to be; undefined for virtual time in memory. */
export const parseRungFlags = (typed: RungFlags): Rung | undefined => {
	const { time = 'virtual', speed, transport = 'memory', mqtt, loss } = typed;
	const asked: Rung = {
		speed: 1,
		transport,
		...parseBrokerFlags(typed),
		...(mqtt === '5' ? { mqtt: 5 } : {}),
		...(loss === 'real' ? { loss } : {}),
		...(typed['faults-at'] === 'device' ? { faults: 'device' } : {}),
	};
	const misfit = findMisfit(asked);
	const flag = misfit?.part === 'broker' && typed.broker === undefined ? 'broker-engine' : misfit?.part === 'faults' ? 'faults-at' : misfit?.part;
	if (misfit) throw new UsageError(`--${flag}: ${misfit.why}`);
	if (time === 'virtual') {
		if (speed !== undefined) throw new UsageError('--speed: it goes with --time real; virtual time is as fast as the machine');
		if (transport !== 'memory') throw new UsageError(`--transport: ${transport} goes with --time real, since sockets know nothing of virtual time`);
		return undefined;
	}
	try {
		return { ...asked, speed: parseSpeed(speed ?? '1') };
	} catch (cause) {
		throw new UsageError(`--speed: ${(cause as Error).message}`, { cause });
	}
};

const parseBrokerFlags = (typed: RungFlags): Pick<Rung, 'broker'> => {
	const { broker, 'broker-engine': engine } = typed;
	if (broker === undefined) return engine === 'mosquitto' ? { broker: engine } : {};
	if (engine !== undefined) throw new UsageError('--broker-engine: a broker to start and --broker, one that runs, exclude each other');
	try {
		return { broker: parseBrokerUrl(broker) };
	} catch (cause) {
		throw new UsageError(`--broker: ${(cause as Error).message}`, { cause });
	}
};

const MOST_RETRIES = 10;

export const parseRetries = (text: string | undefined): number =>
	text === undefined ? 0 : parseWhole(text, { flag: 'retries', least: 0, most: MOST_RETRIES });

const DEFAULT_TIMEOUT_MS = 120_000;

export const parseTimeout = (text: string | undefined): number => {
	return text === undefined ? DEFAULT_TIMEOUT_MS : parseTime(text, { flag: 'timeout' });
};

/** A time with its unit, `90s` or `5m`, in milliseconds. */
export const parseTime = (text: string, { flag }: { readonly flag: string }): number => {
	const [, number, unit] = /^(\d{1,6}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text) ?? [];
	const timeMs = Number(number) * (UNIT_MS[unit ?? ''] ?? 0);
	if (number === undefined || timeMs < 1) throw new UsageError(`--${flag}: a time with its unit was expected (500ms, 90s, 5m), got ${show(text)}`);
	return Math.round(timeMs);
};

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

const DEFAULT_SHRINK_S = 20;
const MOST_SHRINK_S = 86_400;

/** The time for shrinking failed cases, in milliseconds; 0 where nothing is to be shrunk. */
export const parseShrink = ({ shrink, seconds }: { readonly shrink: boolean; readonly seconds: string | undefined }): number => {
	const budgetS = seconds === undefined ? DEFAULT_SHRINK_S : parseCount(seconds, { flag: 'shrink-seconds', most: MOST_SHRINK_S });
	return shrink ? budgetS * 1000 : 0;
};

const parseWhole = (text: string, { flag, least, most }: { readonly flag: string; readonly least: number; readonly most: number }): number => {
	const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
	if (!(value >= least && value <= most)) throw new UsageError(`--${flag}: a whole number from ${least} to ${most} was expected, got ${show(text)}`);
	return value;
};

const show = (text: string): string => (text === '' ? 'nothing' : `'${text}'`);
