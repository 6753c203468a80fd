import type { PowerPort, PowerSwitched } from '../../harness/ports/index.js';
import type { SerialConsole } from '../drivers/console/index.js';
import type { BoardSpec } from '../rig-file/index.js';
import type { BoardLines } from './board-lines.js';
import { LINE_ENDS } from './conversation.js';
import { senseBySilence } from './silence-sense.js';

/** What feeds a board beside its supply, and hears whether it lives. */
export interface PowerWiring {
	readonly spec: BoardSpec;
	readonly console: SerialConsole;
	readonly lines: BoardLines;
}

/** The supply of a board as its rig file wires it: seen by the silence of its console where nothing better sees it, and with nothing else feeding it while it is off. */
export const wirePower = (power: PowerPort, { spec, console, lines }: PowerWiring): PowerPort => {
	if (spec.power === undefined) return power;
	const { sense, within, backfeed } = spec.power;
	const feeders = feedersOf(backfeed, { spec, console, lines });
	const seen =
		sense.kind === 'console-silence'
			? senseBySilence(power, {
					name: spec.name,
					console,
					silentMs: sense.within,
					withinMs: within,
					lineEnd: LINE_ENDS[spec.type.console.newline],
					isMute: () => console.path === undefined || console.breaks,
				})
			: power;
	return feeders.isNone ? seen : releaseWhileOff(seen, feeders);
};

interface Feeders {
	readonly isNone: boolean;
	release(): Promise<void>;
	hold(): Promise<void>;
}

/** An idle transmit line feeds a board through its protection diode, and so does any line that is driven high. */
const feedersOf = (backfeed: readonly ('console' | 'reset' | 'boot')[], { spec, console, lines }: PowerWiring): Feeders => {
	const driven = (['reset', 'boot'] as const).flatMap((name) => (backfeed.includes(name) && lines[name] ? [lines[name]] : []));
	const transmits = backfeed.includes('console') && spec.console.lines !== 'none';
	return {
		isNone: driven.length === 0 && !transmits,
		release: async () => {
			await Promise.all([...driven.map((line) => line.release()), ...(transmits ? [console.setBreak(true)] : [])]);
		},
		hold: async () => {
			await Promise.all([...driven.map((line) => line.hold()), ...(transmits ? [console.setBreak(false)] : [])]);
		},
	};
};

const releaseWhileOff = (power: PowerPort, feeders: Feeders): PowerPort => {
	const off = async (): Promise<PowerSwitched> => {
		try {
			return await power.off();
		} finally {
			await feeders.release();
		}
	};
	const on = async (): Promise<PowerSwitched> => {
		await feeders.hold();
		return power.on();
	};
	return {
		get commanded() {
			return power.commanded;
		},
		observe: () => power.observe(),
		off,
		on,
		cycle: async () => {
			await off();
			return on();
		},
	};
};
