import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { BoardBackend, BoardImages } from '../../../rigs/board/index.js';
import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import type { FlasherPort } from '../../ports/index.js';

/** How a board that is emulated is reached, as data: it crosses to the processes that run scenarios. */
export interface EmulatedBoard {
	readonly name: string;
	readonly ttyPath: string;
	readonly lineSocketPath: string;
}

/** The boards of a rig that no hardware stands behind, running. */
export interface VirtualBench extends AsyncDisposable {
	readonly boards: readonly EmulatedBoard[];
}

const PROGRAMMER = fileURLToPath(new URL('../../../simulators/board/programmer.js', import.meta.url));

/** Starts every virtual board of a rig, as from the factory; what they keep lies in `folder`. */
export const openVirtualBench = async (
	rig: RigFile,
	{ folder, only }: { readonly folder: string; readonly only?: readonly string[] },
): Promise<VirtualBench> => {
	const wanted = rig.boards.filter(({ backend, name }) => backend === 'virtual' && (only === undefined || only.includes(name)));
	if (wanted.length === 0) return { boards: [], [Symbol.asyncDispose]: async () => {} };
	const { openVirtualBoard } = await import('../../../simulators/board/index.js');
	const opened = await Promise.allSettled(
		wanted.map(({ name, virtual: { build, seed } }, index) =>
			openVirtualBoard({
				name: name.slice(0, 16),
				stateFile: join(folder, `${name}.board`),
				seed: seed ?? index + 1,
				...(build === undefined ? {} : { bootloader: build }),
			}),
		),
	);
	const boards = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
	let closing = false;
	for (const { name, ended } of boards)
		void ended.then((words) => {
			if (!closing) process.stderr.write(`the process of virtual board ${name} ended by itself: ${words.trim() === '' ? 'without a word' : words.trim()}\n`);
		});
	const close = async (): Promise<void> => {
		closing = true;
		await Promise.all(boards.map((board) => board[Symbol.asyncDispose]()));
	};
	const failed = opened.find((result) => result.status === 'rejected');
	if (failed !== undefined) {
		await close();
		throw failed.reason;
	}
	return {
		boards: boards.map(({ ttyPath, lineSocketPath }, index) => ({ name: wanted[index]?.name ?? '', ttyPath, lineSocketPath })),
		[Symbol.asyncDispose]: close,
	};
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

/** Images that the virtual board's own type brings, where the rig file names no others. */
export const readBoardImages = async (spec: BoardSpec): Promise<BoardImages> => {
	const { readImages } = await import('../../../rigs/board/index.js');
	const named = readImages(spec);
	if (spec.backend !== 'virtual') return named;
	const { virtualBoardReleases } = await import('../../../simulators/board/index.js');
	const releases = virtualBoardReleases();
	const own = {
		golden: releases.golden(),
		candidate: releases.candidate(),
		bad: releases.bad(),
		'wrong-key': releases.forbidden('wrong-key'),
		'payload-bit': releases.forbidden('payload-bit'),
	};
	return {
		...Object.fromEntries(Object.entries(own).map(([role, { version, images }]) => [role, { version, bytes: images[0]?.bytes ?? new Uint8Array() }])),
		...named,
	};
};
