import type { Duplex } from 'node:stream';
import type { BlackstartEvent, DeviceState, ResetCause } from '../../harness/events/index.js';
import type { DeviceFault } from '../../harness/faults/index.js';
import { Flash, type PageStore, PowerLoss } from '../../harness/flash/index.js';
import type { Clock, Random, Timer } from '../../harness/time/index.js';
import type { Bootloader, SecurityCounter, Slot } from '../bootloader/index.js';
import type { Link } from '../network/index.js';
import { Agent } from './agent.js';
import { Battery } from './battery.js';
import { bootLayoutOf } from './bootloader-profile.js';
import type { Connection } from './connection.js';
import { DeviceFaults } from './device-faults.js';
import { type DeviceParts, type KeyRingPart, RIGHT_PARTS, type SettingsPart } from './device-parts.js';
import { DownloadCount } from './download-count.js';
import type { Profile } from './profile.js';
import type { RunningImage, SlotReader } from './running-image.js';
import { padToUnit } from './slot-writer.js';
import { Truth } from './truth.js';
import type { TrustPort } from './identity.js';
import { OutcomeStore, TimeFloor } from './storage/index.js';
import type { WallClock } from './wall-clock.js';

/** What surrounds a device: time, the timeline, the network and the shared memory of images already judged. */
export interface Surroundings {
	readonly clock: Clock;
	readonly store: PageStore;
	readonly record: (event: BlackstartEvent) => void;
	/** Opens a connection to the broker for a device. */
	readonly dial: (device: Device) => Connection;
	/** Where images are fetched by URL; absent where they come over the broker. */
	readonly artifacts?: ArtifactAccess;
	/** Reads and judges what lies in a slot with the keys that the device trusts. */
	readonly slots: SlotReader;
	/** What every device here is made of, the right parts by default. */
	readonly parts?: DeviceParts;
	/** How often a device that is online reports itself; after each connection alone where absent. */
	readonly reportEveryMs?: number;
	/** Whether devices tell their presence, and leave a last will. */
	readonly presence?: boolean;
	/** Whether devices subscribe to the answers to their requests, which AWS's broker sends unasked and others do not. */
	readonly subscribesToAnswers?: boolean;
	/** Told of each report that a device makes because its timer says so. */
	readonly onRoutine?: () => void;
	/** Absent: connections need no certificates, and devices no clock of the day. */
	readonly trust?: TrustPort;
	/** Whether a job is begun only with a statement that a key of the device signed. */
	readonly needsStatements?: boolean;
	/** Told whenever a device begins or ends having something to do. */
	readonly onRestChanged: (device: Device) => void;
}

/** A device's way to the server of images. */
export interface ArtifactAccess {
	/** Opens a connection; throws a DownloadError (`untrusted`) where the device model does not believe the server. */
	dial(device: Device, url: URL): { readonly link: Link; readonly stream: Duplex };
	/** PEM of whom the device believes, by TLS over that connection; undefined where it is secured already. */
	readonly authority: string | undefined;
	/** What the server lets the device in by. */
	headersOf?(device: Device): Readonly<Record<string, string>>;
}

export interface DeviceOptions {
	readonly id: string;
	readonly profile: Profile;
	readonly surroundings: Surroundings;
	readonly random: Random;
	readonly password: string;
	/** Whether its MQTT client is MQTT.js in place of mqtt-packet. */
	readonly reference: boolean;
	/** Network segment it stands in. */
	readonly segment?: string;
	/** What it calls itself; by default what its hardware is called. */
	readonly model?: string;
	/** Its hardware fails the self-test of any new image. */
	readonly weak?: boolean;
}

/** One device: power, flash, bootloader, settings, a one-way counter, and the agent of the image that runs. */
export class Device {
	readonly id: string;
	readonly profile: Profile;
	readonly surroundings: Surroundings;
	readonly random: Random;
	readonly password: string;
	readonly reference: boolean;
	readonly segment: string | undefined;
	readonly model: string;
	readonly weak: boolean;
	readonly parts: DeviceParts;
	readonly flash: Flash;
	readonly counter: SecurityCounter;
	readonly settings: SettingsPart;
	/** Of images that may be installed. */
	readonly keys: KeyRingPart;
	readonly outcome: OutcomeStore;
	readonly floor: TimeFloor;
	readonly wallClock: WallClock;
	readonly bootloader: Bootloader;
	/** Undefined: it runs from the mains. */
	readonly battery: Battery | undefined;
	readonly faults: DeviceFaults;
	readonly truth: Truth;
	readonly download = new DownloadCount();
	readonly tally = { boots: 0, watchdogResets: 0, crashes: 0, powerLosses: 0, errors: 0, messages: 0, requests: 0, bytesReceived: 0 };
	resetCause: ResetCause = 'power-on';
	running: RunningImage | null = null;
	#state: DeviceState = 'off';
	#agent: Agent | undefined;
	#powered = false;
	#atRest = false;
	/** Counts lives: whatever was begun in an earlier life has no effect in this one. */
	#life = 0;
	#bootedAtMs = 0;

