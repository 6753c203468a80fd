import type { BlackstartEvent } from '../../harness/events/index.js';
import { PageStore } from '../../harness/flash/index.js';
import type { Release } from '../../harness/firmware/index.js';
import type { Random, World } from '../../harness/time/index.js';
import { type ArtifactAccess, type CachingSlotReader, Device, type DeviceParts, type Profile, type Surroundings, type TrustPort } from '../device/index.js';
import { Deal } from './deal.js';
import type { DeviceNetwork } from './device-network.js';
import { type ImagedFlash, provisionDevice } from './provision.js';

const PAGE_SIZE_BYTES = 1024;
/** Devices come on over this time each, so that they do not all dial at one instant. */
const POWER_ON_SPREAD_MS_PER_DEVICE = 4;

export interface RosterOptions {
	readonly world: World;
	readonly slots: CachingSlotReader;
	readonly record: (event: BlackstartEvent) => void;
	/** What devices are and where they stand, dealt out by share; devices that are named come first. */
	readonly places: readonly Place[];
	readonly reportEveryMs?: number;
	/** Whether devices tell their presence. */
	readonly presence?: boolean;
	/** Told of each report that a device makes because its timer says so. */
	readonly onRoutine: () => void;
	/** Told of each device before it is powered on. */
	readonly onMade: (device: Device) => void;
	/** Whether devices subscribe to answers. */
	readonly subscribesToAnswers?: boolean;
	/** How devices come to where images lie; absent where they come over the broker. */
	readonly artifacts?: Omit<ArtifactAccess, 'dial'>;
	readonly trust?: TrustPort;
	/** Whether devices begin jobs only with a signed statement. */
	readonly needsStatements?: boolean;
	/** Share of the devices whose hardware fails the self-test of any new image, 0-1. */
	readonly weakRatio: number;
	/** Share of the devices whose MQTT client is MQTT.js, 0-1. */
	readonly referenceShare: number;
	/** What the devices of a place run at the start. */
	readonly installedAt: (place: Place | undefined) => Release;
	/** So many of the first are what `installedAt` says of no place. */
	readonly drifted: number;
	/** What the devices are made of. */
	readonly parts: DeviceParts;
	/** Whether the device of that id and place, from 1, takes part; one that does not leaves its id unused and its chance untouched. */
	readonly keeps: (place: number, id: string) => boolean;
}

export interface Place {
	readonly profile: Profile;
	readonly segment?: string;
	/** In relation to the other places. */
	readonly share: number;
	/** Ids of its devices; it is dealt no others. */
	readonly devices?: readonly string[];
	readonly model?: string;
	/** Version. */
	readonly installed?: string;
}

/** The devices of a fleet, by id, and how many of them have nothing left to do. */
export class Roster {
	readonly devices: Device[] = [];
	readonly #options: RosterOptions;
	readonly #deal: Deal;
	readonly #byId = new Map<string, Device>();
	readonly #places = new Map<Device, number>();
	readonly #surroundings: Surroundings;
	readonly #powerOn: Random;
	readonly #imaged = new Map<Release, ImagedFlash>();
	readonly #installed = new Map<string, Release>();
	#network: DeviceNetwork | undefined;
	#resting = 0;
	#securityCounter = 0;
	#placed = 0;

	constructor(options: RosterOptions) {
		const { world, slots, record, parts, onRoutine } = options;
		this.#options = options;
		this.#deal = new Deal(options.places);
		this.#powerOn = world.random('power-on');
		this.#surroundings = {
			clock: world.clock,
			store: new PageStore({ pageSizeBytes: PAGE_SIZE_BYTES }),
			record,
			slots,
			parts,
			...(options.reportEveryMs === undefined ? {} : { reportEveryMs: options.reportEveryMs }),
			...(options.presence === undefined ? {} : { presence: options.presence }),
			onRoutine,
			...(options.subscribesToAnswers === undefined ? {} : { subscribesToAnswers: options.subscribesToAnswers }),
			...(options.trust === undefined ? {} : { trust: options.trust }),
			...(options.needsStatements === undefined ? {} : { needsStatements: options.needsStatements }),
			dial: (device) => (this.#network as DeviceNetwork).dial(device),
			...(options.artifacts && {
				artifacts: { ...options.artifacts, dial: (device: Device, url: URL) => (this.#network as DeviceNetwork).dialArtifacts(device, url) },
			}),
			onRestChanged: (device) => {
				this.#resting += device.atRest ? 1 : -1;
			},
		};
	}

	/** The network that devices made from now on dial into. */
	attach(network: DeviceNetwork): void {
		this.#network = network;
	}

	/** Over how long the devices so far were powered on, with those that do not take part. */
	get powerOnSpreadMs(): number {
		return this.#placed * POWER_ON_SPREAD_MS_PER_DEVICE;
	}

	get resting(): number {
		return this.#resting;
	}

	/** Highest counter that a device was provisioned with. */
	get securityCounter(): number {
		return this.#securityCounter;
	}

	find(id: string): Device | undefined {
		return this.#byId.get(id);
	}

	/** What the device of that id ran at the start. */
	installedOn(id: string): Release | undefined {
		return this.#installed.get(id);
	}

	/** The device's place in the order in which devices joined, from 1. */
	placeOf(device: Device): number {
		return this.#places.get(device) ?? 0;
	}

	/** Makes devices, provisions them, and powers each on at a moment of its own. */
	add(count: number): readonly Device[] {
		const made = Array.from({ length: count }, () => this.#createDevice());
		for (const device of made) {
			const powerOnMs = 1 + this.#powerOn.integer(count * POWER_ON_SPREAD_MS_PER_DEVICE);
			if (device === undefined) continue;
			const installed = this.#installed.get(device.id) as Release;
			const imaged: ImagedFlash = this.#imaged.get(installed) ?? new Map();
			this.#imaged.set(installed, imaged);
			provisionDevice(device, { installed, imaged });
			this.#securityCounter = Math.max(this.#securityCounter, device.counter.read());
			device.clock.after(powerOnMs, () => device.powerOn());
		}
		return made.filter((device) => device !== undefined);
	}

	/** Undefined where the device does not take part. */
	#createDevice(): Device | undefined {
		const { world, referenceShare, weakRatio, keeps, installedAt, drifted } = this.#options;
		const index = this.#placed++;
		const { id, place } = this.#deal.next();
		if (!keeps(index + 1, id)) return undefined;
		const random = world.random(`device/${id}`);
		const password = Buffer.from(random.stream('password').bytes(9)).toString('base64url');
		const everyNth = Math.round(1 / referenceShare);
		const device = new Device({
			id,
			profile: place.profile,
			weak: weakRatio > 0 && random.stream('weak').chance(weakRatio),
			...(place.segment === undefined ? {} : { segment: place.segment }),
			...(place.model === undefined ? {} : { model: place.model }),
			surroundings: this.#surroundings,
			random,
			password,
			reference: index % everyNth === everyNth - 1,
		});
		this.#installed.set(id, installedAt(index < drifted ? undefined : place));
		this.#options.onMade(device);
		this.devices.push(device);
		this.#byId.set(id, device);
		this.#places.set(device, index + 1);
		return device;
	}
}
