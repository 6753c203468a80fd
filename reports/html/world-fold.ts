import type { BlackstartEvent } from '../../harness/events/index.js';
import { CutMapFold } from './cut-map.js';
import { createDeviceFold, type DeviceFold, foldDevice, Labels } from './device-fold.js';
import { createDeviceTable } from './device-table.js';
import { createHistogram } from './histogram.js';
import { markOf } from './mark-of.js';
import type { Mark, WorldData } from './run-data.js';
import { Series, thinInstants } from './series.js';

const MOST_MARKS = 200;
const MOST_INSTANTS = 500;
const CUTS: ReadonlySet<string> = new Set(['power-cut', 'brown-out']);

/** Folds the events of one world of devices, in any order between devices, into what the page shows of it. */
export class WorldFold {
	readonly #planned: number;
	readonly #devices = new Map<string, DeviceFold>();
	readonly #sizes = new Map<string, number>();
	readonly #labels = new Labels();
	readonly #states = new Series();
	readonly #versions = new Series();
	readonly #faults = new Series();
	readonly #marks: Mark[] = [];
	readonly #cuts = new CutMapFold();
	/** Marks that were left out. */
	unmarked = 0;

	constructor(planned: number) {
		this.#planned = planned;
	}

	observe(event: BlackstartEvent): void {
		if (event.kind === 'release-published') this.#sizes.set(event.digest, event.sizeBytes);
		if (event.kind === 'fault-fired') {
			this.#faults.add(event.at, event.fault, event.count ?? 1);
			if (event.device !== undefined && CUTS.has(event.fault)) this.#cuts.observe(event.device, event.detail ?? '');
		}
		const mark = markOf(event);
		if (mark !== undefined) {
			if (this.#marks.length < MOST_MARKS) this.#marks.push(mark);
			else this.unmarked++;
		}
		if (!('device' in event) || event.device === undefined) return;
		const device = this.#deviceOf(event.device);
		if (event.kind === 'device-state') device.state = this.#move(this.#states, { at: event.at, from: device.state, to: event.state });
		if (event.kind === 'device-provisioned' || event.kind === 'device-boot')
			device.running = this.#move(this.#versions, { at: event.at, from: device.running, to: event.version });
		foldDevice(device, event, { labels: this.#labels, sizes: this.#sizes });
	}

	/** `events`: of timelines, at most; `rows`: of devices. */
	finish({ events, rows }: { readonly events: number; readonly rows: number }): WorldData {
		const devices = [...this.#devices.values()];
		const instants = thinInstants(Float64Array.from([...this.#states.instants, ...this.#faults.instants]).sort(), MOST_INSTANTS);
		const updated = devices.filter(({ jobAt, doneAt }) => jobAt >= 0 && doneAt >= jobAt);
		const loaded = devices.filter(({ imageBytes, bytes }) => imageBytes > 0 && bytes > 0);
		const outcomes: Record<string, number> = {};
		for (const { outcome } of devices) outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
		const cuts = this.#cuts.finish((id) => this.#devices.get(id)?.outcome ?? 'unknown');
		return {
			devices: devices.length === 0 ? this.#planned : devices.length,
			at: instants,
			states: this.#states.read(instants, { running: true }),
			versions: this.#versions.read(instants, { running: true }),
			faults: this.#faults.read(instants, { running: false }),
			marks: this.#marks,
			outcomes,
			histograms: [
				createHistogram(
					updated.map(({ jobAt, doneAt }) => doneAt - jobAt),
					{ name: 'from job to confirmed', unit: 'ms' },
				),
				createHistogram(
					devices.filter(({ jobAt }) => jobAt >= 0).map(({ resumes }) => resumes),
					{ name: 'downloads gone on with', unit: 'times' },
				),
				createHistogram(
					loaded.map(({ imageBytes, bytes }) => bytes / imageBytes),
					{ name: 'bytes received against the image', unit: 'images' },
				),
			].filter((histogram) => histogram !== undefined),
			...(cuts === undefined ? {} : { cuts }),
			table: createDeviceTable(devices, { labels: this.#labels.list, events, rows }),
		};
	}

	/** Events that timelines would hold in all. */
	get told(): number {
		let told = 0;
		for (const { timeline } of this.#devices.values()) told += timeline.length / 2;
		return told;
	}

	#deviceOf(id: string): DeviceFold {
		const known = this.#devices.get(id);
		if (known !== undefined) return known;
		const device = createDeviceFold(id);
		this.#devices.set(id, device);
		return device;
	}

	#move(series: Series, { at, from, to }: { readonly at: number; readonly from: string | undefined; readonly to: string }): string {
		if (from === to) return to;
		if (from !== undefined) series.add(at, from, -1);
		series.add(at, to, 1);
		return to;
	}
}
