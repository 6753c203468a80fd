import type { RunningFirmware } from '../../harness/ports/index.js';
import type { SpokenBoard } from './spoken-board.js';

/** Powers a board and brings it to where every case begins: golden at rest, with the settings of the factory. Rejects where nothing brings it there. */
export const prepareBoard = async (board: SpokenBoard): Promise<RunningFirmware> => {
	const { bootMs, installMs, confirmMs, updateMs } = board.timings;
	const restMs = bootMs + installMs + confirmMs;
	board.publish(board.releases.golden());
	await board.power.cycle();
	const golden = board.releases.golden().images[0]?.digest;
	const found = await board.settle({ withinMs: restMs }).catch((error: unknown) => {
		// What ran before may be anything; golden will be written over it.
		if (Reflect.get(error as Error, 'code') === 'no-boot') return undefined;
		throw error;
	});
	if (found?.digest === golden && found !== undefined) {
		await board.useDefaults();
		return found;
	}
	await board.restore({ withinMs: 2 * restMs + updateMs });
	return board.running({ withinMs: bootMs });
};
