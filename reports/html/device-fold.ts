import type { BlackstartEvent } from '../../harness/events/index.js';
import { type Lane, tellDevice } from './tell-device.js';

/** What is known of one device of a world. */
export interface DeviceFold {
	readonly id: string;
	hardware: string;
	state: string | undefined;
	/** Version that runs, as the world sees it. */
	running: string | undefined;
	version: string;
	outcome: string;
	/** Whether its world said what it came to. */
	ended: boolean;
	boots: number;
	bytes: number;
	flashOperations: number;
	resumes: number;
	faults: number;
	jobAt: number;
	doneAt: number;
	/** Size of the image of its newest job. */
	imageBytes: number;
	/** Instants and labels in turn. */
	readonly timeline: number[];
	/** Events beyond those kept. */
	untold: number;
}

/** Beyond these a device's timeline ends; the report says how many came after. */
const MOST_EVENTS = 400;

export const createDeviceFold = (id: string): DeviceFold => ({
	id,
	hardware: '?',
	state: undefined,
	running: undefined,
	version: 'none',
	outcome: 'unknown',
	ended: false,
	boots: 0,
	bytes: 0,
	flashOperations: 0,
	resumes: 0,
	faults: 0,
	jobAt: -1,
	doneAt: -1,
	imageBytes: 0,
	timeline: [],
	untold: 0,
});

/** Texts of timelines, each once. */
export class Labels {
	readonly list: (readonly [lane: Lane, text: string])[] = [];
	readonly #numbers = new Map<string, number>();

	numberOf(lane: Lane, text: string): number {
		const key = `${lane} ${text}`;
		const known = this.#numbers.get(key);
		if (known !== undefined) return known;
		const number = this.list.length;
		this.list.push([lane, text]);
		this.#numbers.set(key, number);
		return number;
	}
}

/** Takes an event of the device; what it says of the whole fleet is not looked at. */
export const foldDevice = (
	device: DeviceFold,
	event: BlackstartEvent,
	{ labels, sizes }: { readonly labels: Labels; readonly sizes: ReadonlyMap<string, number> },
): void => {
	const told = tellDevice(event);
	if (told !== undefined && 'at' in event) {
		if (device.timeline.length < 2 * MOST_EVENTS) device.timeline.push(event.at, labels.numberOf(...told));
		else device.untold++;
	}
	switch (event.kind) {
		case 'device-provisioned':
			device.hardware = event.hardware;
			device.version = event.version;
			break;
		case 'device-boot':
			device.version = event.version;
			break;
		case 'device-job':
			if (device.jobAt < 0) device.jobAt = event.at;
			device.imageBytes = sizes.get(event.digest) ?? device.imageBytes;
			break;
		case 'device-downloaded':
			device.resumes += event.resumes;
			break;
		case 'device-confirmed':
			device.doneAt = event.at;
			break;
		case 'fault-fired':
			device.faults += event.count ?? 1;
			break;
		case 'device-audit':
			Object.assign(device, { boots: event.boots, bytes: event.bytesReceived, flashOperations: event.flashOperations });
			break;
		case 'device-final':
			Object.assign(device, { version: event.version ?? 'none', outcome: event.outcome, ended: true });
			break;
	}
};
