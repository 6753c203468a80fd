import type { Duplex } from 'node:stream';
import type { LinkConditions } from '../../harness/faults/index.js';
import type { Clock, Random } from '../../harness/time/index.js';
import type { Connection, Device } from '../device/index.js';
import { createLink, type Link, openMqttJsSession, openPacketSession, type ProtocolLevel, type Transport } from '../network/index.js';
import type { Dialect } from '../dialects/index.js';
import type { ArtifactSite } from './artifact-site.js';
import { factsOf } from './device-facts.js';

interface DeviceEntry {
	conditions: LinkConditions;
	readonly random: Random;
	link: Link | undefined;
	dials: number;
}

/** The network between a fleet and its broker: one link per connection, with each device's own conditions and chance. */
export class DeviceNetwork {
	readonly #clock: Clock;
	readonly #transport: Transport;
	readonly #random: Random;
	readonly #initial: LinkConditions;
	readonly #keepaliveS: number | undefined;
	readonly #clean: boolean;
	readonly #level: ProtocolLevel;
	readonly #site: ArtifactSite | undefined;
	readonly #dialect: Dialect | undefined;
	/** Links of clients that are no device of the fleet, and those to where images lie. */
	readonly #foreign = new Set<Link>();
	readonly #perDevice = new Map<Device, DeviceEntry>();
	/** Segments that are cut off, and what becomes of a dial there. */
	readonly #cutOff = new Map<string, 'reset' | 'half-open'>();
	#retransmissions = 0;
	#dials = 0;

	constructor(options: {
		readonly clock: Clock;
		readonly transport: Transport;
		readonly random: Random /** Of devices that have none of their own yet. */;
		readonly conditions: LinkConditions;
		/** In place of what each device's profile says. */
		readonly keepaliveS?: number | undefined;
		/** Whether the broker keeps what is sent to a device that is away. */
		readonly sessions: 'clean' | 'lasting';
		readonly level: ProtocolLevel;
		/** Where images lie; absent where they come over the broker. */
		readonly site?: ArtifactSite | undefined;
		/** What devices speak in place of AWS IoT; images come from the same service then. */
		readonly dialect?: Dialect | undefined;
	}) {
		this.#clock = options.clock;
		this.#transport = options.transport;
		this.#random = options.random;
		this.#initial = options.conditions;
		this.#keepaliveS = options.keepaliveS;
		this.#clean = options.sessions === 'clean';
		this.#level = options.level;
		this.#site = options.site;
		this.#dialect = options.dialect;
	}

	/** Attempts to connect so far, whatever became of them. */
	get dials(): number {
		return this.#dials;
	}

	/** Attempts of one device. */
	dialsOf(device: Device): number {
		return this.#perDevice.get(device)?.dials ?? 0;
	}

	/** Packets that were lost so far and sent again, in words; undefined where none was. */
	async describeLoss(): Promise<string | undefined> {
		const { loss } = this.#transport;
		if (loss === undefined) return this.#lost === 0 ? undefined : `${this.#lost} packets lost and sent again`;
		const { dropped, passed } = await loss.readCounts();
		return dropped === 0 ? undefined : `${dropped} packets of ${dropped + passed} dropped by the kernel`;
	}

	get #lost(): number {
		let open = 0;
		for (const { link } of this.#perDevice.values()) open += link?.retransmissions ?? 0;
		return this.#retransmissions + open;
	}

	setConditions(device: Device, conditions: LinkConditions): void {
		const entry = this.#entryOf(device);
		entry.conditions = conditions;
		entry.link?.setConditions(this.#modelled(device, conditions));
	}

	/** What the link itself does of them: where the kernel drops packets, it has none to lose. */
	#modelled(device: Device, conditions: LinkConditions): LinkConditions {
		const { loss } = this.#transport;
		if (loss === undefined) return conditions;
		loss.setLoss(device.id, conditions.lossRatio);
		return { ...conditions, lossRatio: 0 };
	}

	/** Cuts a segment off until it is restored; returns how many connections that cost. */
	cutOff(segment: string, how: 'reset' | 'half-open'): number {
		this.#cutOff.set(segment, how);
		let connections = 0;
		for (const [device, { link }] of this.#perDevice) {
			if (device.segment !== segment || !link || link.deviceEnd.destroyed || link.brokerEnd.destroyed) continue;
			connections++;
			if (how === 'reset') link.reset();
			else link.goHalfOpen();
		}
		return connections;
	}

	/** Ends a device's connection, which it will dial anew. */
	reset(device: Device): void {
		this.#entryOf(device).link?.reset();
	}

	/** Whoever dials from now on gets through again. */
	restore(segment: string): void {
		this.#cutOff.delete(segment);
	}

