import type { FlasherPort } from '../../harness/ports/index.js';
import type { SerialConsole } from '../drivers/console/index.js';
import { createToolFlasher, type PortUser } from '../drivers/flasher/index.js';
import type { BoardSpec, SerialAddress } from '../rig-file/index.js';
import type { BoardLines } from './board-lines.js';

export interface FlasherHost {
	readonly findPort: (address: SerialAddress) => string;
	/** Where what the tool says is added. */
	readonly logFile?: string | undefined;
	/** Of the tool, beside that of this process. */
	readonly env?: Readonly<Record<string, string>> | undefined;
}

/** What a flasher shares with the board that is open. */
export interface FlasherTouch {
	/** Undefined where it is not open. */
	readonly console: SerialConsole | undefined;
	readonly lines: BoardLines;
}

/** Makes the flasher of a board once the board is open. */
export type FlasherMaker = (touch: FlasherTouch) => FlasherPort;

/**
 * The flasher of a real board, undefined where its type has none. With the order `flasher-first` the console lets its port go for as
 * long as the flasher works, whether that goes over the same port or has the port drop as it resets the board; with `console-first`
 * it stays open. A board with both lines is brought into its ROM loader by them, and out of it.
 */
export const createBoardFlasher = (spec: BoardSpec, { findPort, logFile, env }: FlasherHost): FlasherMaker | undefined => {
	const { name, identity, flasher, backend, type } = spec;
	if (backend !== 'real' || flasher === undefined || flasher.tool === 'virtual') return undefined;
	return ({ console, lines }) => {
		const { address } = flasher;
		const lends = console !== undefined && type.order === 'flasher-first';
		const alone = <Value>(use: () => Promise<Value>): Promise<Value> => (lends ? console.lend(use) : use());
		// The console's own port, if it is that, is found again while the flasher has it.
		const withPort: PortUser | undefined = address && ((use) => alone(async () => use(findPort(address))));
		const tool = createToolFlasher({
			name,
			spec: flasher,
			identity,
			...(withPort ? { withPort } : {}),
			...(logFile ? { logFile } : {}),
			...(env ? { env } : {}),
		});
		return throughLoader(withPort ? tool : wrap(tool, alone), lines);
	};
};

/** Into the ROM loader: a reset with the boot line active. Out of it: a reset without. */
const throughLoader = (flasher: FlasherPort, { boot, reset }: BoardLines): FlasherPort => {
	if (boot === undefined || reset === undefined) return flasher;
	return wrap(flasher, async (use) => {
		await boot.set(true);
		try {
			await reset.pulse();
			return await use();
		} finally {
			await boot.set(false);
			await reset.pulse();
		}
	});
};

type Around = <Value>(use: () => Promise<Value>) => Promise<Value>;

const wrap = (flasher: FlasherPort, around: Around): FlasherPort => ({
	assertIdentity: (options) => around(() => flasher.assertIdentity(options)),
	flash: (image, options) => around(() => flasher.flash(image, options)),
});
