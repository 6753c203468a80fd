import type { Duplex } from 'node:stream';
import { TB_SUBSCRIPTIONS, type TbDevice, type TbOutcome, type TbReport } from '../../../harness/protocols/thingsboard/index.js';
import type { Clock, Timer } from '../../../harness/time/index.js';
import { type MqttSession, openPacketSession } from '../../network/index.js';

export interface TbRunOptions {
	readonly clock: Clock;
	readonly dial: () => Duplex;
	readonly clientId: string;
	/** The device's own; its user name at the broker. */
	readonly token: string;
	readonly install: () => TbOutcome | 'to-be-run';
	/** Until what was asked for is asked for again. Default 10,000. */
	readonly answerMs?: number;
	/** Until the next connection. Default 5000. */
	readonly reconnectMs?: number;
}

/** A device at its broker: connects again and again, until its power is off. */
export class TbRun {
	/** Whether what was installed is to be run: a restart is the caller's business. */
	isToRestart = false;
	connections = 0;
	readonly #device: TbDevice;
	readonly #options: TbRunOptions;
	#session: MqttSession | undefined;
	#timer: Timer | undefined;
	#isOn = true;

	constructor(device: TbDevice, options: TbRunOptions) {
		this.#device = device;
		this.#options = options;
		this.#connect();
	}

	/** In the middle of whatever it does. */
	powerOff(): void {
		this.#isOn = false;
		this.#timer?.cancel();
		this.#session?.destroy();
	}

	#connect(): void {
		const { dial, clientId, token, clock, reconnectMs = 5000 } = this.#options;
		this.connections++;
		const session = openPacketSession(
			{ stream: dial(), clientId, username: token, keepaliveS: 60, clean: true, clock },
			{
				onConnected: () => {
					const subscriptions = TB_SUBSCRIPTIONS.map((filter) => ({ filter, qos: 1 as const }));
					session.subscribe(subscriptions, () => this.#say(this.#device.connected()));
				},
				onMessage: (topic, payload) => this.#say(this.#device.message({ topic, payload })),
				onClosed: () => {
					this.#timer?.cancel();
					if (this.#isOn && !this.isToRestart) this.#timer = clock.after(reconnectMs, () => this.#connect());
				},
			},
		);
		this.#session = session;
	}

	#say(messages: readonly TbReport[]): void {
		for (const { topic, payload, settles = false } of messages) this.#session?.publish(topic, payload, { qos: 1 }, () => settles && this.#device.settled());
		if (this.#device.task && !this.isToRestart) return this.#install();
		this.#timer?.cancel();
		const { clock, answerMs = 10_000 } = this.#options;
		if (this.#device.isWaiting) this.#timer = clock.after(answerMs, () => this.#say(this.#device.unanswered()));
	}

	#install(): void {
		const told = this.#device.installing();
		const result = this.#options.install();
		this.isToRestart = result === 'to-be-run';
		this.#say([...told, ...this.#device.installed(result)]);
	}
}
