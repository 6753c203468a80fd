import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { type HostOptions, stateFolder } from './rig-host-folder.js';

/** A board by the names of its rig file. */
export interface BoardName {
	readonly rig: string;
	readonly board: string;
}

const mark = z.object({ reason: z.string(), since: z.string() });

/** Why nobody gets a board, and since when (ISO 8601). */
export type BrokenMark = Readonly<z.output<typeof mark>>;

/** Keeps everybody from a board that failed its health check, until it is repaired; the first reason stays. */
export const markBroken = (board: BoardName, { reason, epochMs, ...host }: HostOptions & { readonly reason: string; readonly epochMs: number }): void => {
	if (readBroken(board, host) !== undefined) return;
	const path = pathOf(board, host);
	const whole = `${path}.new-${process.pid}`;
	writeFileSync(whole, `${JSON.stringify({ reason, since: new Date(epochMs).toISOString() } satisfies BrokenMark)}\n`);
	renameSync(whole, path);
};

/** Undefined where the board is not marked. */
export const readBroken = (board: BoardName, host: HostOptions = {}): BrokenMark | undefined => {
	let text: string;
	try {
		text = readFileSync(pathOf(board, host), 'utf8');
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
		throw error;
	}
	try {
		const read = mark.safeParse(JSON.parse(text)).data;
		if (read !== undefined) return read;
	} catch {
		// A mark that cannot be read is still one: the board stays out.
	}
	return { reason: `its mark cannot be read (${pathOf(board, host)})`, since: 'unknown' };
};

export const listBroken = (host: HostOptions = {}): readonly { readonly board: BoardName; readonly mark: BrokenMark }[] =>
	readdirSync(stateFolder(host))
		.sort()
		.flatMap((file) => {
			const [, board, rig] = /^([^@]+)@([^@.]+)\.broken$/.exec(file) ?? [];
			const mark = board === undefined || rig === undefined ? undefined : readBroken({ rig, board }, host);
			return board === undefined || rig === undefined || mark === undefined ? [] : [{ board: { rig, board }, mark }];
		});

/** Lets the board be had again. */
export const clearBroken = (board: BoardName, host: HostOptions = {}): void => rmSync(pathOf(board, host), { force: true });

const pathOf = ({ rig, board }: BoardName, host: HostOptions): string => join(stateFolder(host), `${board}@${rig}.broken`);
