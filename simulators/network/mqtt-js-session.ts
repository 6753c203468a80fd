import type { Duplex } from 'node:stream';
import { type IClientOptions, type IStream, MqttClient } from 'mqtt';
import type { Clock, Timer } from '../../harness/time/index.js';
import { encodePacket, type ProtocolLevel } from './packet-codec.js';
import { PacketCounter } from './packet-counter.js';
import {
	type MqttSession,
	NEVER_EXPIRES,
	type PublishOptions,
	SESSION_DEFAULTS,
	type SessionHandlers,
	type SessionOptions,
	type Subscription,
} from './session.js';

/** The reference client: MQTT.js, the library that users ship, held to the same behaviour as the light one. */
export const openMqttJsSession = (options: SessionOptions, handlers: SessionHandlers): MqttSession => new MqttJsSession(options, handlers);

/** MQTT.js arms a connect timer of its own on the process; ours is on the clock and goes first. */
const LATER_MS = 1000;

class MqttJsSession implements MqttSession {
	messagesReceived = 0;
	messagesSent = 0;
	readonly #client: MqttClient;
	readonly #stream: Duplex;
	readonly #level: ProtocolLevel;
	/** Undefined once destroyed: nobody is told anything then. */
	#handlers: SessionHandlers | undefined;
	#state: 'connecting' | 'open' | 'closed' = 'connecting';
	#reason = 'ended';
	#connectTimer: Timer | undefined;

	constructor(options: SessionOptions, handlers: SessionHandlers) {
		this.#handlers = handlers;
		this.#stream = options.stream;
		this.#level = options.level ?? SESSION_DEFAULTS.level;
		this.#refuseLargePackets();
		this.#client = new MqttClient(() => this.#stream as IStream, clientOptions(options));
		this.#client.on('connect', ({ sessionPresent }) => this.#onConnect(sessionPresent));
		this.#client.on('message', (topic, payload, { retain }) => this.#onMessage(topic, { payload, retained: retain }));
		this.#client.on('disconnect', ({ reasonCode = 0 }) => this.#end(`ended: code ${reasonCode}`));
		this.#client.on('error', (error: Error & { code?: number | string }) => this.#end(reasonOf(error)));
		this.#client.on('close', () => this.#onClose());
		this.#connectTimer = options.clock.after(options.connectTimeoutMs ?? SESSION_DEFAULTS.connectTimeoutMs, () => this.#end('connect-timeout'));
	}

	get connected(): boolean {
		return this.#state === 'open';
	}

	subscribe(subscriptions: readonly Subscription[], done: (granted: boolean) => void): void {
		if (!this.connected) return;
		const wanted = Object.fromEntries(subscriptions.map(({ filter, qos }) => [filter, { qos }]));
		this.#client.subscribe(wanted, (error, grants) => {
			if (this.connected) done(!error && grants !== undefined && grants.every(({ qos }) => qos <= 2));
		});
	}

	publish(topic: string, payload: Uint8Array | string, options: PublishOptions = {}, done?: () => void): void {
		if (!this.connected) return;
		this.messagesSent++;
		const bytes = typeof payload === 'string' ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
		this.#client.publish(topic, bytes, { qos: options.qos ?? 0, retain: options.retain ?? false }, (error) => {
			if (!this.connected) return;
			const code: unknown = error === undefined || error === null ? undefined : Reflect.get(error, 'code');
			if (typeof code === 'number') this.#end(`refused: code ${code}`);
			else if (!error) done?.();
		});
	}

	/** `MqttClient.end` would wait for answers that a dead link never brings. */
	close(): void {
		if (this.#state === 'closed') return;
		const { connected } = this;
		this.#stop('closed');
		if (!connected) {
			this.#client.end(true);
			return;
		}
		this.#stream.once('finish', () => this.#client.end(true));
		this.#stream.end(encodePacket({ cmd: 'disconnect' }, this.#level));
	}

	destroy(): void {
		this.#handlers = undefined;
		this.#stop('destroyed');
		this.#client.end(true);
	}

	/** MQTT.js has no bound of its own below MQTT 5; this one stands before its parser. */
	#refuseLargePackets(): void {
		const counter = new PacketCounter();
		this.#stream.on('data', (chunk: Buffer) => {
			counter.take(chunk, Number.POSITIVE_INFINITY);
			if (counter.largestBytes > SESSION_DEFAULTS.packetBytes)
				this.#end(`protocol: a packet of ${counter.largestBytes} bytes: at most ${SESSION_DEFAULTS.packetBytes} are accepted`);
		});
	}

	#onConnect(sessionPresent: boolean): void {
		if (this.#state !== 'connecting') return;
		this.#state = 'open';
		this.#connectTimer?.cancel();
		this.#handlers?.onConnected(sessionPresent);
	}

	#onMessage(topic: string, { payload, retained }: { payload: Buffer; retained: boolean }): void {
		if (this.#state === 'closed') return;
		this.messagesReceived++;
		this.#handlers?.onMessage(topic, payload, retained);
	}

	#end(reason: string): void {
		if (this.#state === 'closed') return;
		this.#stop(reason);
		this.#client.end(true);
	}

	#stop(reason: string): void {
		this.#state = 'closed';
		this.#reason = reason;
		this.#connectTimer?.cancel();
	}

	#onClose(): void {
		if (this.#state !== 'closed') this.#stop('ended');
		const handlers = this.#handlers;
		this.#handlers = undefined;
		handlers?.onClosed(this.#reason);
	}
}

const clientOptions = ({
	clientId,
	clean,
	keepaliveS,
	username,
	password,
	will,
	clock,
	connectTimeoutMs,
	level = SESSION_DEFAULTS.level,
}: SessionOptions): IClientOptions => {
	const options: IClientOptions = {
		protocolId: 'MQTT',
		protocolVersion: level,
		clientId,
		clean,
		keepalive: keepaliveS,
		reconnectPeriod: 0,
		connectTimeout: (connectTimeoutMs ?? SESSION_DEFAULTS.connectTimeoutMs) + LATER_MS,
		queueQoSZero: false,
		resubscribe: false,
		timerVariant: intervalsOn(clock) as unknown as NonNullable<IClientOptions['timerVariant']>,
	};
	if (level === 5 && !clean) options.properties = { sessionExpiryInterval: NEVER_EXPIRES };
	if (username !== undefined) options.username = username;
	if (password !== undefined) options.password = password;
	if (will) options.will = { ...will, payload: Buffer.from(will.payload) };
	return options;
};

/** What MQTT.js pings by: repeating timers. */
const intervalsOn = (clock: Clock) => ({
	set: (callback: () => void, everyMs: number): Interval => {
		const interval: Interval = { timer: undefined };
		const repeat = () => {
			interval.timer = clock.after(everyMs, () => {
				repeat();
				callback();
			});
		};
		repeat();
		return interval;
	},
	clear: (interval: Interval): void => interval.timer?.cancel(),
});

interface Interval {
	timer: Timer | undefined;
}

/** MQTT.js tells its errors apart by text and by the type of `code` alone. */
const reasonOf = (error: Error & { readonly code?: number | string }): string => {
	if (error.message === 'Keepalive timeout') return 'keepalive';
	if (typeof error.code === 'string') return `link: ${error.code}`;
	if (typeof error.code === 'number' && error.message.startsWith('Connection refused')) return `refused: code ${error.code}`;
	return `protocol: ${error.message}`;
};
