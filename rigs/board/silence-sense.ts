import type { ConsolePort, PowerPort, PowerSwitched } from '../../harness/ports/index.js';
import { messageOf } from '../drivers/deadline.js';
import { PowerError } from '../drivers/power/index.js';

export interface SilenceOptions {
	/** Of the board, for messages. */
	readonly name: string;
	readonly console: ConsolePort;
	/** How long a console must say nothing, although it is asked, for its board to count as dead. */
	readonly silentMs: number;
	/** How long a cut may take to be seen. */
	readonly withinMs: number;
	/** What is sent to have a board that lives answer. */
	readonly lineEnd: string;
	/** Whether its port is gone, or its transmit line held: then it cannot be asked. */
	readonly isMute: () => boolean;
}

/**
 * Sees whether a board is powered by whether its console answers. A cut is seen at the last byte that came, which is the latest the
 * board is known to have lived; at the command where none did.
 */
export const senseBySilence = (power: PowerPort, options: SilenceOptions): PowerPort => {
	const { name, withinMs, silentMs } = options;
	const off = async (): Promise<PowerSwitched> => {
		const switched = await power.off();
		let lastMs = switched.commandedAtMs;
		const deadlineMs = options.console.mark().atMs + withinMs;
		for (;;) {
			const heardMs = await listen(options);
			if (heardMs === undefined) return { ...switched, observedAtMs: lastMs };
			lastMs = Math.max(lastMs, heardMs);
			if (options.console.mark().atMs < deadlineMs) continue;
			throw new PowerError('unconfirmed', `${name}: power off: its console still speaks after ${withinMs} ms, and was to be silent for ${silentMs} ms`);
		}
	};
	return {
		get commanded() {
			return power.commanded;
		},
		on: () => power.on(),
		off,
		cycle: async () => {
			await off();
			return power.on();
		},
		observe: async () => {
			if ((await listen(options)) !== undefined) return 'powered';
			// What should run and says nothing may hang as well as be without power.
			return power.commanded === 'unpowered' ? 'unpowered' : 'unknown';
		},
	};
};

/** Asks, and resolves with when something came of it, or undefined where nothing did. */
const listen = async ({ console, silentMs, lineEnd, isMute, name }: SilenceOptions): Promise<number | undefined> => {
	const from = console.mark();
	try {
		if (!isMute()) await console.send(lineEnd);
		return (await console.expect(/[\s\S]/, { withinMs: silentMs, from })).end.atMs;
	} catch (error) {
		if (Reflect.get(error as Error, 'code') === 'timeout' || Reflect.get(error as Error, 'code') === 'absent') return undefined;
		throw new PowerError('unreachable', `${name}: its console cannot be listened to: ${messageOf(error)}`, { cause: error });
	}
};
