import { join } from 'node:path';
import { openSerialConsole, type SerialConsole } from '../drivers/console/index.js';
import type { BoardSpec, SerialAddress } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
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