	dial(device: Device): Connection {
		this.#dials++;
		const { link, stream } = this.#dialOnce(device);
		if (this.#dialect) return this.#connectionInDialect(device, { dialect: this.#dialect, first: stream });
		return this.#connectionOf(device, { link, stream, openSession: device.reference ? openMqttJsSession : openPacketSession });
	}

	#dialOnce(device: Device): { readonly link: Link; readonly stream: Duplex } {
		const entry = this.#entryOf(device);
		entry.dials++;
		this.#retransmissions += entry.link?.retransmissions ?? 0;
		const cut = device.segment === undefined ? undefined : this.#cutOff.get(device.segment);
		const link = createLink({
			clock: this.#clock,
			random: entry.random,
			conditions: this.#modelled(device, entry.conditions),
			framing: this.#transport.framing,
		});
		entry.link = link;
		return { link, stream: this.#join(link, { device, cut }) };
	}

	/** A protocol without lasting connections dials again and again; a fault of the link takes hold of whichever there is. */
	#connectionInDialect(device: Device, { dialect, first }: { readonly dialect: Dialect; readonly first: Duplex }): Connection {
		const entry = this.#entryOf(device);
		let waiting: Duplex | undefined = first;
		const dial = (): Duplex => {
			const given = waiting ?? this.#dialOnce(device).stream;
			if (!waiting && entry.link) device.faults.attach(entry.link);
			waiting = undefined;
			return given;
		};
		const peer = {
			device: factsOf(device),
			keepaliveS: this.#keepaliveS ?? device.profile.keepaliveS,
			clock: this.#clock,
			dial,
		};
		return {
			get link() {
				return entry.link as Link;
			},
			open: ({ password }, handlers) => dialect.openSession({ ...peer, secret: password }, handlers),
		};
	}

	/** A device's connection to where images lie. Throws a DownloadError where it does not believe the server. */
	dialArtifacts(device: Device, url: URL): { readonly link: Link; readonly stream: Duplex } {
		const site = this.#site;
		if (!site && !this.#dialect) throw new RangeError('dialArtifacts: a fleet with images by URL was expected');
		const objection = site?.objectionTo(url, device);
		if (objection) throw objection;
		const { random, conditions } = this.#entryOf(device);
		const link = createLink({ clock: this.#clock, random, conditions });
		this.#foreign.add(link);
		link.deviceEnd.once('close', () => this.#foreign.delete(link));
		const cut = device.segment === undefined ? undefined : this.#cutOff.get(device.segment);
		if (!site) {
			device.faults.attach(link);
			return { link, stream: this.#join(link, { device, cut }) };
		}
		if (cut === 'reset') link.brokerEnd.destroy();
		else if (cut === 'half-open') link.goHalfOpen();
		return { link, stream: cut === undefined ? site.join(link) : link.deviceEnd };
	}

	/** Another client's connection under a device's name, from elsewhere. */
	dialAs(device: Device, random: Random): Connection {
		const link = createLink({ clock: this.#clock, random, conditions: this.#modelled(device, this.#initial), framing: this.#transport.framing });
		this.#foreign.add(link);
		link.deviceEnd.once('close', () => this.#foreign.delete(link));
		return this.#connectionOf(device, { link, stream: this.#join(link, { device }), openSession: openPacketSession });
	}

	#connectionOf(
		device: Device,
		{ link, stream, openSession }: { readonly link: Link; readonly stream: Duplex; readonly openSession: typeof openPacketSession },
	): Connection {
		return {
			link,
			open: ({ password, will }, handlers) =>
				openSession(
					{
						stream,
						clientId: device.id,
						username: device.id,
						password,
						keepaliveS: this.#keepaliveS ?? device.profile.keepaliveS,
						clean: this.#clean,
						level: this.#level,
						clock: this.#clock,
						...(will === undefined ? {} : { will }),
					},
					handlers,
				),
		};
	}

	/** A dial that is refused ends at once, as where the broker is stopped; one into silence is left to the device's patience. */
	#join(link: Link, { device, cut }: { readonly device: Device; readonly cut?: 'reset' | 'half-open' | undefined }): Duplex {
		if (cut === 'reset') link.brokerEnd.destroy();
		else if (cut === 'half-open') link.goHalfOpen();
		return this.#transport.join(link, { refused: cut !== undefined, thing: device.id });
	}

	#entryOf(device: Device): DeviceEntry {
		const known = this.#perDevice.get(device);
		if (known) return known;
		const entry = { conditions: this.#initial, random: this.#random.stream(`link/${device.id}`), link: undefined, dials: 0 };
		this.#perDevice.set(device, entry);
		return entry;
	}

	/** Cuts every connection at once, as when the world closes. */
	async close(): Promise<void> {
		for (const { link } of this.#perDevice.values()) link?.close();
		for (const link of this.#foreign) link.close();
		await this.#site?.[Symbol.asyncDispose]();
		await this.#transport[Symbol.asyncDispose]();
	}
}
