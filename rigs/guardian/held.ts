import type { GpioLine, GpioPort } from '../../harness/ports/index.js';
import { messageOf, withDeadline } from '../drivers/deadline.js';
import type { SwitchedPower } from '../drivers/power/switched-power.js';
import type { GuardianLog } from './guardian-log.js';
import type { SafePower } from './message.js';

export interface HeldLine {
	readonly line: GpioLine;
	/** The level it was opened at; undefined for an input. */
	readonly idle: boolean | undefined;
}

export interface HeldPower {
	readonly power: SwitchedPower;
	readonly safe: SafePower;
	/** Longest time that one switching may take. */
	readonly withinMs: number;
}

/** Beyond what a supply may take to switch. */
const SPARE_MS = 1000;
const LINE_WITHIN_MS = 1000;

/** Everything a guardian holds for its runner. */
export class Held {
	readonly gpios = new Map<number, GpioPort>();
	readonly lines = new Map<number, HeldLine>();
	readonly powers = new Map<number, HeldPower>();
	readonly #log: GuardianLog;

	constructor(log: GuardianLog) {
		this.#log = log;
	}

	/** Brings lines to the level they were opened at and supplies to what is safe, all at once and each within its own deadline. */
	async makeSafe(): Promise<void> {
		const powers = [...this.powers.values()];
		const lines = [...this.lines.values()];
		this.powers.clear();
		this.lines.clear();
		await Promise.all([
			...powers.map(({ power, safe, withinMs }) => this.#step(`power: ${power.description}`, withinMs + SPARE_MS, () => secure(power, safe))),
			...lines.map(({ line, idle }) =>
				this.#step(`line ${line.name}`, LINE_WITHIN_MS, async () => {
					if (idle !== undefined) await line.set(idle);
					await line[Symbol.asyncDispose]();
					return idle === undefined ? 'released' : `idle, ${idle ? 'active' : 'inactive'}`;
				}),
			),
		]);
	}

	async #step(what: string, withinMs: number, task: () => Promise<string>): Promise<void> {
		try {
			const state = await withDeadline(task, { withinMs, late: () => new Error(`not done in ${withinMs} ms`) });
			this.#log({ kind: 'safe', what, state });
		} catch (error) {
			this.#log({ kind: 'unsafe', what, error: messageOf(error) });
		}
	}
}

const secure = async (power: SwitchedPower, safe: SafePower): Promise<string> => {
	try {
		if (safe === 'unpowered') await power.off();
		if (safe === 'powered' && power.commanded !== 'powered') await power.on();
		return safe === 'keep' ? `left as it is, ${power.commanded}` : safe;
	} finally {
		await power[Symbol.asyncDispose]();
	}
};
