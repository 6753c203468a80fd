import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BoardBackend, BoardImages } from '../../../rigs/board/index.js';
import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import type { BoardProcess } from '../../../simulators/board/index.js';
import type { BadImage, BoardReleases, FlasherPort } from '../../ports/index.js';

/** How a board that is emulated is reached, as data: it crosses to the processes that run scenarios. */
export interface EmulatedBoard {
	readonly name: string;
	readonly ttyPath: string;
	readonly lineSocketPath: string;
	/** Why it cannot run on this machine; its paths are empty then. */
	readonly missing?: string;
}

/** The boards of a rig that no hardware stands behind, running. */
export interface VirtualBench extends AsyncDisposable {
	readonly boards: readonly EmulatedBoard[];
}

const PROGRAMMER = fileURLToPath(new URL('../../../simulators/board/programmer.js', import.meta.url));

/** Starts every board of a rig that is emulated, as from the factory; what they keep lies in `folder`. */
export const openVirtualBench = async (
	rig: RigFile,
	{ folder, only }: { readonly folder: string; readonly only?: readonly string[] },
): Promise<VirtualBench> => {
	const wanted = rig.boards.filter(({ backend, name }) => backend !== 'real' && (only === undefined || only.includes(name)));
	const opened = await Promise.allSettled(wanted.map((spec, index) => startBoard(spec, { folder, seed: index + 1 })));
	const started = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
	const running = started.flatMap((board) => ('process' in board ? [board] : []));
	let closing = false;
	for (const { name, process: board } of running)
		void board.ended.then((words) => {
			if (!closing) process.stderr.write(`the process of virtual board ${name} ended by itself: ${words.trim() === '' ? 'without a word' : words.trim()}\n`);
		});
	const close = async (): Promise<void> => {
		closing = true;
		await Promise.all(running.map((board) => board.process[Symbol.asyncDispose]()));
	};
	const failed = opened.find((result) => result.status === 'rejected');
	if (failed !== undefined) {
		await close();
		throw failed.reason;
	}
	return {
		boards: started.map((board) =>
			'process' in board
				? { name: board.name, ttyPath: board.process.ttyPath, lineSocketPath: board.process.lineSocketPath }
				: { name: board.name, ttyPath: '', lineSocketPath: '', missing: board.missing },
		),
		[Symbol.asyncDispose]: close,
	};
};

type StartedBoard = { readonly name: string } & ({ readonly process: BoardProcess } | { readonly missing: string });

const startBoard = async (spec: BoardSpec, { folder, seed }: { readonly folder: string; readonly seed: number }): Promise<StartedBoard> => {
	const { name, virtual } = spec;
	if (spec.backend === 'qemu') return startQemuBoard(spec, folder);
	if (spec.type.virtual.machine === 'networked') {
		const { openNetworkedBoard } = await import('../../../simulators/networked-board/index.js');
		return { name, process: await openNetworkedBoard({ name: name.slice(0, 16), stateFile: join(folder, `${name}.board`), seed: virtual.seed ?? seed }) };
	}
	const { openVirtualBoard } = await import('../../../simulators/board/index.js');
	const board = await openVirtualBoard({
		name: name.slice(0, 16),
		stateFile: join(folder, `${name}.board`),
		seed: virtual.seed ?? seed,
		...(virtual.build === undefined ? {} : { bootloader: virtual.build }),
	});
	return { name, process: board };
};

const startQemuBoard = async ({ name, virtual: { build }, type }: BoardSpec, folder: string): Promise<StartedBoard> => {
	const { openQemuBoard, whyNoQemuBoard } = await import('../../../simulators/qemu-board/index.js');
	const { machine, firmware } = type.qemu as NonNullable<typeof type.qemu>;
	const missing = await whyNoQemuBoard(machine, { firmware });
	if (missing !== null) return { name, missing };
	return { name, process: await openQemuBoard({ name, machine, firmware, build, stateFolder: join(folder, `${name}.board`) }) };
};

export const backendOf = ({ ttyPath, lineSocketPath }: EmulatedBoard): BoardBackend => ({ ttyPath, gpio: { way: 'line-socket', socketPath: lineSocketPath } });

/** The programmer of a virtual board, a program of its own as those of real ones. */
export const createVirtualFlasher = ({ name, lineSocketPath }: EmulatedBoard, { folder }: { readonly folder: string }): FlasherPort => {
	const run = async (
		args: readonly string[],
		{ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined },
	): Promise<string> => {
		const { execaNode } = await import('execa');
		const { stdout } = await execaNode(PROGRAMMER, ['--socket', lineSocketPath, ...args], {
			timeout: withinMs,
			stdin: 'ignore',
			nodeOptions: [],
			...(signal ? { cancelSignal: signal } : {}),
		});
		return stdout;
	};
	const assertIdentity: FlasherPort['assertIdentity'] = async (options) => {
		const answer = await run(['--identify'], options);
		const serial = / serial (\S*)/.exec(answer)?.[1];
		if (serial !== name.slice(0, 16))
			throw new Error(`board ${name}: its programmer was to find serial ${name.slice(0, 16)}, it found ${JSON.stringify(answer.trim())}`);
	};
	return {
		assertIdentity,
		flash: async (image, { area, withinMs, onProgress, signal }) => {
			await assertIdentity({ withinMs });
			const file = join(folder, `${name}-${area}.bin`);
			writeFileSync(file, image);
			await run(['--area', area, file], { withinMs, signal });
			onProgress?.(1);
		},
	};
};

/** Images that an emulated board's own type brings, where the rig file names no others. */
export const readBoardImages = async (spec: BoardSpec): Promise<BoardImages> => {
	const { readImages } = await import('../../../rigs/board/index.js');
	const named = readImages(spec);
	if (spec.backend === 'real') return named;
	return { ...(await readOwnImages(spec)), ...named };
};

const readOwnImages = async ({ backend, type }: BoardSpec): Promise<BoardImages> => {
	if (backend === 'virtual' && type.virtual.machine === 'networked')
		return imagesOf((await import('../../../simulators/networked-board/index.js')).networkedBoardReleases());
	if (backend === 'virtual') return imagesOf((await import('../../../simulators/board/index.js')).virtualBoardReleases());
	if (type.qemu?.machine === 'microbit') return imagesOf((await import('../../../simulators/qemu-board/index.js')).microbitReleases());
	const { ubootImage } = await import('../../../simulators/qemu-board/index.js');
	return { golden: ubootImage('golden'), candidate: ubootImage('candidate'), bad: ubootImage('crashes'), 'bad-silent': ubootImage('silent') };
};

const imagesOf = (releases: BoardReleases): BoardImages => {
	const own = {
		golden: releases.golden(),
		candidate: releases.candidate(),
		bad: releases.bad(),
		...Object.fromEntries((['hangs', 'silent', 'unwell'] satisfies readonly BadImage[]).map((how) => [`bad-${how}`, releases.bad(how)])),
		'wrong-key': releases.forbidden('wrong-key'),
		'payload-bit': releases.forbidden('payload-bit'),
	};
	return Object.fromEntries(Object.entries(own).map(([role, { version, images }]) => [role, { version, bytes: images[0]?.bytes ?? new Uint8Array() }]));
};
