import { randomBytes } from 'node:crypto';
import { connect, type MqttClient } from 'mqtt';
import { certificateRequestTopic, type Outgoing, presenceTopic, REQUEST_FILTERS, reportTopic } from '../../harness/protocols/index.js';
import { realTime } from '../../harness/time/index.js';
import { thingOf } from './access.js';
import type { Broker, BrokerOptions, BrokerStats } from './broker.js';

export interface ExternalBrokerOptions {
	readonly host: string;
	readonly port: number;
	readonly username?: string;
	readonly password?: string;
	/** Absent: the broker is spoken to in the clear. */
	readonly tls?: BrokerTls;
	/** 4: MQTT 3.1.1; 5: MQTT 5. Default 4. */
	readonly level?: 4 | 5;
	/** The broker went away under way. */
	readonly onLost: (error: Error) => void;
	/** Runs when the service has left the broker. */
	readonly close?: () => Promise<void>;
}

/** What the service shows and believes over TLS, as PEM texts. */
export interface BrokerTls {
	readonly certificate?: string;
	readonly key?: string;
	/** Whose word it takes for the broker; that of the system's authorities where absent. */
	readonly authority?: string;
	/** The name that the broker's certificate has to bear, where it is not the host. */
	readonly serverName?: string;
}

const CONNECT_WITHIN_MS = 10_000;
const KEEPALIVE_S = 30;
const FILTERS = [...REQUEST_FILTERS, reportTopic('+'), presenceTopic('+'), certificateRequestTopic('+')];

/**
 * A broker that somebody else runs, with the update service as an ordinary client of it: it subscribes to what things ask and
 * publishes what they are answered. Who connects there, and who is refused, it is not told.
 */
export class ExternalBroker implements Broker {
	readonly #options: ExternalBrokerOptions;
	readonly #onMessage: BrokerOptions['onMessage'];
	#client: MqttClient | undefined;
	readonly #probeTopic = `blackstart/probe/${randomBytes(4).toString('hex')}`;
	#mayProbe = false;
	#endProbe: (() => void) | undefined;

	constructor({ onMessage }: Pick<BrokerOptions, 'onMessage'>, options: ExternalBrokerOptions) {
		this.#onMessage = onMessage;
		this.#options = options;
	}

	readonly stats: BrokerStats = NOTHING_KNOWN;
	readonly connectedThings = 0;

	accept(): void {
		throw new RangeError(`${this.#name} takes connections at its own port alone`);
	}

	/** Throws where nobody answers in time, or the service may not hear what things ask. */
	async start(): Promise<void> {
		if (this.#client !== undefined) return;
		const client = this.#connect();
		try {
			await untilConnected(client);
			const grants = await client.subscribeAsync([...FILTERS], { qos: 1 });
			const refused = grants.filter(({ qos }) => qos > 2).map(({ topic }) => topic);
			// What is nobody's business may be refused.
			this.#mayProbe = await client.subscribeAsync(this.#probeTopic, { qos: 1 }).then(
				([grant]) => (grant?.qos ?? 128) <= 2,
				() => false,
			);
			if (refused.length > 0) throw new Error(`it does not let the service subscribe to ${refused.join(', ')}`);
		} catch (cause) {
			client.end(true);
			throw new Error(`${this.#name}: the update service could not join it: ${(cause as Error).message}`, { cause });
		}
		this.#client = client;
		client.once('close', () => {
			if (this.#client === client) this.#options.onLost(new Error(`${this.#name} ended the connection of the update service`));
		});
	}

	stop(): void {
		const client = this.#client;
		this.#client = undefined;
		this.#endProbe?.();
		client?.end(true);
	}

	delayWills(): void {
		throw new RangeError(`${this.#name}: it cannot be told when to say wills`);
	}

	probe(done: () => void): void {
		this.#endProbe = done;
		if (this.#client === undefined || !this.#mayProbe) done();
		else this.#client.publish(this.#probeTopic, '', { qos: 1 });
	}

	deliver(message: Outgoing): void {
		this.#publish(message, { retain: false });
	}

	retain(message: Outgoing): void {
		this.#publish(message, { retain: true });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.stop();
		await this.#options.close?.();
	}

	get #name(): string {
		return `broker ${this.#options.host}:${this.#options.port}`;
	}

	#connect(): MqttClient {
		const { host, port, username, password, tls, level = 4 } = this.#options;
		const client = connect({
			host,
			port,
			protocol: tls === undefined ? 'mqtt' : 'mqtts',
			protocolVersion: level,
			...(tls?.certificate === undefined ? {} : { cert: tls.certificate }),
			...(tls?.key === undefined ? {} : { key: tls.key }),
			...(tls?.authority === undefined ? {} : { ca: tls.authority }),
			...(tls?.serverName === undefined ? {} : { servername: tls.serverName }),
			clientId: `blackstart-service-${randomBytes(4).toString('hex')}`,
			clean: true,
			keepalive: KEEPALIVE_S,
			reconnectPeriod: 0,
			connectTimeout: CONNECT_WITHIN_MS,
			...(username === undefined ? {} : { username }),
			...(password === undefined ? {} : { password }),
		});
		client.on('message', (topic, payload) => {
			if (topic === this.#probeTopic) return this.#endProbe?.();
			const thing = thingOf(topic);
			if (thing !== undefined) this.#onMessage(thing, topic, payload);
		});
		// What is wrong shows as the end of the connection, which is told once.
		client.on('error', () => {});
		return client;
	}

	/** At most once for blocks, which are asked for again; its subscribers' own QoS bounds the rest. */
	#publish({ topic, payload }: Outgoing, { retain }: { readonly retain: boolean }): void {
		this.#client?.publish(topic, payload as Buffer, { qos: topic.includes('/streams/') ? 0 : 1, retain });
	}
}

const NOTHING_KNOWN: BrokerStats = { refusedConnections: 0, refusedPublishes: 0, refusedSubscriptions: 0, connections: 0, undelivered: 0, lateWills: 0 };

const untilConnected = (client: MqttClient): Promise<void> =>
	new Promise((resolve, reject) => {
		let reason: string | undefined;
		const beganMs = realTime.nowMs();
		client.once('connect', () => resolve());
		client.once('error', (error) => {
			reason = error.message || ((error as NodeJS.ErrnoException).code ?? 'it was refused');
		});
		client.once('close', () => reject(new Error(reason ?? `no answer in ${Math.round(realTime.nowMs() - beganMs)} ms`)));
	});
