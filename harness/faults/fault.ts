import type { FleetFault, IdentityFault } from './fleet-fault.js';
import type { ServerFault } from './server-fault.js';

/** The fault vocabulary: what can be done to a device, its link or the service, and the names evidence is counted by. */

/** How power loss leaves the flash operation it hits; the design's ladder L0 to L3. */
export type TearMode = 'before' | 'after' | 'prefix' | 'half' | 'bits' | 'unreadable';

export const TEAR_MODES: readonly TearMode[] = ['before', 'after', 'prefix', 'half', 'bits', 'unreadable'];

/** When power goes. Operations and messages are counted from the moment the fault is armed, from 0. */
export type CutMoment =
	| { readonly at: 'operation'; readonly operation: number; readonly tear: TearMode; readonly tearSeed?: number }
	| { readonly at: 'message'; readonly message: number }
	| { readonly at: 'time'; readonly afterMs: number };

/** Faults that hit one device. */
export type DeviceFault =
	| { readonly kind: 'power-cut'; readonly moment: CutMoment /** How long the device stays dark. */; readonly offMs: number }
	/** The supply sags: the program at that operation reports success with wrong bits, then the device resets. */
	| { readonly kind: 'brown-out'; readonly operation: number }
	/** The connection ends with a reset at the n-th message or byte the device receives from now. */
	| { readonly kind: 'link-reset'; readonly after: { readonly messages: number } | { readonly bytes: number } }
	/** The connection goes silent in both directions without an end, as behind a NAT that forgot it. */
	| { readonly kind: 'link-half-open'; readonly after: { readonly messages: number } | { readonly bytes: number } }
	/** The device stops reading for a while: its link's buffer fills, the broker must not care. */
	| { readonly kind: 'stalled-reader'; readonly afterMs: number; readonly forMs: number }
	/** The device's clock of the day is put elsewhere, once, when it has power. */
	| { readonly kind: 'clock-jump'; readonly afterMs: number; readonly toEpochMs: number }
	| { readonly kind: 'clock-jump'; readonly afterMs: number; readonly byMs: number }
	/** Of a device with a battery: drained to `percent`, from where it charges evenly until it is full after `forMs`. */
	| { readonly kind: 'battery-low'; readonly percent: number; readonly afterMs: number; readonly forMs: number }
	/** A person at a programmer writes a slot over and lets the device start anew; waits until no image is on trial. */
	| { readonly kind: 'flashed-by-hand'; readonly slot: 'running' | 'idle'; readonly image: Uint8Array; readonly afterMs: number }
	/** An attacker who runs the device has it speak on another one's topics: its report, success of the job that both have, or news of a job. */
	| { readonly kind: 'forged-message'; readonly victim: string; readonly says: 'report' | 'success' | 'job'; readonly afterMs: number };

/** Faults that hit the service. */
export type ServiceFault =
	| { readonly kind: 'broker-restart'; readonly afterMs: number; readonly downMs: number; readonly sessions: 'kept' | 'lost' }
	| { readonly kind: 'service-down'; readonly afterMs: number; readonly forMs: number }
	| ServerFault;

const DEVICE_FAULTS: Readonly<Record<DeviceFault['kind'], true>> = {
	'power-cut': true,
	'brown-out': true,
	'link-reset': true,
	'link-half-open': true,
	'stalled-reader': true,
	'clock-jump': true,
	'battery-low': true,
	'flashed-by-hand': true,
	'forged-message': true,
};

const SERVICE_FAULTS: Readonly<Record<ServiceFault['kind'], true>> = {
	'broker-restart': true,
	'service-down': true,
	'job-repeated': true,
	'job-retained': true,
	throttled: true,
	'version-conflict': true,
	'report-lost': true,
	'report-repeated': true,
	'service-restored': true,
	'file-swapped': true,
	'answers-wrong': true,
	'answers-endless': true,
	'answers-slow': true,
	'statement-changed': true,
	'artifacts-wrong': true,
};

const FLEET_FAULTS: Readonly<Record<FleetFault['kind'] | IdentityFault['kind'], true>> = {
	'region-outage': true,
	'region-power-cut': true,
	'late-wills': true,
	'cloned-identity': true,
};

/** Faults that are asked for in other ways than by arming them on a device or the service. */
export type AskedFault =
	/** A link that loses packets. */
	| 'packet-loss'
	/** A release that devices must refuse. */
	| 'image-defect'
	/** A release that behaves badly, or oddly, once it runs. */
	| 'image-behaviour'
	/** A campaign's controller that is killed. */
	| 'controller-kill'
	/** A key set that goes along with jobs: the next one, or one that a stranger signed. */
	| 'key-rotation'
	/** A person who orders a campaign to stop. */
	| 'campaign-abort'
	/** Hardware that fails the self-test of any new image. */
	| 'weak-hardware';

const ASKED_FAULTS: Readonly<Record<AskedFault, true>> = {
	'packet-loss': true,
	'image-defect': true,
	'image-behaviour': true,
	'controller-kill': true,
	'key-rotation': true,
	'campaign-abort': true,
	'weak-hardware': true,
};

/**
 * Faults of a release, of hardware or of people: evidence that they took effect, and nothing from outside that a device has to
 * come back from, as it has from a power cut or a lost connection.
 */
export const isDisturbance = (fault: string): boolean => fault === 'packet-loss' || !(fault in ASKED_FAULTS);

export type FaultKind = DeviceFault['kind'] | ServiceFault['kind'] | FleetFault['kind'] | IdentityFault['kind'] | AskedFault;

/** Every fault there is, by the name that its evidence is counted by. */
export const FAULT_KINDS = Object.keys({ ...DEVICE_FAULTS, ...SERVICE_FAULTS, ...FLEET_FAULTS, ...ASKED_FAULTS }) as readonly FaultKind[];

/**
 * A link as the application sees it above TCP: bytes are never lost, corrupted or reordered. A lost packet is a
 * retransmission stall; a loss that outlives the retries is a reset.
 */
export interface LinkConditions {
	/** One way. */
	readonly latencyMs: number;
	/** Uniform, added to the latency, 0 to this. */
	readonly jitterMs: number;
	/** 0: unlimited. */
	readonly bandwidthBytesPerS: number;
	/** Of packets, 0-1; each loss costs a retransmission timeout that doubles, from 200 ms. */
	readonly lossRatio: number;
}

export const GOOD_LINK: LinkConditions = { latencyMs: 20, jitterMs: 5, bandwidthBytesPerS: 0, lossRatio: 0 };
