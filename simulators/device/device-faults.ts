import type { DeviceFault } from '../../harness/faults/index.js';
import { type FiredFlashFault, PowerLoss } from '../../harness/flash/index.js';
import type { Link } from '../network/index.js';
import type { Device } from './device.js';
import { areaOf } from './flash-area.js';
import { flashByHand } from './flash-by-hand.js';
import { forgeMessage } from './forgery.js';

type PowerCut = Extract<DeviceFault, { kind: 'power-cut' }>;
/** How often a cut that waits for power looks for it. */
const POWERED_POLL_MS = 500;

type LinkFault = Extract<DeviceFault, { kind: 'link-reset' | 'link-half-open' | 'stalled-reader' }>;

/** The faults armed on one device, and the evidence of those that took effect. */
export class DeviceFaults {
	readonly #device: Device;
	#cut: PowerCut | undefined;
	#cutAtMessage: number | undefined;
	#linkFault: LinkFault | undefined;
	/** Before it a stalled reader reads. */
	#linkFaultDueMs = 0;
	#link: Link | undefined;

	constructor(device: Device) {
		this.#device = device;
	}

	/** Arms one fault. A second of the same sort replaces the first, and a power cut any fault of the flash. */
	arm(fault: DeviceFault): void {
		this.#recordArmed(fault);
		if (fault.kind === 'power-cut') this.#armCut(fault);
		else if (fault.kind === 'brown-out') this.#armBrownOut(fault.operation);
		else if (fault.kind === 'battery-low') this.#drain(fault);
		else if (fault.kind === 'flashed-by-hand') flashByHand(this.#device, fault, (detail) => this.#recordFired(fault.kind, { detail, form: fault.slot }));
		else if (fault.kind === 'forged-message') forgeMessage(this.#device, fault, (detail) => this.#recordFired(fault.kind, { detail, form: fault.says }));
		else if (fault.kind === 'clock-jump') this.#device.clock.after(Math.max(1, fault.afterMs), () => this.#jumpWhenPowered(fault));
		else this.#armLinkFault(fault);
	}

	/** The device has a new connection: a link fault that waits takes hold of it. */
	attach(link: Link): void {
		this.#link = link;
		link.onFault = (kind, detail) => {
			// A link may also be reset for reasons of its own, such as a packet lost with all its repeats: that is not what was armed.
			if (this.#linkFault?.kind !== kind || !isDoneBy(this.#linkFault, detail)) return;
			this.#linkFault = undefined;
			this.#recordFired(kind, { detail });
		};
		if (this.#linkFault) this.#takeHold(link, this.#linkFault);
	}

	/** Counts one message sent or received; power goes where a cut waits for it. */
	countMessage(): void {
		this.#device.tally.messages++;
		if (this.#cutAtMessage === undefined || this.#cutAtMessage-- > 0) return;
		this.#cutAtMessage = undefined;
		throw new PowerLoss(this.#device.flash.operations, 'power was lost at a message');
	}

	/** The flash's evidence of a fault that took effect. */
	flashFired(fault: FiredFlashFault): void {
		if (fault.tear !== 'brown-out') return;
		this.#recordFired('brown-out', { detail: describe(fault), form: `${fault.kind} ${this.#areaOf(fault)}` });
		this.#device.after(1, () => this.#device.reset('brown-out'));
	}

	/** Power went inside a piece of the device's own doing: in an operation of its flash, or at a message. */
	powerLost(loss: PowerLoss): void {
		const fault = this.#device.flash.fired.at(-1);
		if (fault?.operation === loss.operation) this.#firePowerCut({ detail: describe(fault), form: `${fault.kind} ${fault.tear} ${this.#areaOf(fault)}` });
		else this.#firePowerCut({ detail: loss.message, form: 'message' });
	}

	#armCut(fault: PowerCut): void {
		this.#cut = fault;
		this.#cutAtMessage = undefined;
		this.#device.flash.disarm();
		const { moment } = fault;
		if (moment.at === 'operation') this.#device.flash.armCut({ operation: moment.operation, tear: moment.tear, tearSeed: moment.tearSeed ?? 0 });
		else if (moment.at === 'message') this.#cutAtMessage = moment.message;
		else this.#device.clock.after(moment.afterMs, () => this.#cutWhenPowered(fault));
	}

	/** A cut that finds the device dark already waits until it is back. */
	#cutWhenPowered(fault: PowerCut): void {
		if (this.#cut !== fault) return;
		if (this.#device.powered) this.#firePowerCut({ detail: 'at a moment', form: 'moment' });
		else this.#device.clock.after(POWERED_POLL_MS, () => this.#cutWhenPowered(fault));
	}

	#armBrownOut(operation: number): void {
		this.#device.flash.armBrownOut(operation, this.#device.random.integer(0x1_0000_0000));
	}

	/** Without power there may be no clock: the jump waits until there is. */
	#jumpWhenPowered(fault: Extract<DeviceFault, { kind: 'clock-jump' }>): void {
		const { clock, powered, wallClock } = this.#device;
		if (!powered) {
			clock.after(POWERED_POLL_MS, () => this.#jumpWhenPowered(fault));
			return;
		}
		const before = wallClock.epochMs;
		wallClock.jump('toEpochMs' in fault ? fault.toEpochMs : before + fault.byMs);
		this.#recordFired('clock-jump', { detail: `from ${new Date(before).toISOString()} to ${new Date(wallClock.epochMs).toISOString()}` });
	}

	#drain(fault: Extract<DeviceFault, { kind: 'battery-low' }>): void {
		const { battery, id } = this.#device;
		if (battery === undefined) throw new RangeError(`battery-low: a device with a battery was expected, ${id} has none`);
		battery.onLow = (reading) => this.#recordFired('battery-low', { detail: reading });
		battery.drain(fault);
	}

	#armLinkFault(fault: LinkFault): void {
		this.#linkFault = fault;
		this.#linkFaultDueMs = this.#device.clock.nowMs + (fault.kind === 'stalled-reader' ? fault.afterMs : 0);
		// What was armed on this link before is replaced too.
		this.#link?.cutAfter({ messages: Number.POSITIVE_INFINITY }, 'reset');
		if (fault.kind === 'stalled-reader') {
			this.#device.clock.after(Math.max(1, fault.afterMs), () => {
				if (this.#linkFault === fault && this.#link) this.#takeHold(this.#link, fault);
			});
		} else if (this.#link) this.#takeHold(this.#link, fault);
	}

	#takeHold(link: Link, fault: LinkFault): void {
		if (fault.kind !== 'stalled-reader') link.cutAfter(fault.after, fault.kind === 'link-reset' ? 'reset' : 'half-open');
		else if (this.#device.clock.nowMs >= this.#linkFaultDueMs) link.stallReader(fault.forMs);
	}

	#firePowerCut(evidence: Evidence): void {
		const cut = this.#cut;
		if (!cut) throw new RangeError(`${this.#device.id} lost power and no cut was armed: ${evidence.detail}`);
		this.#cut = undefined;
		this.#recordFired('power-cut', evidence);
		this.#device.powerOff('power-loss', cut.offMs);
	}

	#recordArmed(fault: DeviceFault): void {
		this.#device.record({ kind: 'fault-armed', at: this.#device.clock.nowMs, fault: fault.kind, device: this.#device.id });
	}

	#recordFired(fault: string, evidence: Evidence): void {
		this.#device.record({ kind: 'fault-fired', at: this.#device.clock.nowMs, fault, device: this.#device.id, ...evidence });
	}

	#areaOf({ offsetBytes }: FiredFlashFault): string {
		return areaOf(this.#device.profile.layout, offsetBytes);
	}
}

interface Evidence {
	readonly detail: string;
	/** As the coverage of faults tells forms apart. */
	readonly form?: string;
}

/** Whether the link's own words on a fault are those of the point where this one was to take effect. */
const isDoneBy = (fault: LinkFault, detail: string): boolean => {
	if (fault.kind === 'stalled-reader') return true;
	return detail === ('messages' in fault.after ? `after ${fault.after.messages} messages` : `after ${fault.after.bytes} bytes`);
};

const describe = (fault: FiredFlashFault): string =>
	`operation ${fault.operation}, ${fault.kind} of ${fault.lengthBytes} bytes at ${fault.offsetBytes}, ${fault.tear}`;
