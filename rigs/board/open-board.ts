import type { BlackstartEvent } from '../../harness/events/index.js';
import type { GpioOptions } from '../drivers/gpio/index.js';
import type { Guardian } from '../guardian/index.js';
import { type LeaseWait, markBroken } from '../leases/index.js';
import type { BoardSpec, RigFile, SerialAddress } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import type { FlasherMaker } from './board-flasher.js';
import { openBoardLines } from './board-lines.js';
import { type BoardImages, createReleaseBook } from './board-releases.js';
import type { Gateway } from './board-updates.js';
import type { BoardUplink } from './own-network.js';
import { Closers } from './closers.js';
import { openGuardedSupply } from './guarded-supply.js';
import { openBoardConsole } from './open-console.js';
import { toPowerOptions } from './power-options.js';
import { PreparationGate } from './preparation-gate.js';
import { prepareBoard } from './prepare-board.js';
import { SpokenBoard } from './spoken-board.js';
import { takeBoard } from './take-board.js';
import { countCuts, relayCounter, WearCounter } from './wear.js';
import { wirePower } from './wire-power.js';

/** What a board that is not real brings in place of hardware. */
export interface BoardBackend {
	readonly ttyPath: string;
	readonly gpio: GpioOptions;
}

export interface OpenBoardOptions {
	readonly rig: Pick<RigFile, 'name' | 'gpio' | 'broker'>;
	readonly spec: BoardSpec;
	readonly guardian: Guardian;
	readonly images: BoardImages;
	/** Undefined where the board is real. */
	readonly backend?: BoardBackend | undefined;
	readonly flasher?: FlasherMaker | undefined;
	readonly gateway?: Gateway | undefined;
	/** The update service, for a board with a network of its own. */
	readonly uplink?: BoardUplink | undefined;
	readonly findPort: (address: SerialAddress) => string;
	/** Where its console is written; nowhere where undefined. */
	readonly consoleFolder?: string | undefined;
	/** Where images that are written to it are counted, against its limits; nowhere where undefined. */
	readonly writtenFile?: string | undefined;
	/** What the lease is for, told to those who wait. */
	readonly purpose: string;
	/** How long to wait for another holder of the board. */
	readonly waitMs: number;
	/** Told at first, when the holder changes, and every ten seconds. */
	readonly onWait?: ((text: string) => void) | undefined;
	/** Takes a board that is marked broken too, to repair it. */
	readonly evenBroken?: boolean;
	readonly nowMs: () => number;
	record(event: BlackstartEvent): void;
	/** Another took the board, or the guardian is gone: nothing may be done to it any more. */
	onLost?: (error: Error) => void;
	/** Told at once when the board panics or boots although it was left alone, running something confirmed. */
	onUnexpected?: ((what: string) => void) | undefined;
}

/** A board that is ours: leased, its power in the hands of a guardian, golden at rest. Left safe and given back when it is closed. */
export interface RigBoard extends AsyncDisposable {
	readonly board: SpokenBoard;
}

/**
 * Takes a board, opens all that it is touched through, and brings it to its golden image. Rejects with whatever stood in the
 * way, everything closed again; a board that cannot be brought to golden is marked as broken.
 */
export const openBoard = async (options: OpenBoardOptions): Promise<RigBoard> => {
	const { purpose, waitMs, onLost, evenBroken = false, spec } = options;
	const onWait = ({ holder, why }: LeaseWait): void => options.onWait?.(`${spec.name}: waiting for ${holder}: ${why}`);
	const closers = new Closers();
	try {
		await takeBoard(options, { closers, lease: { purpose, waitMs, evenBroken, onWait, ...(onLost ? { onLost } : {}) } });
		const gate = new PreparationGate(options.record);
		const board = await openParts({ ...options, record: gate.record }, closers);
		await prepare(board, options);
		await board.joinNetwork();
		gate.open();
		return { board, [Symbol.asyncDispose]: () => closers.close() };
	} catch (error) {
		await closers.close().catch(() => undefined);
		throw error;
	}
};

const openParts = async (options: OpenBoardOptions, closers: Closers): Promise<SpokenBoard> => {
	const { rig, spec, guardian, images, backend, flasher, gateway, uplink, findPort, nowMs, record } = options;
	const gpioOptions: GpioOptions = backend?.gpio ?? { way: rig.gpio };
	const supply = toPowerOptions(spec, { gpio: gpioOptions, findPort, broker: rig.broker });
	const power = await openGuardedSupply(supply, { guardian, safe: spec.power?.safe ?? 'unpowered', closers });
	// A port that lives off the board's supply is there with it alone.
	if (spec.console.openWhen === 'after-power') await power.on();
	const console = await openBoardConsole(spec, { ttyPath: backend?.ttyPath, findPort, consoleFolder: options.consoleFolder });
	closers.add(async () => console[Symbol.asyncDispose]());
	const lines = await openBoardLines(spec, { openGpio: () => guardian.openGpio(gpioOptions), closers });
	const { reset } = lines;
	const wired = wirePower(power, { spec, console, lines });
	const board = new SpokenBoard({
		spec,
		console,
		power: spec.backend === 'real' ? countCuts(wired, relayCounter({ rig: rig.name, board: spec.name })) : wired,
		written: options.writtenFile === undefined ? undefined : new WearCounter(options.writtenFile),
		reset: reset && (() => reset.pulse()),
		flasher: flasher?.({ console, lines }),
		gateway,
		uplink,
		releases: createReleaseBook(images, { board: spec.name, type: spec.type.type, origin: backend ? 'harness' : 'user' }),
		nowMs,
		record,
		onUnexpected: options.onUnexpected,
	});
	closers.add(async () => board.stopWatching());
	return board;
};

const prepare = async (board: SpokenBoard, { rig, spec }: OpenBoardOptions): Promise<void> => {
	if (spec.type.commands.running === undefined) return;
	try {
		await prepareBoard(board);
	} catch (cause) {
		const reason = `its golden image was to run: ${(cause as Error).message}`;
		// One that this process made is made anew by the next.
		if (spec.backend === 'real' && cause instanceof BoardError && cause.code !== 'lacks')
			markBroken({ rig: rig.name, board: spec.name }, { reason, epochMs: Date.now() });
		throw cause instanceof BoardError ? new BoardError(cause.code, `board ${spec.name} failed its health check: ${reason}`, { cause }) : cause;
	}
};
