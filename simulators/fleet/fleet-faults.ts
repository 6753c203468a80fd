import type { BlackstartEvent } from '../../harness/events/index.js';
import type { FleetFault } from '../../harness/faults/index.js';
import type { Clock } from '../../harness/time/index.js';
import type { Device } from '../device/index.js';
import type { DeviceNetwork } from './device-network.js';
import { LoadMeter } from './load-meter.js';

type RegionOutage = Extract<FleetFault, { kind: 'region-outage' }>;
type RegionPowerCut = Extract<FleetFault, { kind: 'region-power-cut' }>;

export interface FleetFaultsOptions {
	readonly clock: Clock;
	readonly network: DeviceNetwork;
	/** Those of now: more may join. */
	readonly devices: readonly Device[];
	/** Network segments that the fleet's places name. */
	readonly segments: ReadonlySet<string>;
	readonly record: (event: BlackstartEvent) => void;
}

/** Faults that hit many devices at one moment, with evidence: how many felt them. What they ask for when it is over is counted. */
export class FleetFaults {
	readonly #options: FleetFaultsOptions;
	readonly #meters = new Map<string | undefined, LoadMeter>();

	constructor(options: FleetFaultsOptions) {
		this.#options = options;
	}

	/** Throws a RangeError for a segment that no place of the fleet names. */
	arm(fault: FleetFault): void {
		const { clock, record, segments } = this.#options;
		if (fault.segment !== undefined && !segments.has(fault.segment)) {
			const expected = segments.size === 0 ? "a fleet whose 'places' name segments" : `one of ${[...segments].join(', ')}`;
			throw new RangeError(`segment: ${expected} was expected, got '${fault.segment}'`);
		}
		record({ kind: 'fault-armed', at: clock.nowMs, fault: fault.kind, detail: fault.segment ?? 'everywhere' });
		clock.after(Math.max(1, fault.afterMs), () => (fault.kind === 'region-outage' ? this.#cutOff(fault) : this.#cutPower(fault)));
	}

	#cutOff({ kind, segment, forMs, how }: RegionOutage): void {
		const { clock, network } = this.#options;
		const affected = network.cutOff(segment, how);
		const outageEnded = this.#meterOf(segment).outageBegan(affected);
		if (affected > 0) this.#fired(kind, `${segment}: ${affected} connections cut`);
		clock.after(forMs, () => {
			network.restore(segment);
			outageEnded();
		});
	}

	#cutPower({ kind, segment, forMs }: RegionPowerCut): void {
		const powered = this.#devicesIn(segment).filter((device) => device.powered);
		const outageEnded = this.#meterOf(segment).outageBegan(powered.length);
		if (powered.length > 0) this.#fired(kind, `${segment ?? 'everywhere'}: ${powered.length} devices lost power`);
		for (const device of powered) device.powerOff('power-loss', forMs);
		this.#options.clock.after(forMs, outageEnded);
	}

	#meterOf(segment: string | undefined): LoadMeter {
		const known = this.#meters.get(segment);
		if (known !== undefined) return known;
		const { clock, network, record } = this.#options;
		const read = () => {
			let connects = 0;
			let requests = 0;
			for (const device of this.#devicesIn(segment)) {
				connects += network.dialsOf(device);
				requests += device.tally.requests;
			}
			return { connects, requests };
		};
		const meter = new LoadMeter({ clock, record, read, ...(segment === undefined ? {} : { segment }) });
		this.#meters.set(segment, meter);
		return meter;
	}

	#devicesIn(segment: string | undefined): readonly Device[] {
		const { devices } = this.#options;
		return segment === undefined ? devices : devices.filter((device) => device.segment === segment);
	}

	#fired(fault: FleetFault['kind'], detail: string): void {
		this.#options.record({ kind: 'fault-fired', at: this.#options.clock.nowMs, fault, detail });
	}
}
