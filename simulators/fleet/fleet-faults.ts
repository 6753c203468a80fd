import type { BlackstartEvent } from '../../harness/events/index.js';
import type { FleetFault, IdentityFault } from '../../harness/faults/index.js';
import type { Clock, Random } from '../../harness/time/index.js';
import type { Cloud } from '../cloud/index.js';
import type { Device } from '../device/index.js';
import { ClonedIdentity } from './cloned-identity.js';
import type { DeviceNetwork } from './device-network.js';
import { LoadMeter } from './load-meter.js';

type RegionOutage = Extract<FleetFault, { kind: 'region-outage' }>;
type RegionPowerCut = Extract<FleetFault, { kind: 'region-power-cut' }>;
type LateWills = Extract<FleetFault, { kind: 'late-wills' }>;

export interface FleetFaultsOptions {
	readonly clock: Clock;
	readonly network: DeviceNetwork;
	readonly cloud: Cloud;
	readonly random: Random;
	/** Those of now: more may join. */
	readonly devices: readonly Device[];
	/** Network segments that the fleet's places name. */
	readonly segments: ReadonlySet<string>;
	readonly record: (event: BlackstartEvent) => void;
}

/** Faults that come to devices from outside, with evidence: how many felt them. What they ask for when it is over is counted. */
export class FleetFaults {
	readonly #options: FleetFaultsOptions;
	readonly #meters = new Map<string | undefined, LoadMeter>();

	constructor(options: FleetFaultsOptions) {
		this.#options = options;
	}

	/** Throws a RangeError for a segment that no place of the fleet names. */
	arm(fault: FleetFault): void {
		if (fault.kind === 'late-wills') return this.#armLateWills(fault);
		const { clock, record, segments } = this.#options;
		if (fault.segment !== undefined && !segments.has(fault.segment)) {
			const expected = segments.size === 0 ? "a fleet whose 'places' name segments" : `one of ${[...segments].join(', ')}`;
			throw new RangeError(`segment: ${expected} was expected, got '${fault.segment}'`);
		}
		record({ kind: 'fault-armed', at: clock.nowMs, fault: fault.kind, detail: fault.segment ?? 'everywhere' });
		clock.after(Math.max(1, fault.afterMs), () => (fault.kind === 'region-outage' ? this.#cutOff(fault) : this.#cutPower(fault)));
	}

	/** Has another client connect as the device. */
	armOn(device: Device, fault: IdentityFault): void {
		const { clock, record } = this.#options;
		const report = device.running ? device.parts.report(device, device.running) : undefined;
		record({ kind: 'fault-armed', at: clock.nowMs, fault: fault.kind, device: device.id });
		clock.after(Math.max(1, fault.afterMs), () => this.#clone(device, { report, fault }));
	}

	#clone(device: Device, { report, fault }: { readonly report: Uint8Array | undefined; readonly fault: IdentityFault }): void {
		const { clock, network, record, random } = this.#options;
		const { kind, forMs } = fault;
		const { id, password } = device;
		const chance = random.stream(`clone/${id}`);
		const dialsBefore = network.dialsOf(device);
		let takenBack = 0;
		const clone = new ClonedIdentity({
			thing: id,
			password,
			report,
			clock,
			random: chance,
			dial: () => network.dialAs(device, chance),
			onTakenOver: () => {
				takenBack++;
				if (takenBack === 1) record({ kind: 'fault-fired', at: clock.nowMs, fault: kind, device: id, detail: 'two clients took the place from each other' });
			},
		});
		clock.after(forMs, () => {
			clone.stop();
			record({ kind: 'device-contended', at: clock.nowMs, device: id, forMs, takenBack, dials: network.dialsOf(device) - dialsBefore });
		});
	}

	#armLateWills({ kind, afterMs, forMs, byMs }: LateWills): void {
		const { clock, cloud, record } = this.#options;
		record({ kind: 'fault-armed', at: clock.nowMs, fault: kind, detail: `by ${byMs / 1_000} s` });
		clock.after(Math.max(1, afterMs), () => {
			const before = cloud.stats.lateWills;
			cloud.delayWills(byMs);
			clock.after(forMs, () => {
				cloud.delayWills(0);
				const late = cloud.stats.lateWills - before;
				if (late > 0) this.#fired(kind, `${late} wills came ${byMs / 1_000} s late`);
			});
		});
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