	constructor(options: DeviceOptions) {
		const { id, profile, surroundings } = options;
		this.id = id;
		this.profile = profile;
		this.surroundings = surroundings;
		this.random = options.random;
		this.password = options.password;
		this.reference = options.reference;
		this.segment = options.segment;
		this.model = options.model ?? profile.name;
		this.weak = options.weak ?? false;
		this.parts = surroundings.parts ?? RIGHT_PARTS;
		this.flash = new Flash({ geometry: profile.flash, store: surroundings.store, onFired: (fault) => this.faults.flashFired(fault) });
		const { layout } = profile;
		this.counter = this.parts.createCounter();
		this.settings = this.parts.createSettings({ flash: this.flash, areas: layout.settings });
		this.keys = this.parts.createKeyRing({ flash: this.flash, areas: layout.keys, factoryKeys: () => surroundings.slots.factoryKeys });
		this.outcome = new OutcomeStore({ flash: this.flash, area: layout.outcome });
		this.floor = new TimeFloor({ flash: this.flash, areas: layout.time });
		this.wallClock = this.parts.createWallClock({ clock: surroundings.clock, keepsTime: profile.keepsTime, floor: this.floor });
		this.bootloader = this.parts.createBootloader(
			{
				flash: this.flash,
				layout: bootLayoutOf(layout),
				settings: profile.bootloader,
				judge: { judge: (area) => surroundings.slots.judge(this, area) },
				counter: this.counter,
			},
			profile.bootloader.name ?? 'ab',
		);
		this.battery = profile.battery && new Battery({ clock: surroundings.clock, ...profile.battery });
		this.faults = new DeviceFaults(this);
		this.truth = new Truth(this);
	}

	get clock(): Clock {
		return this.surroundings.clock;
	}

	get state(): DeviceState {
		return this.#state;
	}

	/** The program of the image that runs; undefined while none does. */
	get agent(): Agent | undefined {
		return this.#agent;
	}

	/** Since the last boot. */
	get uptimeMs(): number {
		return this.clock.nowMs - this.#bootedAtMs;
	}

	get powered(): boolean {
		return this.#powered;
	}

	/** Nothing left to do: idle and reported, or beyond help. */
	get atRest(): boolean {
		return this.#atRest;
	}

	record(event: BlackstartEvent): void {
		this.surroundings.record(event);
	}

	setState(state: DeviceState): void {
		if (state === this.#state) return;
		this.#state = state;
		this.record({ kind: 'device-state', at: this.clock.nowMs, device: this.id, state });
		this.setAtRest(state === 'bricked');
	}

	setAtRest(atRest: boolean): void {
		if (atRest === this.#atRest) return;
		this.#atRest = atRest;
		this.surroundings.onRestChanged(this);
	}

	arm(fault: DeviceFault): void {
		this.faults.arm(fault);
	}

	/** Runs a piece of the device's own doing; a power loss inside it ends this life. */
	run(work: () => void): void {
		try {
			work();
		} catch (error) {
			if (!(error instanceof PowerLoss)) throw error;
			this.faults.powerLost(error);
		}
	}

	/** Calls `work` after `delayMs` unless this life has ended by then. */
	after(delayMs: number, work: () => void): Timer {
		const life = this.#life;
		return this.clock.after(delayMs, () => {
			if (life === this.#life) this.run(work);
		});
	}

	powerOn(cause: ResetCause = 'power-on'): void {
		if (this.#powered) return;
		this.#powered = true;
		this.flash.powerOn();
		this.wallClock.restart();
		this.record({ kind: 'device-power', at: this.clock.nowMs, device: this.id, power: 'on', cause });
		this.#start(cause);
	}

	/** Power is gone at once: nothing of this life goes on. Comes back after `offMs`. */
	powerOff(cause: ResetCause, offMs: number): void {
		if (!this.#powered) return;
		this.#powered = false;
		this.flash.powerOff();
		this.tally.powerLosses++;
		this.#end();
		this.record({ kind: 'device-power', at: this.clock.nowMs, device: this.id, power: 'off', cause });
		this.setState('off');
		this.after(offMs, () => this.powerOn(cause));
	}

	/** A reset with the power kept. */
	reset(cause: ResetCause): void {
		if (cause === 'watchdog') this.tally.watchdogResets++;
		if (cause === 'crash') this.tally.crashes++;
		this.#end();
		this.#start(cause);
	}

	/** A programmer holds the processor, writes one slot over, and lets it start anew. */
	reprogram(slot: Slot, image: Uint8Array): void {
		const runs = this.#agent?.life.slot === slot;
		this.#end();
		const { slotA, slotB } = this.profile.layout;
		const { offsetBytes, sizeBytes } = slot === 'a' ? slotA : slotB;
		this.flash.erase(offsetBytes, sizeBytes);
		this.flash.program(
			this.bootloader.imageArea(slot).offsetBytes,
			padToUnit(image, { unitBytes: this.profile.flash.writeSizeBytes, filler: this.profile.flash.erasedByte }),
		);
		this.truth.reprogrammed(slot, { runs });
		this.#start('power-on');
	}

	/** The world closes: nothing of this device goes on, and nothing more is recorded of it. */
	abandon(): void {
		this.#end();
	}

	#start(cause: ResetCause): void {
		this.resetCause = cause;
		this.setState('booting');
		this.after(this.profile.timings.bootMs, () => this.#boot());
	}

	#end(): void {
		this.#life++;
		this.download.cut();
		this.#agent?.stop();
		this.#agent = undefined;
		this.running = null;
	}

	#boot(): void {
		this.tally.boots++;
		this.#bootedAtMs = this.clock.nowMs;
		const decision = this.bootloader.boot();
		if (decision.kind === 'none') return this.#brick(decision.reason);
		const image = this.surroundings.slots.read(this, decision.slot);
		if (!image) return this.#brick(`slot ${decision.slot} holds no image that can run`);
		this.running = image;
		if (this.surroundings.trust !== undefined) this.wallClock.boot();
		this.#agent = new Agent(this, { image, trial: decision.trial, reverted: decision.reverted, slot: decision.slot });
		this.truth.recordBoot(decision, image);
		this.#agent.start();
	}

	#brick(reason: string): void {
		this.record({ kind: 'device-no-boot', at: this.clock.nowMs, device: this.id, cause: this.resetCause, reason });
		this.setState('bricked');
	}
}
