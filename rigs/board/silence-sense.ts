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

/** Sees whether a board is powered by whether its console answers. A cut is seen when the first question was put that got no answer. */
export const senseBySilence = (power: PowerPort, options: SilenceOptions): PowerPort => {
	const { name, withinMs, silentMs } = options;
	const off = async (): Promise<PowerSwitched> => {
		const switched = await power.off();
		const deadlineMs = options.console.mark().atMs + withinMs;
		for (;;) {
			const { atMs: observedAtMs } = options.console.mark();
			if (!(await answers(options))) return { ...switched, observedAtMs };
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
			if (await answers(options)) return 'powered';
			// What should run and says nothing may hang as well as be without power.
			return power.commanded === 'unpowered' ? 'unpowered' : 'unknown';
		},
	};
};

const answers = async ({ console, silentMs, lineEnd, isMute, name }: SilenceOptions): Promise<boolean> => {
	const from = console.mark();
	try {
		if (!isMute()) await console.send(lineEnd);
		await console.expect(/[\s\S]/, { withinMs: silentMs, from });
		return true;
	} catch (error) {
		if (['timeout', 'absent'].includes(String(Reflect.get(error as Error, 'code')))) return false;
		throw new PowerError('unreachable', `${name}: its console cannot be listened to: ${messageOf(error)}`, { cause: error });
	}
};
