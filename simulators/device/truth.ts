import { hash } from 'node:crypto';
import type { BootDecision, Slot } from '../bootloader/index.js';
import type { Device } from './device.js';
import type { RunningImage } from './running-image.js';
import type { Settings } from './storage/index.js';

/**
 * What is really so in a device's flash, for the timeline. The device's own program cannot report what became
 * durable in the very operation that lost power, so the world looks for it at the next boot.
 */
export class Truth {
	readonly #device: Device;
	#confirmed: string | null = null;
	#confirming: string | null = null;
	#migratingTo: string | null = null;
	#reprogrammed = false;

	constructor(device: Device) {
		this.#device = device;
	}

	get confirmedDigest(): string | null {
		return this.#confirmed;
	}

	/** Whether a person ever wrote over one of its slots. */
	get wasReprogrammed(): boolean {
		return this.#reprogrammed;
	}

	/** The image the device left the factory with. */
	provisioned(image: RunningImage): void {
		const { id, profile, clock, counter } = this.#device;
		this.#confirmed = image.digest;
		const settings = this.settingsDigest(image);
		this.#device.record({
			kind: 'device-provisioned',
			at: clock.nowMs,
			device: id,
			hardware: profile.hardware,
			digest: image.digest,
			version: image.version,
			securityCounter: counter.read(),
			settings,
		});
	}

	/** A person put another image into a slot; in the one that `runs` it is the device's image from here on, if it can run. */
	reprogrammed(slot: Slot, { runs }: { readonly runs: boolean }): void {
		const { id, clock } = this.#device;
		const digest = this.#device.surroundings.slots.read(this.#device, slot)?.digest ?? '';
		if (runs) this.#confirmed = digest;
		this.#reprogrammed = true;
		this.#device.record({ kind: 'device-flashed', at: clock.nowMs, device: id, slot, runs, digest });
	}

	/** Runs `confirm`, and remembers the attempt in case power goes at its last operation. */
	confirming(image: RunningImage, confirm: () => void): void {
		this.#confirming = image.digest;
		confirm();
		this.#recordConfirmed(image);
	}

	/** Runs `migrate`, which leaves the settings as given, with the same care. */
	migrating(settings: Settings, migrate: () => void): void {
		this.#migratingTo = digestOf(settings);
		migrate();
		this.#recordMigrated();
	}

	recordBoot(decision: Extract<BootDecision, { kind: 'run' }>, image: RunningImage): void {
		const { id, clock, counter, resetCause } = this.#device;
		if (!decision.trial && this.#confirming === image.digest) this.#recordConfirmed(image);
		this.#confirming = null;
		const settings = this.settingsDigest(image);
		if (settings === this.#migratingTo) this.#recordMigrated();
		this.#migratingTo = null;
		this.#device.record({
			kind: 'device-boot',
			at: clock.nowMs,
			device: id,
			cause: resetCause,
			slot: decision.slot,
			version: image.version,
			digest: image.digest,
			trial: decision.trial,
			reverted: decision.reverted,
			securityCounter: counter.read(),
			settings,
		});
		// Without trials, what runs has been taken for good.
		if (this.#device.bootloader.runsForGood && image.digest !== this.#confirmed) this.#recordConfirmed(image);
	}

	/** SHA-256 of the settings as that image reads them. */
	settingsDigest(image: RunningImage): string | 'unreadable' {
		const settings = readSettings(this.#device, image);
		return settings === 'unreadable' ? settings : digestOf(settings);
	}

	#recordConfirmed(image: RunningImage): void {
		this.#confirming = null;
		this.#confirmed = image.digest;
		this.#device.record({
			kind: 'device-confirmed',
			at: this.#device.clock.nowMs,
			device: this.#device.id,
			digest: image.digest,
			securityCounter: image.securityCounter,
		});
	}

	#recordMigrated(): void {
		const settings = this.#migratingTo as string;
		this.#migratingTo = null;
		this.#device.record({ kind: 'device-settings-changed', at: this.#device.clock.nowMs, device: this.#device.id, settings });
	}
}

/** The newest settings that an image of that schema understands. */
export const readSettings = (device: Device, image: RunningImage): Settings | 'unreadable' => {
	for (let schema = image.settingsSchema; schema > 1; schema--) {
		const settings = device.settings.read(schema);
		if (settings !== 'unreadable') return settings;
	}
	return device.settings.read(1);
};

/** Of the entries in the order of their keys. */
const digestOf = (settings: Settings): string => {
	const entries = Object.entries(settings).sort(([left], [right]) => (left < right ? -1 : 1));
	return hash('sha256', JSON.stringify(entries));
};
