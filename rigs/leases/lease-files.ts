import { readdirSync } from 'node:fs';
import { type Clock, RealClock } from '../../harness/time/index.js';
import type { BoardName } from './broken.js';
import { Generations } from './generations.js';
import { describeHolder, judgeLease, parseLeaseRecord } from './lease-record.js';
import { type HostOptions, leaseFolder } from './rig-host-folder.js';

/** A lease as it is found. */
export interface FoundLease {
	readonly board: BoardName;
	readonly holder: string;
	/** Whether the next who asks gets it, and why. */
	readonly isFree: boolean;
	readonly why: string;
}

type LookOptions = HostOptions & { readonly clock?: Clock };

export const fileNameOf = ({ rig, board }: BoardName): string => `${board}@${rig}.lease`;

/** Leases that were not given back: those that are held, and those whose holders are gone. */
export const listLeases = (options: LookOptions = {}): readonly FoundLease[] => {
	const names = readdirSync(leaseFolder(options)).flatMap((file) => {
		const [, board, rig] = /^([^@]+)@([^@.]+)\.lease\.\d+$/.exec(file) ?? [];
		return board === undefined || rig === undefined ? [] : [`${board}@${rig}`];
	});
	return [...new Set(names)].sort().flatMap((name) => {
		const [board = '', rig = ''] = name.split('@');
		const found = lookAt({ rig, board }, options);
		return found === undefined ? [] : [found];
	});
};

/** Who has a board, where anybody has. */
export const readLease = (board: BoardName, options: LookOptions = {}): FoundLease | undefined => {
	const found = lookAt(board, options);
	return found?.isFree === true ? undefined : found;
};

const lookAt = (board: BoardName, options: LookOptions): FoundLease | undefined => {
	const { clock = new RealClock() } = options;
	const content = new Generations(leaseFolder(options), fileNameOf(board)).highest()?.content;
	const record = content === undefined ? undefined : parseLeaseRecord(content);
	if (record === undefined || !record.held) return undefined;
	const { free, why } = judgeLease(record, clock.epochMs);
	return { board, holder: describeHolder(record), isFree: free, why };
};
