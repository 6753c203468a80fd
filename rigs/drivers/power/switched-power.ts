import { setTimeout as sleep } from 'node:timers/promises';
import type { PowerPort, PowerState, PowerSwitched } from '../../../harness/ports/index.js';
import { withDeadline } from '../deadline.js';
import { monotonicMs } from '../monotonic.js';
import { PowerError } from './power-error.js';
import type { PowerSwitch } from './power-switch.js';

export interface PowerTimings {
	/** Of the board, for messages. */
	readonly name: string;
	/** How long it stays off at least, until its rails are discharged. */
	readonly offTimeMs: number;
	/** Until the contact stands still. */
	readonly settleMs: number;
	/** How long one switching may take, its observation included. */
	readonly withinMs: number;
}

/** A cut is seen within a millisecond or two; what takes long is not asked so often. */
const READ_EVERY_MS = { first: 1, longest: 50 } as const;

/** The supply of one board behind its switch: one switching at a time, never on again before the rails are discharged, observed where it can be. */
export class SwitchedPower implements PowerPort, AsyncDisposable {
	readonly description: string;
	readonly #switch: PowerSwitch;
	readonly #timings: PowerTimings;
	#commanded: PowerState | 'unknown' = 'unknown';
	#offSinceMs: number | undefined;
	#lastSeen: PowerState | 'unknown' | undefined;
	#turn: Promise<unknown> = Promise.resolve();

	constructor(powerSwitch: PowerSwitch, timings: PowerTimings) {
		this.#switch = powerSwitch;
		this.#timings = timings;
		this.description = powerSwitch.description;
	}

	get commanded(): PowerState | 'unknown' {
		return this.#commanded;
	}

	on(): Promise<PowerSwitched> {
		return this.#inTurn(() => this.#switchOn());
	}

	off(): Promise<PowerSwitched> {
		return this.#inTurn(() => this.#command(false));
	}

	cycle(): Promise<PowerSwitched> {
		return this.#inTurn(async () => {
			await this.#command(false);
			return await this.#switchOn();
		});
	}

	async observe(): Promise<PowerState | 'unknown'> {
		const { read } = this.#switch;
		if (read === undefined) return 'unknown';
		return await this.#within('observe', (signal) => read({ signal }));
	}

	[Symbol.asyncDispose](): Promise<void> {
		return Promise.resolve(this.#switch[Symbol.asyncDispose]());
	}

	async #switchOn(): Promise<PowerSwitched> {
		const restMs = this.#offSinceMs === undefined ? 0 : this.#offSinceMs + this.#timings.offTimeMs - monotonicMs();
		if (restMs > 0) await sleep(restMs);
		return await this.#command(true);
	}

	async #command(powered: boolean): Promise<PowerSwitched> {
		const commanded = powered ? 'powered' : 'unpowered';
		const commandedAtMs = monotonicMs();
		this.#commanded = commanded;
		const observedAtMs = await this.#within(powered ? 'on' : 'off', async (signal) => {
			await this.#switch.set(powered, { signal });
			if (!powered) this.#offSinceMs = monotonicMs();
			const seenMs = await this.#see(commanded, signal);
			if (this.#timings.settleMs > 0) await sleep(this.#timings.settleMs, undefined, { signal });
			return seenMs;
		});
		if (!powered) this.#offSinceMs = observedAtMs ?? this.#offSinceMs;
		return observedAtMs === undefined ? { commanded, commandedAtMs } : { commanded, commandedAtMs, observedAtMs };
	}

	/** Resolves with when the wanted state was seen; undefined where nothing sees. A switch that says something else is asked until the deadline. */
	async #see(wanted: PowerState, signal: AbortSignal): Promise<number | undefined> {
		if (this.#switch.read === undefined) return undefined;
		for (let pauseMs: number = READ_EVERY_MS.first; ; pauseMs = Math.min(2 * pauseMs, READ_EVERY_MS.longest)) {
			const seen = await this.#switch.read({ signal });
			if (seen === wanted) return monotonicMs();
			this.#lastSeen = seen;
			await sleep(pauseMs, undefined, { signal });
		}
	}

	#within<Value>(what: string, task: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
		const { name, withinMs } = this.#timings;
		this.#lastSeen = undefined;
		return withDeadline(task, {
			withinMs,
			late: () =>
				this.#lastSeen === undefined
					? new PowerError('timeout', `${name}: power ${what}: no answer in ${withinMs} ms (${this.description})`)
					: new PowerError('unconfirmed', `${name}: power ${what}: still ${this.#lastSeen} after ${withinMs} ms (${this.description})`),
		});
	}

	#inTurn<Value>(task: () => Promise<Value>): Promise<Value> {
		const turn = this.#turn.then(task);
		this.#turn = turn.catch(() => undefined);
		return turn;
	}
}
