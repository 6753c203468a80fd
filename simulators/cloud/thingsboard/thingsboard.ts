import type { Duplex } from 'node:stream';
import { Aedes, type Client } from 'aedes';
import {
	isDownlink,
	parseUplink,
	type TbAccount,
	type TbAnswer,
	type TbListener,
	type TbMessage,
	type TbPackage,
	TbSession,
	ThingsboardError,
} from '../../../harness/protocols/thingsboard/index.js';
import type { Clock } from '../../../harness/time/index.js';
import { openTcpDoor, type TcpDoor } from '../tcp-door.js';
import { type ChunkFault, withChunkFault } from './chunk-fault.js';

export interface ThingsboardOptions extends TbListener {
	/** 0 is any that is free. Without a port nothing listens, and connections are given to `accept`. */
	readonly port?: number;
	readonly clock: Clock;
	/** The server's own bound on a message. Default 65,536. */
	readonly mostChunkBytes?: number;
	/** What goes wrong with the answer to a device's request for a chunk, where `faults` has nothing for it. */
	faultOf?(account: TbAccount): ChunkFault | undefined;
}

interface Connection {
	readonly client: Client;
	readonly account: TbAccount;
	readonly session: TbSession;
}

/** Opens ThingsBoard's device side: its MQTT API of telemetry, attributes and firmware, on Aedes. A device's user name is its access token. */
export const openThingsboard = async (options: ThingsboardOptions): Promise<ThingsboardServer> => {
	const aedes = await Aedes.createBroker({ id: 'thingsboard', heartbeatInterval: 900_000, drainTimeout: 60_000 });
	const server = new ThingsboardServer(aedes, options);
	if (options.port === undefined) return server;
	server.door = await openTcpDoor({ host: '127.0.0.1', port: options.port }, (stream) => server.accept(stream));
	return server;
};

export class ThingsboardServer implements AsyncDisposable {
	/** Of the answers to requests for chunks to come; `undefined` is a right one before the next fault. */
	readonly faults: (ChunkFault | undefined)[] = [];
	/** What devices said, in order: `{name} {topic}`. */
	readonly heard: string[] = [];
	door: TcpDoor | undefined;
	readonly #aedes: Aedes;
	readonly #options: ThingsboardOptions;
	readonly #accounts = new Map<string, TbAccount>();
	readonly #connections = new Map<Client, Connection>();
	readonly #streams = new Set<Duplex>();
	#isPushing = false;

	constructor(aedes: Aedes, options: ThingsboardOptions) {
		this.#aedes = aedes;
		this.#options = options;
		aedes.authenticate = (client, username, _password, done) => {
			const account = this.#accounts.get(username ?? '');
			if (account) {
				const session = new TbSession(account, options);
				this.#connections.set(client, { client, account, session });
			}
			done(null, account !== undefined);
		};
		aedes.authorizeSubscribe = (_client, subscription, done) => done(null, isDownlink(subscription.topic) ? subscription : null);
		aedes.authorizePublish = (_client, packet, done) => {
			packet.retain = false;
			done(parseUplink(packet.topic) ? null : new Error(`${packet.topic} is no topic of the device API`));
		};
		// `me` is another for each connection: what one device says is no other's to hear, whatever it subscribed to.
		aedes.authorizeForward = (_client, packet) => (this.#isPushing ? packet : null);
		aedes.published = (packet, client, done) => {
			if (client) this.#take(client, { topic: packet.topic, payload: packet.payload as Buffer });
			done(null);
		};
		aedes.on('clientDisconnect', (client) => this.#connections.delete(client));
	}

	get port(): number {
		if (!this.door) throw new TypeError('port: a server with a port was expected');
		return this.door.port;
	}

	accept(stream: Duplex): void {
		this.#streams.add(stream);
		stream.once('close', () => this.#streams.delete(stream));
		this.#aedes.handle(stream);
	}

	addDevice(name: string, { token }: { readonly token: string }): TbAccount {
		if (this.#accounts.has(token)) throw new TypeError(`token: it is of ${this.#accounts.get(token)?.name} already`);
		const account: TbAccount = { name, assigned: undefined, states: [], current: undefined, clientAttributes: new Map() };
		this.#accounts.set(token, account);
		return account;
	}

	/** Assigns a package in place of the one before; a device that is there and listens hears of it. */
	assign(account: TbAccount, given: TbPackage): void {
		account.assigned = given;
		account.states.length = 0;
		// ThingsBoard notifies a bounded number of devices a minute; here nobody is before this one.
		account.states.push({ state: 'QUEUED' }, { state: 'INITIATED' });
		this.#tell(account);
	}

	/** Takes back what is assigned. ThingsBoard knows no more of it than that the attributes are gone. */
	unassign(account: TbAccount): void {
		account.assigned = undefined;
		this.#tell(account);
	}

	/** Cuts what connections there are. */
	cut(): void {
		for (const stream of this.#streams) stream.destroy();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.cut();
		await this.door?.close();
		await new Promise<void>((resolve) => this.#aedes.close(() => resolve()));
	}

	#tell(account: TbAccount): void {
		for (const { client, account: owner, session } of this.#connections.values()) {
			const message = owner === account ? session.push() : undefined;
			if (message && hasSubscribed(client, message.topic)) this.#push(client, message);
		}
	}

	#take(client: Client, message: TbMessage): void {
		const connection = this.#connections.get(client);
		if (!connection) return;
		this.heard.push(`${connection.account.name} ${message.topic}`);
		let answer: TbAnswer;
		try {
			answer = connection.session.take(message);
		} catch (error) {
			if (!(error instanceof ThingsboardError)) throw error;
			answer = { messages: [], closes: true };
		}
		const isDownload = parseUplink(message.topic)?.kind === 'chunk-request';
		const fault = isDownload ? (this.faults.shift() ?? this.#options.faultOf?.(connection.account)) : undefined;
		const { messages, closes = false } = fault ? withChunkFault(answer, fault) : answer;
		for (const each of messages) this.#push(client, each);
		// Behind what was pushed, which leaves in a later turn of the loop.
		if (closes) this.#options.clock.after(5, () => client.close());
	}

	/** Past Aedes's routing, to this connection alone and whatever it subscribed to, as ThingsBoard does it; QoS 0. */
	#push(client: Client, { topic, payload }: TbMessage): void {
		this.#isPushing = true;
		client.publish({ cmd: 'publish', topic, payload: payload as Buffer, qos: 0, retain: false, dup: false }, ignore);
		this.#isPushing = false;
	}
}

const hasSubscribed = (client: Client, topic: string): boolean =>
	topic in (client as unknown as { readonly subscriptions: Readonly<Record<string, unknown>> }).subscriptions;

const ignore = (): void => undefined;
