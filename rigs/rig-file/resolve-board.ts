import { isDeepStrictEqual } from 'node:util';
import { resolveImages } from './board-types.js';
import type { BoardType } from './board-type-schema.js';
import { goesOverSerial } from './flasher-schema.js';
import { linesSchema } from './line-schema.js';
import { powerSchema } from './power-schema.js';
import type { BoardSpec, FlasherSpec, SerialAddress } from './rig-file.js';
import type { BoardData } from './rig-schema.js';

/** The chip of a virtual board, behind a socket of its own. */
export const VIRTUAL_CHIP = 'virtual';

/** What a board that is not real brings itself, wired as a real one would be. */
const VIRTUAL_LINES = linesSchema.parse({ reset: { gpio: { chip: VIRTUAL_CHIP, line: 'RESET' }, activeLow: true, drive: 'open-drain', pulse: '5ms' } });
const OWN_POWER = powerSchema.parse({ driver: 'virtual', settle: '0ms', sense: { kind: 'gpio-in', gpio: { chip: VIRTUAL_CHIP, line: 'SENSE' } } });

/** Fills in what the type of a board says, and what its backend brings. */
export const resolveBoard = (
	name: string,
	{ data, type, folder }: { readonly data: BoardData; readonly type: BoardType; readonly folder: string },
): BoardSpec => {
	const { backend, serial } = data;
	const address = addressOf(serial?.console ?? {}) ?? { kind: 'backend' };
	const power = data.power ?? (backend === 'real' ? undefined : OWN_POWER);
	return {
		name,
		type,
		backend,
		virtual: data.virtual ?? {},
		identity: data.identity,
		console: {
			address,
			baud: serial?.console.baud ?? type.console.baud,
			openWhen: serial?.console.openWhen ?? type.console.openWhen,
			// A pty has no such lines whatever the type says of the board's own port.
			lines: backend === 'real' ? (serial?.console.lines ?? type.console.lines) : 'none',
		},
		lines: backend === 'real' ? data.lines : VIRTUAL_LINES,
		power: power && { ...power, offTime: power.offTime ?? type.timings.offTime },
		flasher: resolveFlasher(data, { type, console: address }),
		fixtures: data.fixtures,
		limits: data.limits,
		updates: data.updates ?? type.updates,
		network: data.network ?? {},
		images: { ...type.images, ...resolveImages(data.images, folder) },
		notes: data.notes,
	};
};

const resolveFlasher = (
	{ flasher, backend }: BoardData,
	{ type, console }: { readonly type: BoardType; readonly console: SerialAddress },
): FlasherSpec | undefined => {
	if (type.flasher === undefined || (type.flasher.tool === 'virtual' && backend === 'real')) return undefined;
	const address = addressOf(flasher ?? {}) ?? (goesOverSerial(type.flasher) ? console : undefined);
	return { ...type.flasher, address, sharesConsole: address !== undefined && isDeepStrictEqual(address, console), probe: flasher?.probe };
};

const addressOf = ({ match, path }: { readonly match?: BoardMatch; readonly path?: string | undefined }): SerialAddress | undefined => {
	if (match !== undefined) return { kind: 'usb', match };
	return path === undefined ? undefined : { kind: 'path', path };
};

type BoardMatch = NonNullable<BoardData['serial']>['console']['match'];
