import type { DeviceFold } from './device-fold.js';
import { type DeviceTable, type Interned, LANES } from './run-data.js';
import type { Lane } from './tell-device.js';

/** What most wants to be looked at first. */
const PRESSING: readonly string[] = ['bricked', 'stuck', 'unknown', 'refused', 'reverted'];

/** Columns of the devices, those in trouble first where there are more than `rows`; timelines of as many as `events` allow, those again first. */
export const createDeviceTable = (
	devices: readonly DeviceFold[],
	{ labels, events, rows }: { readonly labels: readonly (readonly [lane: Lane, text: string])[]; readonly events: number; readonly rows: number },
): DeviceTable => {
	const ranked = rank(devices);
	const shown = devices.length <= rows ? devices : inOrder(ranked.slice(0, rows), devices);
	const rowOf = new Map(shown.map((device, row) => [device, row]));
	const used = new Map<number, number>();
	const timelines: Record<number, readonly [number[], number[], number]> = {};
	let left = events;
	for (const device of ranked) {
		const count = device.timeline.length / 2;
		const row = rowOf.get(device);
		if (row === undefined || count > left) continue;
		left -= count;
		timelines[row] = encodeTimeline(device, used);
	}
	const column = (read: (device: DeviceFold) => number): number[] => shown.map(read);
	return {
		total: devices.length,
		ids: shown.map(({ id }) => id),
		hardware: intern(shown.map(({ hardware }) => hardware)),
		version: intern(shown.map(({ version }) => version)),
		outcome: intern(shown.map(({ outcome }) => outcome)),
		boots: column(({ boots }) => boots),
		bytes: column(({ bytes }) => bytes),
		flashOperations: column(({ flashOperations }) => flashOperations),
		resumes: column(({ resumes }) => resumes),
		faults: column(({ faults }) => faults),
		updateMs: column(({ jobAt, doneAt }) => (jobAt >= 0 && doneAt >= jobAt ? doneAt - jobAt : -1)),
		labels: [...used.keys()].map((number) => {
			const [lane, text] = labels[number] as readonly [Lane, string];
			return [LANES.indexOf(lane), text.slice(0, 200)] as const;
		}),
		timelines,
	};
};

/** Devices in trouble, then those with faults, then the others spread over the fleet. */
const rank = (devices: readonly DeviceFold[]): readonly DeviceFold[] => {
	const pressing = (device: DeviceFold): number => {
		const at = PRESSING.indexOf(device.outcome);
		return at >= 0 ? at : device.faults > 0 ? PRESSING.length : PRESSING.length + 1;
	};
	const groups: DeviceFold[][] = Array.from({ length: PRESSING.length + 2 }, () => []);
	for (const device of devices) (groups[pressing(device)] as DeviceFold[]).push(device);
	return groups.flatMap(spread);
};

/** Every eighth first, then those between. */
const spread = (devices: readonly DeviceFold[]): readonly DeviceFold[] =>
	[0, 4, 2, 6, 1, 3, 5, 7].flatMap((rest) => devices.filter((_, index) => index % 8 === rest));

const inOrder = (some: readonly DeviceFold[], all: readonly DeviceFold[]): readonly DeviceFold[] => {
	const wanted = new Set(some);
	return all.filter((device) => wanted.has(device));
};

const encodeTimeline = ({ timeline, untold }: DeviceFold, used: Map<number, number>): readonly [number[], number[], number] => {
	const steps: number[] = [];
	const labels: number[] = [];
	let before = 0;
	for (let index = 0; index < timeline.length; index += 2) {
		const at = timeline[index] as number;
		const label = timeline[index + 1] as number;
		if (!used.has(label)) used.set(label, used.size);
		steps.push(Math.round(at - before));
		labels.push(used.get(label) as number);
		before = Math.round(at);
	}
	return [steps, labels, untold];
};

const intern = (values: readonly string[]): Interned => {
	const numbers = new Map<string, number>();
	const rows = values.map((value) => {
		const known = numbers.get(value);
		if (known !== undefined) return known;
		numbers.set(value, numbers.size);
		return numbers.size - 1;
	});
	return { names: [...numbers.keys()], rows };
};
