import { reportTopic } from '../../harness/protocols/index.js';
import type { Clock, Random } from '../../harness/time/index.js';
import type { Connection } from '../device/index.js';
import type { MqttSession, Subscription } from '../network/index.js';

/** MQTT.js dials again after a second; other libraries take a few. */
const FIRST_REDIAL_MS = 1_000;
const REDIAL_SPREAD_MS = 4_000;

export interface ClonedIdentityOptions {
	readonly thing: string;
	readonly password: string;
	/** What the device said of itself when it was copied. */
	readonly report: Uint8Array | undefined;
	readonly clock: Clock;
	readonly random: Random;
	dial(): Connection;
	/** The broker gave its place to another client of the same name (3.1.4-2 of MQTT 3.1.1). */
	onTakenOver(): void;
}

/** A second client with a device's identity, such as a copied flash: it takes the device's place, says what it was copied with, and dials again without end. */
export class ClonedIdentity {
	readonly #options: ClonedIdentityOptions;
	#session: MqttSession | undefined;
	#stopped = false;

	constructor(options: ClonedIdentityOptions) {
		this.#options = options;
		this.#dial();
	}

	stop(): void {
		this.#stopped = true;
		this.#session?.close();
	}

	#dial(): void {
		const { thing, password, report, dial, onTakenOver } = this.#options;
		let wasConnected = false;
		const session = dial().open(
			{ password },
			{
				onConnected: () => {
					wasConnected = true;
					const notices: Subscription = { filter: `$aws/things/${thing}/jobs/notify-next`, qos: 1 };
					session.subscribe([notices], () => {});
					if (report !== undefined) session.publish(reportTopic(thing), report, { qos: 1 });
				},
				onMessage: () => {},
				onClosed: () => {
					if (this.#stopped) return;
					if (wasConnected) onTakenOver();
					this.#dialLater();
				},
			},
		);
		this.#session = session;
	}

	#dialLater(): void {
		const { clock, random } = this.#options;
		clock.after(FIRST_REDIAL_MS + random.integer(REDIAL_SPREAD_MS), () => {
			if (!this.#stopped) this.#dial();
		});
	}
}
