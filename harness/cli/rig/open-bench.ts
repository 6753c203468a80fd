import type { OpenParts, OpenPartsOptions } from '../../../rigs/check/index.js';
import type { BoardSpec, RigFile, SerialAddress } from '../../../rigs/rig-file/index.js';
import { BoardBench } from '../board/board-bench.js';
import { openScratchFolder } from '../board/scratch-folder.js';
import { createVirtualFlasher, openVirtualBench } from '../board/virtual-bench.js';
import type { ConsolePort } from '../../ports/index.js';
import { realTime } from '../../time/index.js';
import { UsageError } from '../usage-error.js';

export interface BenchOptions {
	/** Those that may be opened; virtual ones of them are started. */
	readonly boards: readonly BoardSpec[];
	/** What leases are for. */
	readonly purpose: string;
	/** Told of waits, for people. */
	readonly say: (text: string) => void;
}

export type BenchOpening = Partial<Pick<OpenPartsOptions, 'leaves' | 'consoles'>> & { readonly evenBroken?: boolean };

/** Parts of a board whose console was asked for. */
export interface BenchParts extends OpenParts {
	readonly console: ConsolePort & NonNullable<OpenParts['console']>;
}

export interface Bench extends AsyncDisposable {
	/** Why a board that is emulated cannot run on this machine. */
	missing(spec: BoardSpec): string | undefined;
	open(spec: BoardSpec, opening?: BenchOpening): Promise<BenchParts>;
	/** Brings a board to its golden image, by whichever of its ways works, where that image is known; resolves with what was done. Marked broken or not. */
	restore(spec: BoardSpec): Promise<string>;
}

/** Another run may hold a board for as long as that. */
const WAIT_MS = 120_000;

/** The boards of a rig for one command: a guardian holds their lines and supplies, and virtual ones live for as long as it. */
export const openBench = async (rig: RigFile, { boards, purpose, say }: BenchOptions): Promise<Bench> => {
	const scratch = await openScratchFolder();
	const folder = scratch.path;
	const [{ openParts }, { openGuardian }, { createRigHost, findSerialPort }, { createBoardFlasher }] = await Promise.all([
		import('../../../rigs/check/index.js'),
		import('../../../rigs/guardian/index.js'),
		import('../../../rigs/host/index.js'),
		import('../../../rigs/board/index.js'),
	]);
	const emulated = await openVirtualBench(rig, { folder, only: boards.map(({ name }) => name) });
	const guardian = await openGuardian();
	const host = createRigHost();
	const findPort = (address: SerialAddress): string => findSerialPort(address, host);
	return {
		missing: (spec) => emulated.boards.find(({ name }) => name === spec.name)?.missing,
		open: async (spec, { leaves = 'safe', consoles = true, evenBroken = false } = {}) => {
			const virtual = emulated.boards.find(({ name }) => name === spec.name);
			if (virtual?.missing !== undefined) throw new UsageError(`board ${spec.name} cannot run here: ${virtual.missing}`);
			const parts = await openParts({
				rig,
				spec,
				guardian,
				gpio: virtual === undefined ? { way: rig.gpio } : { way: 'line-socket', socketPath: virtual.lineSocketPath },
				ttyPath: virtual?.ttyPath,
				flasher: virtual ? () => createVirtualFlasher(virtual, { folder }) : createBoardFlasher(spec, { findPort }),
				findPort,
				lease: { purpose, waitMs: WAIT_MS, evenBroken, onWait: ({ holder, why }) => say(`${spec.name}: waiting for ${holder}: ${why}`) },
				leaves,
				consoles,
			});
			return parts as BenchParts;
		},
		restore: async (spec) => {
			if (spec.type.commands.running === undefined) return 'its type does not say how it is asked what runs (commands: { running }), so golden is not written';
			await using restorer = new BoardBench({ rig, emulated: emulated.boards, folder, purpose });
			if ((await restorer.images(spec)).golden === undefined) return 'it has no golden image (images: { golden }), so none is written';
			const lost = new AbortController();
			const opening = {
				consoles: 'repair',
				waitMs: WAIT_MS,
				onWait: say,
				evenBroken: true,
				nowMs: () => realTime.nowMs(),
				record: () => {},
				onLost: (error: Error) => lost.abort(error),
			};
			await using opened = await restorer.open(spec, opening);
			lost.signal.throwIfAborted();
			const { version } = await opened.board.running({ withinMs: spec.type.timings.boot });
			return `golden ${version} runs, confirmed, with the settings of the factory`;
		},
		[Symbol.asyncDispose]: async () => {
			await guardian[Symbol.asyncDispose]();
			await emulated[Symbol.asyncDispose]();
			scratch[Symbol.dispose]();
		},
	};
};
