import { type PartResult, partOf } from './parts.js';

/** A part's figures as people compare them. */
export interface Figures {
	readonly part: string;
	readonly devices: number;
	readonly cpuS: number;
	readonly wallS: number;
	readonly cpuMsPerDevice: number;
	readonly eventsPerS: number | null;
	/** Virtual device-hours per second of CPU, null where nothing is simulated. */
	readonly deviceHoursPerCpuS: number | null;
	/** In use per device when all is done. */
	readonly liveKiBPerDevice: number;
	/** Growth of the process at its largest, per device. */
	readonly peakKiBPerDevice: number;
	/** CPU against the floor's, null where the floor was not measured. */
	readonly timesFloor: number | null;
}

export const figuresOf = (results: readonly PartResult[]): readonly Figures[] =>
	results.map(({ part, devices, events, deviceHours, usage, timesFloor }) => {
		const { floor } = partOf(part);
		const under = results.find((other) => other.part === floor);
		return {
			part,
			devices,
			cpuS: round(usage.cpuS, 2),
			wallS: round(usage.wallS, 2),
			cpuMsPerDevice: round((usage.cpuS * 1000) / devices, 2),
			eventsPerS: events === undefined ? null : Math.round(events / usage.wallS),
			deviceHoursPerCpuS: deviceHours === undefined ? null : Math.round(deviceHours / usage.cpuS),
			liveKiBPerDevice: round(usage.liveBytes / 1024 / devices, 1),
			peakKiBPerDevice: round(usage.peakBytes / 1024 / devices, 1),
			timesFloor: under ? round(usage.cpuS / under.usage.cpuS, 2) : (timesFloor ?? null),
		};
	});

const COLUMNS: readonly (readonly [string, keyof Figures])[] = [
	['part', 'part'],
	['devices', 'devices'],
	['CPU s', 'cpuS'],
	['wall s', 'wallS'],
	['CPU ms/device', 'cpuMsPerDevice'],
	['events/s', 'eventsPerS'],
	['device-h/CPU s', 'deviceHoursPerCpuS'],
	['live KiB/device', 'liveKiBPerDevice'],
	['peak KiB/device', 'peakKiBPerDevice'],
	['x floor', 'timesFloor'],
];

/** Names to the left, numbers to the right, two spaces between. */
export const formatTable = (figures: readonly Figures[]): string => {
	const rows = [COLUMNS.map(([title]) => title), ...figures.map((figure) => COLUMNS.map(([, key]) => `${figure[key] ?? '-'}`))];
	const widths = COLUMNS.map((_, column) => Math.max(...rows.map((row) => (row[column] as string).length)));
	const line = (row: readonly string[]): string =>
		row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] as number) : cell.padStart(widths[column] as number))).join('  ');
	return `${rows.map(line).join('\n')}\n`;
};

/** What parts have to say beside their figures. */
export const formatNotes = (results: readonly PartResult[]): string =>
	results.flatMap(({ part, notes = [] }) => notes.map((note) => `${part}: ${note}\n`)).join('');

const round = (value: number, digits: number): number => Number(value.toFixed(digits));
