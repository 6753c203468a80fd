import type { BoardPort } from '../ports/index.js';
import type { CutRecord } from './cut-record.js';
import { FollowedUpdate, type UpdateWay } from './follow-update.js';
import { createProfile, type SweepProfile, type UpdatePlace } from './profile.js';

/** One cut: where it was told, where it was seen, and whether there is any evidence of it. */
export type CutMade = Pick<CutRecord, 'planned' | 'commanded' | 'commandedAtMs' | 'observed' | 'observedAtMs'>;

/** Carries out one good update undisturbed and returns its phases. Rejects where it does not end well. */
export const profileUpdate = async (board: BoardPort, { release, path, clock, signal }: UpdateWay): Promise<SweepProfile> => {
	using update = new FollowedUpdate(board, clock);
	const running = await update.run({ release, path, ...(signal ? { signal } : {}) });
	const digest = release.images.find(({ hardware }) => hardware === board.type)?.digest;
	if (running.digest !== digest || !running.confirmed)
		throw new Error(
			`board ${board.name}: an undisturbed update was to end with ${release.name} ${release.version} confirmed, it runs ${running.version}${running.confirmed ? '' : ' on trial'}`,
		);
	return createProfile(
		update.marks.map(({ phase, atMs }) => ({ phase, atMs: round(atMs) })),
		{ durationMs: round(update.endedMs) },
	);
};

/** Begins an update and takes the board's power away at a place of it. The board is without power when it resolves. */
export const cutUpdate = async (
	board: BoardPort,
	{ release, path, clock, signal, place, profile }: UpdateWay & { readonly place: UpdatePlace; readonly profile: SweepProfile },
): Promise<CutMade> => {
	const ending = new AbortController();
	const signals = signal ? AbortSignal.any([ending.signal, signal]) : ending.signal;
	using update = new FollowedUpdate(board, clock);
	board.noteFault('armed', { fault: 'power-cut', detail: `${place.phase} + ${place.offsetMs} ms` });
	const running = update.run({ release, path, signal: signals });
	const failed = running.then(
		() => undefined,
		(error: unknown) => error,
	);
	await update.reach(place, { order: profile.phases.map(({ name }) => name), ended: failed });
	signal?.throwIfAborted();
	const { commandedAtMs, observedAtMs } = await board.power.off();
	const cut = {
		planned: place,
		commanded: update.placeAt(commandedAtMs),
		commandedAtMs: update.sinceBegin(commandedAtMs),
		...(observedAtMs === undefined ? {} : { observed: update.placeAt(observedAtMs), observedAtMs: update.sinceBegin(observedAtMs) }),
	};
	ending.abort(new Error('the power was cut'));
	await failed;
	return cut;
};

const round = (ms: number): number => Math.round(ms * 1000) / 1000;
