import type { Duplex } from 'node:stream';
import type { Outgoing } from '../../harness/protocols/index.js';

export interface BrokerOptions {
	readonly drainTimeoutMs: number;
	credentials(thing: string, password: Uint8Array): boolean;
	/** Whether a thing may publish to a topic, or subscribe to a filter. */
	readonly access: { mayPublish(thing: string, topic: string): boolean; maySubscribe(thing: string, filter: string): boolean };
	/** Calls `work` later, as a cluster's node that hears late of a dead connection. */
	after(delayMs: number, work: () => void): void;
	onMessage(thing: string, topic: string, payload: Uint8Array): void;
	onConnected(thing: string): void;
	onDisconnected(thing: string): void;
}

/** What was refused, and what could not be delivered because nobody there had subscribed to it. */
export interface BrokerStats {
	readonly refusedConnections: number;
	readonly refusedPublishes: number;
	readonly refusedSubscriptions: number;
	readonly connections: number;
	readonly undelivered: number;
	/** Last wills that were held back. */
	readonly lateWills: number;
}

/** The MQTT broker between the update service and its things. */
export interface Broker extends AsyncDisposable {
	readonly stats: BrokerStats;
	readonly connectedThings: number;
	/** Takes a connection. A stopped broker destroys it, as a port with nobody behind it does. `certified`: the name in a verified client certificate. */
	accept(stream: Duplex, options?: { readonly certified?: string }): void;
	start(): Promise<void>;
	/** Cuts every connection and ends the broker; its sessions are kept for the next start, or lost. */
	stop(options: { readonly sessions: 'kept' | 'lost' }): void;
	/** Wills of connections that end from now on are said so much later. */
	delayWills(byMs: number): void;
	/** Sends something through the broker and back; calls `done` then, and at once where the broker is stopped or lets nothing through for that. */
	probe(done: () => void): void;
	/** Sends a message to one thing. */
	deliver(message: Outgoing): void;
	/** Keeps a message for everybody who subscribes to its topic from now on (3.3.1.3 of MQTT 3.1.1), in place of the one before. */
	retain(message: Outgoing): void;
}
