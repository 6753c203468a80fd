import { type DeviceReport, parseDeviceReport } from '../../harness/protocols/index.js';

/** What the service believes of each device: its own last report. */
export class Inventory {
	readonly #reports = new Map<string, DeviceReport>();
	#malformed = 0;

	get malformed(): number {
		return this.#malformed;
	}

	/** Takes a report; undefined, and counted, where it is none. */
	receive(thing: string, payload: Uint8Array): DeviceReport | undefined {
		const report = parseDeviceReport(payload);
		if (report === undefined) this.#malformed++;
		else this.#reports.set(thing, report);
		return report;
	}

	report(thing: string): DeviceReport | undefined {
		return this.#reports.get(thing);
	}

	snapshot(): ReadonlyMap<string, DeviceReport> {
		return new Map(this.#reports);
	}

	restore(snapshot: ReadonlyMap<string, DeviceReport>): void {
		this.#reports.clear();
		for (const [thing, report] of snapshot) this.#reports.set(thing, report);
	}
}
