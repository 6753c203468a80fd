import type { BlackstartEvent, DeviceState } from '../events/index.js';

/** How many devices are in each state, kept up to date from the events. */
export class FleetProgress {
	readonly #stateOf = new Map<string, DeviceState>();
	readonly #counts = new Map<DeviceState, number>();

	observe(event: BlackstartEvent): void {
		if (event.kind === 'world-opened') {
			this.#stateOf.clear();
			this.#counts.clear();
		}
		if (event.kind !== 'device-state') return;
		const before = this.#stateOf.get(event.device);
		if (before !== undefined) this.#counts.set(before, (this.#counts.get(before) ?? 1) - 1);
		this.#stateOf.set(event.device, event.state);
		this.#counts.set(event.state, (this.#counts.get(event.state) ?? 0) + 1);
	}

	/** States that some device is in. */
	states(): Readonly<Record<string, number>> {
		return Object.fromEntries([...this.#counts].filter(([, count]) => count > 0).sort(([one], [other]) => (one < other ? -1 : 1)));
	}
}
