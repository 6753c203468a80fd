import type { Clock } from '../../harness/time/index.js';
import type { Cloud, CloudObserver } from '../cloud/index.js';

/** Whether the broker holds a connection of a thing, and for how long now, beside what the service believes. */
export interface PresenceAudit {
	readonly believed: 'online' | 'offline' | null;
	readonly connected: boolean;
	readonly forMs: number;
}

/** The truth that presence is judged by: the broker's own connections. */
export class PresenceTruth {
	readonly #clock: Clock;
	readonly #states = new Map<string, { readonly connected: boolean; readonly sinceMs: number }>();

	constructor(clock: Clock) {
		this.#clock = clock;
	}

	get observer(): Required<Pick<CloudObserver, 'onConnected' | 'onDisconnected'>> {
		return { onConnected: (thing) => this.#changed(thing, true), onDisconnected: (thing) => this.#changed(thing, false) };
	}

	audit(thing: string, cloud: Cloud): PresenceAudit {
		const { connected, sinceMs } = this.#states.get(thing) ?? { connected: false, sinceMs: 0 };
		return { believed: cloud.presenceOf(thing), connected, forMs: this.#clock.nowMs - sinceMs };
	}

	#changed(thing: string, connected: boolean): void {
		this.#states.set(thing, { connected, sinceMs: this.#clock.nowMs });
	}
}
