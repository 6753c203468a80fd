import type { Duplex } from 'node:stream';
import type { Clock } from '../../harness/time/index.js';
import type { ProtocolLevel } from './packet-codec.js';

/** What an MQTT client tells the device. Handlers should not throw; what they throw is not swallowed. */
export interface SessionHandlers {
	onConnected(sessionPresent: boolean): void;
	/**
	 * A QoS 1 message is acknowledged after this returns: not at all where it throws. `payload` is a view of a larger buffer
	 * that is not written again; copy what is kept for long.
	 */
	onMessage(topic: string, payload: Uint8Array, retained: boolean): void;
	/**
	 * Once, unless the session was destroyed: `closed` (by us), `ended` (by the peer), `keepalive`, `connect-timeout`,
	 * `refused: code <n>`, `protocol: <what>` or `link: <error code>`; in MQTT 5 also `ended: code <n>`, and `refused` for a message.
	 */
	onClosed(reason: string): void;
}

/** Of a session in MQTT 5 that is kept, seconds: it does not expire (3.1.2.11.2). */
export const NEVER_EXPIRES = 0xffff_ffff;

export interface SessionWill {
	readonly topic: string;
	readonly payload: Uint8Array | string;
	readonly qos: 0 | 1;
	readonly retain: boolean;
}

export interface SessionOptions {
	readonly stream: Duplex;
	readonly clientId: string;
	readonly username?: string;
	readonly password?: string;
	/** 0: no pings and nothing that finds a silent link. */
	readonly keepaliveS: number;
	/** Where not, the broker keeps the session for the next connection, however long that takes. */
	readonly clean: boolean;
	readonly clock: Clock;
	/** Default 4, MQTT 3.1.1. */
	readonly level?: ProtocolLevel;
	/** From opening to the answer of the broker. Default 30,000. */
	readonly connectTimeoutMs?: number;
	readonly will?: SessionWill;
}

/** What to subscribe to, and at which QoS at most its messages come. */
export interface Subscription {
	readonly filter: string;
	readonly qos: 0 | 1;
}

export interface PublishOptions {
	readonly qos?: 0 | 1;
	readonly retain?: boolean;
}

/** One MQTT connection over a stream, from CONNECT to its end; reconnecting is the caller's business. */
export interface MqttSession {
	/** `done` hears whether every filter was granted; never where the connection ends first. */
	subscribe(subscriptions: readonly Subscription[], done: (granted: boolean) => void): void;
	/** `done` is called when QoS 0 is handed to the link, when QoS 1 is acknowledged; never where the connection ends first. */
	publish(topic: string, payload: Uint8Array | string, options?: PublishOptions, done?: () => void): void;
	/** Says goodbye, then ends the connection. */
	close(): void;
	/** Power lost: no goodbye, no further callbacks. */
	destroy(): void;
	readonly connected: boolean;
	/** Application messages. */
	readonly messagesReceived: number;
	readonly messagesSent: number;
}

export const SESSION_DEFAULTS = {
	connectTimeoutMs: 30_000,
	level: 4,
	/** Largest packet that is accepted: a 256 KiB block and its topic. */
	packetBytes: 256 * 1024 + 4096,
} as const;
