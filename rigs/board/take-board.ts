import type { Guardian } from '../guardian/index.js';
import { acquireLease, type LeaseOptions } from '../leases/index.js';
import type { BoardSpec, RigFile } from '../rig-file/index.js';
import type { Closers } from './closers.js';

/**
 * Leases a board until it is closed, and until its guardian has made it safe where this process is gone. A board that this
 * process makes itself is nobody else's, so it has no lease.
 */
export const takeBoard = async (
	{ rig, spec, guardian }: { readonly rig: Pick<RigFile, 'name'>; readonly spec: BoardSpec; readonly guardian: Guardian },
	{ closers, lease: options }: { readonly closers: Closers; readonly lease: LeaseOptions },
): Promise<void> => {
	if (spec.backend !== 'real') return;
	const lease = await acquireLease({ rig: rig.name, board: spec.name }, options);
	closers.add(async () => lease[Symbol.asyncDispose]());
	if (guardian.pid !== undefined) lease.addKeeper(guardian.pid);
};
