import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { GpioPort, PowerPort, PowerSwitched } from '../../harness/ports/index.js';
import { openSerialConsole, type SerialConsole } from '../drivers/console/index.js';
import type { BoardSpec, SerialAddress } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import type { Closers } from './closers.js';
import { LINE_ENDS } from './conversation.js';

export interface ConsoleHost {
	/** Of a board that is not real. */
	readonly ttyPath?: string | undefined;
	readonly findPort: (address: SerialAddress) => string;
	/** Where what it says is written; nowhere where undefined. */
	readonly consoleFolder?: string | undefined;
}

/** Opens the console of a board as its type and its rig file say. */
export const openBoardConsole = (spec: BoardSpec, { ttyPath, findPort, consoleFolder }: ConsoleHost): Promise<SerialConsole> => {
	const { address, baud, lines } = spec.console;
	const { pacing, echo, newline } = spec.type.console;
	return openSerialConsole({
		name: spec.name,
		resolvePort: async () => {
			if (address.kind !== 'backend') return findPort(address);
			if (ttyPath === undefined) throw new BoardError('lacks', `board ${spec.name}: a port of its console was expected (serial: { console: { match } })`);
			return ttyPath;
		},
		baudRate: baud,
		lines: lines === 'none' ? 'none' : { dtr: lines.dtr === 'active', rts: lines.rts === 'active' },
		pacing: { characterDelayMs: pacing.character, ...(pacing.chunkPause > 0 ? { chunkBytes: pacing.chunk, chunkDelayMs: pacing.chunkPause } : {}) },
		echo: { enabled: echo, lineEnd: LINE_ENDS[newline] },
		...(consoleFolder === undefined ? {} : { recordFile: join(consoleFolder, `${spec.name}.console`) }),
	});
};

/** Holds the reset line of a board at rest; resolves with how it is pulled, or undefined where there is none. */
export const openResetLine = async (
	spec: BoardSpec,
	{ openGpio, closers }: { readonly openGpio: () => Promise<GpioPort>; readonly closers: Closers },
): Promise<(() => Promise<void>) | undefined> => {
	const { reset } = spec.lines;
	if (reset === undefined) return undefined;
	const gpio = await openGpio();
	const line = await gpio.openLine({
		chip: reset.gpio.chip,
		line: reset.gpio.line,
		activeLow: reset.activeLow,
		drive: reset.drive,
		direction: { output: reset.idle === 'active' },
		consumer: `blackstart ${spec.name}`,
	});
	closers.add(async () => line[Symbol.asyncDispose]());
	return async () => {
		await line.set(reset.idle !== 'active');
		await sleep(reset.pulse);
		await line.set(reset.idle === 'active');
	};
};

/** An idle transmit line feeds a board through its protection diode: it is held low while the board is off. */
export const releaseWhileOff = (power: PowerPort, { spec, console }: { readonly spec: BoardSpec; readonly console: SerialConsole }): PowerPort => {
	if (spec.power?.backfeed.includes('console') !== true || spec.console.lines === 'none') return power;
	const off = async (): Promise<PowerSwitched> => {
		const switched = await power.off();
		await console.setBreak(true);
		return switched;
	};
	const on = async (): Promise<PowerSwitched> => {
		await console.setBreak(false);
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
