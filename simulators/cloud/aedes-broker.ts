import { type Duplex, Readable } from 'node:stream';
import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import type { Outgoing } from '../../harness/protocols/index.js';
import { identifyThing, matchesFilter } from './access.js';
import type { Broker, BrokerOptions, BrokerStats } from './broker.js';
import { MessageWriter, shortenParsing } from './short-ways.js';
import { ThingEmitter } from './thing-emitter.js';

/**
 * Aedes tells other brokers of the same persistence so often that it lives, and looks for wills of dead ones every fourth time.
 * There are none here, and its minute would be most of what an idle month costs.
 */
const HEARTBEAT_MS = 900_000;

interface Connection {
	readonly client: Client;
	/** Granted QoS by topic, as found; filters are matched once per topic. */
	readonly grants: Map<string, number>;
	readonly writer: MessageWriter;
	/** Messages at QoS 0 that go out together, in a turn of their own. */
	due: Outgoing[];
}

const PROBE_TOPIC = 'blackstart/probe';
const MAX_GRANTS = 64;
/** Packets and filters of one connection that wait for its CONNACK. */
const MAX_EARLY = 256;

/** Aedes keeps these public on its objects and leaves them out of its types. */
interface ClientInternals {
	readonly subscriptions: Readonly<Record<string, { readonly qos: number }>>;
	readonly connackSent: boolean;
	readonly will: object | null;
	readonly errored: boolean;
	readonly _parser: Parameters<typeof shortenParsing>[0];
	/** Gives the connection up where its stream takes nothing more for the drain timeout. */
	waitForDrain(done: () => void): void;
}
interface AedesInternals {
	readonly persistence: Persistence;
	/** Of its own news too, to which no client is given. */
	publish(packet: { readonly topic: string }, ...rest: readonly unknown[]): void;
	readonly _heartbeatInterval: NodeJS.Timeout;
	readonly _clearWillInterval: NodeJS.Timeout;
}

/** Aedes's store, as far as it is spoken of here. */
interface Persistence {
	createRetainedStreamCombi(filters: readonly string[]): unknown;
	outgoingStream(client: object): unknown;
	subscriptionsByTopic(topic: string): Promise<readonly object[]>;
}

/**
 * The MQTT broker of the update service: Aedes with authentication, a topic list per thing, and a way to be stopped
 * and started as a broker that restarts. Answers go to the connection they are for, at the QoS that it subscribed
 * with, past the broker's fan-out: nobody else may subscribe to them, so nobody else's stall can hold them up.
 */
export class AedesBroker implements Broker {
	readonly #options: BrokerOptions;
	readonly #streams = new Set<Duplex>();
	readonly #certified = new WeakMap<object, string>();
	readonly #authenticated = new WeakSet<Client>();
	readonly #early = new WeakMap<Client, (() => void)[]>();
	readonly #connections = new Map<string, Connection>();
	/** Things whose session outlives their connection. */
	readonly #lasting = new Set<string>();
	/** Whether a client ever asked for a session that outlives its connection: the broker's store holds nothing before. */
	#keepsSessions = false;
	/** By topic. They outlive the broker's restarts. */
	readonly #retained = new Map<string, Outgoing>();
	readonly #stats = { refusedConnections: 0, refusedPublishes: 0, refusedSubscriptions: 0, connections: 0, undelivered: 0, lateWills: 0 };
	#willsLateMs = 0;
	#aedes: Aedes | undefined;
	#persistence: unknown;
	#starts = 0;
	/** Ends the probe that is under way. */
	#endProbe: (() => void) | undefined;

	constructor(options: BrokerOptions) {
		this.#options = options;
	}

