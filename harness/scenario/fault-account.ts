import type { BlackstartEvent, FaultCount } from '../events/index.js';

/** Counts the faults of one case: what was armed, and what there is evidence for. */
export class FaultAccount {
	/** By fault, then by device; the empty name stands for faults of the fleet or the service. */
	readonly #byFault = new Map<string, Map<string, { armed: number; fired: number }>>();
	#fired = 0;

	observe(event: BlackstartEvent): void {
		if (event.kind !== 'fault-armed' && event.kind !== 'fault-fired') return;
		const { fault, device = '', count = 1 } = event;
		const byDevice = this.#byFault.get(fault) ?? new Map<string, { armed: number; fired: number }>();
		this.#byFault.set(fault, byDevice);
		const counted = byDevice.get(device) ?? { armed: 0, fired: 0 };
		byDevice.set(device, counted);
		if (event.kind === 'fault-armed') counted.armed += count;
		else {
			counted.fired += count;
			this.#fired += count;
		}
	}

	get fired(): number {
		return this.#fired;
	}

	/** By fault, in the order of their names. */
	counts(): readonly FaultCount[] {
		return [...this.#byFault]
			.map(([fault, byDevice]) => {
				let armed = 0;
				let fired = 0;
				for (const counted of byDevice.values()) {
					armed += counted.armed;
					fired += counted.fired;
				}
				return { fault, armed, fired };
			})
			.sort((one, other) => (one.fault < other.fault ? -1 : 1));
	}

	/**
	 * One line for each fault with less evidence than was armed. A fault on one device is no evidence for another device;
	 * what was armed or fired without a device's name stands for any. `inCell`: devices elsewhere may have the evidence for that.
	 */
	withoutEvidence({ inCell = false }: { readonly inCell?: boolean } = {}): readonly string[] {
		return this.counts().flatMap(({ fault, armed }) => {
			let namedMissing = 0;
			let namedSpare = 0;
			const silent: string[] = [];
			for (const [device, counted] of this.#byFault.get(fault) ?? []) {
				if (device === '') continue;
				if (counted.armed > counted.fired) silent.push(device);
				namedMissing += Math.max(0, counted.armed - counted.fired);
				namedSpare += Math.max(0, counted.fired - counted.armed);
			}
			const unnamed = this.#byFault.get(fault)?.get('') ?? { armed: 0, fired: 0 };
			const unnamedMissing = inCell ? 0 : Math.max(0, unnamed.armed - unnamed.fired - namedSpare);
			const missing = Math.max(0, namedMissing - Math.max(0, unnamed.fired - unnamed.armed)) + unnamedMissing;
			if (missing === 0) return [];
			const where = silent.length > 0 ? ` (${silent.slice(0, 3).join(', ')}${silent.length > 3 ? ', …' : ''})` : '';
			return [`${fault}: ${missing} of ${armed} armed never fired${where}`];
		});
	}
}
