import { connect, type Socket } from 'node:net';
import type { BlackstartEvent, ResetCause } from '../../harness/events/index.js';
import { PageStore } from '../../harness/flash/index.js';
import { type Clock, createRandom, type Random } from '../../harness/time/index.js';
import { CachingSlotReader, type Connection, Device, type DeviceParts, RIGHT_PARTS } from '../device/index.js';
import { createLink, openPacketSession, splice } from '../network/index.js';
import { type KeptMemory, settingsIn } from './kept-memory.js';
import { tellEvent } from './tell-event.js';
import { NETWORKED_PROFILE, RADIO } from './profile.js';
import { FACTORY_KEY } from './releases.js';

export interface LifeOptions {
	/** What the board is called by the factory: its client id too, until it is told another. */
	readonly name: string;
	readonly memory: KeptMemory;
	readonly clock: Clock;
	/** Of this life alone. */
	readonly seed: string;
	/** Why it begins, as the boot banner says it. */
	readonly cause: string;
	/** Writes a line on the console. */
	readonly say: (line: string) => void;
}

/** Settings that are about its network: the console tells and takes them by a command of their own. */
export const NETWORK_SETTINGS = { host: 'net.host', port: 'net.port', client: 'net.client', secret: 'net.secret' } as const;
const RECONNECT_MS = { least: 50, first: 100, most: 2_000 } as const;
const PAGE_BYTES = 1024;

/** What runs on the board from one power-up, or one reset from outside, to the next: all of it that is no flash is gone with it. */
export class Life {
	readonly device: Device;
	/** What runs confirmed itself in this life. */
	isConfirmed = false;
	/** Tells this boot from any other. */
	nonce = '';
	readonly #options: LifeOptions;
	readonly #random: Random;
	readonly #sockets = new Set<Socket>();
	#boots = 0;
	#cause: string | undefined;

	constructor(options: LifeOptions) {
		const { name, memory, seed, cause } = options;
		this.#options = options;
		this.#random = createRandom(seed);
		this.#cause = cause;
		const { [NETWORK_SETTINGS.client]: id = name, [NETWORK_SETTINGS.secret]: password = '' } = settingsIn(memory);
		this.device = this.#createDevice({ id, password });
		this.device.flash.program(0, memory.flash);
	}

	get settings(): Readonly<Record<string, string>> {
		const settings = this.device.settings.read(1);
		return settings === 'unreadable' ? {} : settings;
	}

	/** Its firmware runs and listens to its console. */
	get isListening(): boolean {
		const behaviour = this.device.running?.behaviour;
		return this.device.agent !== undefined && behaviour !== 'hangs-at-boot' && behaviour !== 'crashes-at-boot';
	}

	start(): void {
		this.device.powerOn('power-on');
	}

	/** Power is gone, or a line holds it in reset: nothing of this goes on, and the network hears nothing more of it. */
	end(): void {
		this.#options.memory.flash.set(this.device.flash.read(0, this.device.flash.sizeBytes));
		this.device.abandon();
	}

	/** Lets go of what its network still holds open. */
	close(): void {
		for (const socket of this.#sockets) socket.destroy();
	}

	#createDevice({ id, password }: { readonly id: string; readonly password: string }): Device {
		const { memory, clock } = this.#options;
		const parts: DeviceParts = {
			...RIGHT_PARTS,
			createCounter: () => ({
				read: () => memory.counter,
				advance: (to) => {
					memory.counter = to;
				},
			}),
			// One board alone gives no herd.
			firstDialDelayMs: () => RECONNECT_MS.least,
			reconnectDelayMs: (device, failures) => RECONNECT_MS.least + device.random.integer(Math.min(RECONNECT_MS.most, RECONNECT_MS.first * 2 ** failures)),
		};
		return new Device({
			id,
			password,
			profile: NETWORKED_PROFILE,
			random: this.#random.stream('device'),
			reference: false,
			surroundings: {
				clock,
				store: new PageStore({ pageSizeBytes: PAGE_BYTES }),
				record: (event) => this.#tell(event),
				slots: new CachingSlotReader([FACTORY_KEY.verifyingKey]),
				parts,
				dial: (device) => this.#dial(device),
				onRestChanged: () => undefined,
			},
		});
	}

	#dial(device: Device): Connection {
		const { clock } = this.#options;
		const { [NETWORK_SETTINGS.host]: host, [NETWORK_SETTINGS.port]: port } = this.settings;
		const link = createLink({ clock, random: this.#random.stream('radio'), conditions: RADIO });
		if (host === undefined) {
			// Nobody is there to be told.
			link.brokerEnd.on('error', () => undefined);
			clock.after(1, () => link.reset());
		} else {
			const socket = connect({ host, port: Number(port), noDelay: true });
			this.#sockets.add(socket);
			socket.once('connect', () => this.#options.say(`net: connected to ${host}:${port}`));
			socket.once('close', () => this.#sockets.delete(socket));
			splice(socket, link.brokerEnd);
		}
		return {
			link,
			open: ({ password }, handlers) =>
				openPacketSession(
					{ stream: link.deviceEnd, clientId: device.id, username: device.id, password, keepaliveS: device.profile.keepaliveS, clean: true, clock },
					handlers,
				),
		};
	}

	#tell(event: BlackstartEvent): void {
		const { say } = this.#options;
		if (event.kind === 'device-state' && event.state === 'booting') {
			this.nonce = Buffer.from(this.#random.stream(`boot ${this.#boots++}`).bytes(4)).toString('hex');
			this.isConfirmed = false;
			say(`boot: blackstart-net 1 nonce=${this.nonce} reset=${this.#cause ?? (this.device.resetCause satisfies ResetCause)}`);
			this.#cause = undefined;
			return;
		}
		if (event.kind === 'device-boot') this.isConfirmed = !event.trial;
		if (event.kind === 'device-confirmed') this.isConfirmed = true;
		for (const line of tellEvent(event, this)) say(line);
	}
}