	get stats(): BrokerStats {
		return { ...this.#stats };
	}

	get connectedThings(): number {
		return this.#connections.size;
	}

	accept(stream: Duplex, options: { readonly certified?: string } = {}): void {
		if (this.#aedes === undefined) {
			stream.destroy();
			return;
		}
		if (options.certified !== undefined) this.#certified.set(stream, options.certified);
		this.#streams.add(stream);
		stream.once('close', () => this.#streams.delete(stream));
		shortenParsing((this.#aedes.handle(stream) as unknown as ClientInternals)._parser);
	}

	async start(): Promise<void> {
		if (this.#aedes !== undefined) return;
		const aedes = new Aedes({
			// Each start has a name of its own: kept packets are told apart by broker and counter, and the counter begins anew.
			id: `blackstart-${++this.#starts}`,
			drainTimeout: this.#options.drainTimeoutMs,
			heartbeatInterval: HEARTBEAT_MS,
			// Without a bound on messages under way: Aedes's own emitter has one, queues the rest and works the queue off by recursion, which ends the stack.
			mq: new ThingEmitter(),
			...(this.#persistence === undefined ? {} : { persistence: this.#persistence }),
		});
		aedes.authenticate = (client, username, password, done) => {
			if (!client.clean) this.#keepsSessions = true;
			const claim = { clientId: client.id, username, password, certified: this.#certified.get(client.conn) };
			const known = identifyThing(claim, this.#options.credentials) !== undefined;
			if (known) this.#authenticated.add(client);
			else this.#stats.refusedConnections++;
			done(null, known);
		};
		aedes.authorizePublish = (client, packet, done) => {
			// The service's own packets have no client. A retained message on a device's topics would outlive what it says.
			packet.retain = false;
			if (client === null) return done(null);
			// 3.1.2.5 of MQTT 3.1.1: the connection that a will speaks of is over.
			if ((client as unknown as ClientInternals).will === packet) return this.#authorizeWill(client, packet.topic, done);
			this.#whenConnected(client, () => {
				if (this.#options.access.mayPublish(client.id, packet.topic)) return done(null);
				this.#stats.refusedPublishes++;
				done(new Error(`${client.id} may not publish to ${packet.topic}`));
			});
		};
		aedes.authorizeSubscribe = (client, subscription, done) => {
			this.#whenConnected(client, () => {
				const allowed = this.#options.access.maySubscribe(client.id, subscription.topic);
				if (!allowed) this.#stats.refusedSubscriptions++;
				this.#connections.get(client.id)?.grants.clear();
				done(null, allowed ? subscription : null);
			});
		};
		aedes.published = (packet: AedesPublishPacket, client: Client | null, done) => {
			if (client !== null && this.#aedes === aedes) this.#options.onMessage(client.id, packet.topic, packet.payload as Buffer);
			done(null);
		};
		aedes.on('clientReady', (client) => this.#connect(client));
		aedes.on('clientDisconnect', (client) => this.#disconnect(client));
		aedes.on('unsubscribe', (_filters, client) => this.#connections.get(client.id)?.grants.clear());
		await aedes.listen();
		// The broker's housekeeping alone keeps neither a process nor a world going.
		const { _heartbeatInterval, _clearWillInterval } = aedes as unknown as AedesInternals;
		_heartbeatInterval.unref();
		_clearWillInterval.unref();
		this.#spareSearches(aedes as unknown as AedesInternals);
		this.#aedes = aedes;
	}

	stop(options: { readonly sessions: 'kept' | 'lost' }): void {
		const aedes = this.#aedes;
		if (aedes !== undefined) {
			this.#endProbe?.();
			this.#aedes = undefined;
			this.#persistence = (aedes as unknown as AedesInternals).persistence;
			for (const { client } of [...this.#connections.values()]) this.#disconnect(client);
			for (const stream of [...this.#streams]) stream.destroy();
			aedes.close();
		}
		if (options.sessions === 'lost') {
			this.#persistence = undefined;
			this.#lasting.clear();
		}
	}

	delayWills(byMs: number): void {
		this.#willsLateMs = byMs;
	}

	/** Sends a message to one thing, at the QoS it subscribed with, or at QoS 0 an answer it did not subscribe to; kept for it where its session lasts and it is away. */
	deliver(message: Outgoing): void {
		const { thing, topic, payload, isAnswer } = message;
		const connection = this.#connections.get(thing);
		if (connection === undefined) {
			if (this.#lasting.has(thing)) this.#aedes?.publish({ cmd: 'publish', topic, payload: payload as Buffer, qos: 1, retain: false, dup: false }, ignore);
			else this.#stats.undelivered++;
			return;
		}
		const qos = findGrant(connection, topic) ?? (isAnswer ? 0 : undefined);
		if (qos === undefined) this.#stats.undelivered++;
		else if (qos > 0) connection.client.publish({ cmd: 'publish', topic, payload: payload as Buffer, qos: 1, retain: false, dup: false }, ignore);
		else if (connection.due.push(message) === 1) setImmediate(writeDue, connection);
	}

	probe(done: () => void): void {
		this.#endProbe = done;
		if (this.#aedes === undefined) done();
		else this.#aedes.publish({ cmd: 'publish', topic: PROBE_TOPIC, payload: '', qos: 0, retain: false, dup: false }, () => done());
	}

	retain(message: Outgoing): void {
		this.#retained.set(message.topic, message);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.stop({ sessions: 'lost' });
	}

	/** Has the broker look only for what can be there, and tell no other broker of its clients. */
	#spareSearches(aedes: AedesInternals): void {
		const publish = aedes.publish.bind(aedes);
		aedes.publish = (packet, ...rest) => {
			if (!NEWS_OF_CLIENTS.test(packet.topic)) publish(packet, ...rest);
		};
		const persistence = Object.getPrototypeOf(aedes.persistence) as Persistence;
		// Next to nothing is ever retained here, and looking for it would be half the cost of a subscription.
		aedes.persistence.createRetainedStreamCombi = (filters) => (this.#retained.size === 0 ? NOTHING_RETAINED : this.#streamRetained(filters));
		aedes.persistence.outgoingStream = (client) => (this.#keepsSessions ? persistence.outgoingStream.call(aedes.persistence, client) : new EmptyStream());
		aedes.persistence.subscriptionsByTopic = (topic) =>
			this.#keepsSessions ? persistence.subscriptionsByTopic.call(aedes.persistence, topic) : NO_SUBSCRIPTIONS;
	}

	#streamRetained(filters: readonly string[]): Readable {
		const matching = [...this.#retained.values()].filter(({ topic }) => filters.some((filter) => matchesFilter(filter, topic)));
		return Readable.from(matching.map(({ topic, payload }) => ({ cmd: 'publish', topic, payload: payload as Buffer, qos: 1, retain: true })));
	}

	/**
	 * Runs `then` when the client is connected, in the order of asking. A packet that follows CONNECT in a read of its own
	 * reaches Aedes's handlers before its client is authenticated or even named; it waits here, as 3.1.4 of MQTT 3.1.1 has it.
	 */
	#whenConnected(client: Client, then: () => void): void {
		const waiting = this.#early.get(client);
		const restoring = this.#authenticated.has(client) && !(client as unknown as ClientInternals).connackSent;
		if (waiting === undefined && (client.connected || restoring)) then();
		else if (waiting === undefined) {
			this.#early.set(client, [then]);
			client.once('connected', () => {
				const due = this.#early.get(client) ?? [];
				this.#early.delete(client);
				for (const run of due) run();
			});
		} else if (waiting.length < MAX_EARLY) waiting.push(then);
		else client.conn.destroy();
	}

	#authorizeWill(client: Client, topic: string, done: (error?: Error | null) => void): void {
		if (!this.#options.access.mayPublish(client.id, topic)) {
			this.#stats.refusedPublishes++;
			return done(new Error(`the will of ${client.id} may not go to ${topic}`));
		}
		if (this.#willsLateMs === 0) return done(null);
		this.#stats.lateWills++;
		this.#options.after(this.#willsLateMs, () => done(null));
	}

	#connect(client: Client): void {
		this.#stats.connections++;
		this.#connections.set(client.id, { client, grants: new Map(), writer: new MessageWriter(), due: [] });
		if (client.clean) this.#lasting.delete(client.id);
		else this.#lasting.add(client.id);
		this.#options.onConnected(client.id);
	}

	#disconnect(client: Client): void {
		// The same thing may have connected again before its old connection's end is told.
		if (this.#connections.get(client.id)?.client !== client) return;
		this.#connections.delete(client.id);
		this.#options.onDisconnected(client.id);
	}
}

/** Highest QoS among the filters that match; undefined where none does. Only grants are remembered, so that a new subscription shows at once. */
const findGrant = ({ client, grants }: Connection, topic: string): number | undefined => {
	const known = grants.get(topic);
	if (known !== undefined) return known;
	let granted: number | undefined;
	for (const [filter, { qos }] of Object.entries((client as unknown as ClientInternals).subscriptions)) {
		if ((granted === undefined || qos > granted) && matchesFilter(filter, topic)) granted = qos;
	}
	if (granted === undefined) return undefined;
	if (grants.size >= MAX_GRANTS) grants.clear();
	grants.set(topic, granted);
	return granted;
};

/**
 * Past Aedes's own write, which makes a packet of each message and five writes of each packet. Its duplicate check is of no
 * use to QoS 0, and would drop a QoS 1 packet that such a message overtook.
 */
const writeDue = (connection: Connection): void => {
	const { client, writer, due } = connection;
	connection.due = [];
	const internals = client as unknown as ClientInternals;
	for (const message of due) {
		if (!client.connected) return;
		if (!writer.write(client.conn as Duplex, message) && !internals.errored) internals.waitForDrain(ignore);
	}
};

const ignore = (): void => undefined;

/** What Aedes tells other brokers of its clients; nobody here is allowed to listen. */
const NEWS_OF_CLIENTS = /^\$SYS\/[^/]+\/(?:new|disconnect)\//;

const NO_SUBSCRIPTIONS = Promise.resolve([]);

/** A stream that gives nothing, as far as Aedes uses it. */
const NOTHING_RETAINED = { pipe: ignore };

/** A stream that gives nothing, for a pipeline. */
class EmptyStream extends Readable {
	override _read(): void {
		this.push(null);
	}
}
