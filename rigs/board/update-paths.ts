import type { UpdatePath } from '../../harness/ports/index.js';
import type { BoardSpec } from '../rig-file/index.js';
import { takesImages } from './transfer/index.js';

/** Ways an update can take to a board, the preferred one first: those of its rig file that its type, its flasher and the rig host have what it takes for. */
export const listUpdatePaths = (
	{ type, updates }: Pick<BoardSpec, 'type' | 'updates'>,
	{ hasFlasher, hasGateway, hasUplink }: { readonly hasFlasher: boolean; readonly hasGateway: boolean; readonly hasUplink: boolean },
): readonly UpdatePath[] => {
	const overConsole = takesImages(type);
	const can: Readonly<Record<UpdatePath, boolean>> = {
		serial: overConsole,
		// By its own network, or through the gateway that hands it on over the console.
		mqtt: hasUplink || (hasGateway && overConsole),
		// Staged from outside, it is for the firmware to ask for the trial.
		flasher: hasFlasher && type.flasher?.areas['secondary'] !== undefined && type.commands.trial !== undefined,
	};
	return updates.filter((path) => can[path]);
};
