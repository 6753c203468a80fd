import type { FlasherPort, GpioPort, PowerPort } from '../../harness/ports/index.js';
import type { FlasherMaker } from '../board/board-flasher.js';
import { openBoardLines } from '../board/board-lines.js';
import { Closers } from '../board/closers.js';
import { openGuardedSupply } from '../board/guarded-supply.js';
import { openBoardConsole } from '../board/open-console.js';
import { toPowerOptions } from '../board/power-options.js';
import { takeBoard } from '../board/take-board.js';
import { countCuts, relayCounter } from '../board/wear.js';
import { wirePower } from '../board/wire-power.js';
import type { SerialConsole } from '../drivers/console/index.js';
import type { GpioOptions } from '../drivers/gpio/index.js';
import type { Guardian } from '../guardian/index.js';
import type { LeaseOptions } from '../leases/index.js';
import type { BoardSpec, RigFile, SerialAddress } from '../rig-file/index.js';

export interface OpenPartsOptions {
	readonly rig: RigFile;
	readonly spec: BoardSpec;
	readonly guardian: Guardian;
	readonly gpio: GpioOptions;
	/** Of a board that is not real. */
	readonly ttyPath?: string | undefined;
	readonly flasher?: FlasherMaker | undefined;
	readonly findPort: (address: SerialAddress) => string;
	readonly lease: Pick<LeaseOptions, 'purpose' | 'waitMs' | 'onWait' | 'evenBroken'>;
	/** How the supply is left: as the rig file says is safe, as it was switched last, or never touched. */
	readonly leaves: 'safe' | 'as-it-is' | 'untouched';
	/** False where its console is not wanted, so that its port is not opened. */
	readonly consoles: boolean;
}

/** What a board is touched through, without anything done to the board itself. */
export interface OpenParts extends AsyncDisposable {
	readonly console: SerialConsole | undefined;
	readonly power: PowerPort | undefined;
	readonly reset: (() => Promise<void>) | undefined;
	readonly flasher: FlasherPort | undefined;
	/** Cuts that its relay has made. */
	readonly relayCycles: number;
	/** By which ways, for people. */
	readonly notes: readonly string[];
}

/** Takes a board and opens its parts; a board that only this process can see needs no lease. */
export const openParts = async (options: OpenPartsOptions): Promise<OpenParts> => {
	const { spec, guardian } = options;
	const closers = new Closers();
	try {
		await takeBoard(options, { closers, lease: options.lease });
		const notes: string[] = [];
		const supply = await openSupply(options, { closers, notes });
		if (spec.console.openWhen === 'after-power' && options.consoles && options.leaves !== 'untouched') await supply?.on();
		const console = options.consoles ? await openBoardConsole(spec, options) : undefined;
		if (console !== undefined) closers.add(async () => console[Symbol.asyncDispose]());
		const openGpio = async (): Promise<GpioPort> => {
			const gpio = await guardian.openGpio(options.gpio);
			notes.push(`lines: ${gpio.description}`);
			return gpio;
		};
		const lines = options.leaves === 'untouched' ? {} : await openBoardLines(spec, { openGpio, closers });
		const wired = supply !== undefined && console !== undefined ? wirePower(supply, { spec, console, lines }) : supply;
		const power = wired && spec.backend === 'real' ? countCuts(wired, relayCounter({ rig: options.rig.name, board: spec.name })) : wired;
		const { reset } = lines;
		const relayCycles = relayCounter({ rig: options.rig.name, board: spec.name }).count;
		return {
			console,
			power,
			reset: reset && (() => reset.pulse()),
			flasher: options.flasher?.({ console, lines }),
			notes,
			relayCycles,
			[Symbol.asyncDispose]: () => closers.close(),
		};
	} catch (error) {
		await closers.close().catch(() => undefined);
		throw error;
	}
};

const openSupply = async (
	{ spec, rig, guardian, gpio, findPort, leaves }: OpenPartsOptions,
	{ closers, notes }: { readonly closers: Closers; readonly notes: string[] },
): Promise<PowerPort | undefined> => {
	if (spec.power === undefined || leaves === 'untouched') return undefined;
	const safe = leaves === 'safe' ? spec.power.safe : 'keep';
	const power = await openGuardedSupply(toPowerOptions(spec, { gpio, findPort, broker: rig.broker }), { guardian, safe, closers });
	notes.push(`power: ${power.description}`);
	return power;
};
