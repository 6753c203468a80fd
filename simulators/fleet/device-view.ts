import type { DeviceOutcome, DeviceState } from '../../harness/events/index.js';
import type { FleetDevice } from '../../harness/ports/index.js';
import type { Device } from '../device/index.js';
import type { FleetService } from './fleet-service.js';
import { outcomeOf } from './outcome.js';

/** A device as scenarios see it. */
export class DeviceView implements FleetDevice {
	readonly #device: Device;
	readonly #service: FleetService;

	constructor(device: Device, service: FleetService) {
		this.#device = device;
		this.#service = service;
	}

	get id(): string {
		return this.#device.id;
	}

	get profile(): string {
		return this.#device.profile.name;
	}

	get hardware(): string {
		return this.#device.profile.hardware;
	}

	get state(): DeviceState {
		return this.#device.state;
	}

	get version(): string | null {
		return this.#device.running?.version ?? null;
	}

	get outcome(): DeviceOutcome {
		return outcomeOf(this.#device, this.#service);
	}

	get flashOperations(): number {
		return this.#device.flash.operations;
	}

	get messages(): number {
		return this.#device.tally.messages;
	}

	get boots(): number {
		return this.#device.tally.boots;
	}

	get reportedReason(): string | undefined {
		return this.#service.cloud.newestJob(this.#device.id)?.statusDetails.reason;
	}

	get blockSizeBytes(): number {
		return this.#device.profile.download.blockSizeBytes;
	}
}
