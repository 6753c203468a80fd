import { accessSync, constants, lstatSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { LeaseError } from './lease-error.js';

export interface HostOptions {
	readonly environment?: Readonly<Record<string, string | undefined>>;
	readonly userId?: number;
	/** Root of the file system, for tests. */
	readonly root?: string;
}

/** Where leases of this user are kept on the rig host, never in a workspace: gone with the next start of the machine, as what they are about. */
export const leaseFolder = ({ environment = process.env, userId = process.getuid?.() ?? 0, root = '/' }: HostOptions = {}): string => {
	const runtime = environment['XDG_RUNTIME_DIR'];
	if (runtime !== undefined && isWritable(runtime)) return ownFolder(join(runtime, 'blackstart'), userId);
	// A service or a cron job has no such variable, and must find the same folder.
	const session = join(root, `run/user/${userId}`);
	if (isWritable(session)) return ownFolder(join(session, 'blackstart'), userId);
	const lock = join(root, 'run/lock');
	return ownFolder(join(isWritable(lock) ? lock : join(root, 'tmp'), `blackstart-${userId}`), userId);
};

/** Where what must outlast a restart of the machine is kept: marks of broken boards. */
export const stateFolder = (options: HostOptions = {}): string => {
	const { environment = process.env, userId = process.getuid?.() ?? 0 } = options;
	const { XDG_STATE_HOME: state, HOME: home } = environment;
	for (const base of [state, home === undefined || home === '' ? undefined : join(home, '.local/state')]) {
		if (base === undefined || base === '') continue;
		try {
			return ownFolder(join(base, 'blackstart'), userId);
		} catch (error) {
			// A home that is not there or not ours, as in containers.
			if (error instanceof LeaseError) continue;
			throw error;
		}
	}
	return leaseFolder(options);
};

const isWritable = (folder: string): boolean => {
	try {
		accessSync(folder, constants.W_OK | constants.X_OK);
		return true;
	} catch {
		// Not there, or not for us: another place is taken.
		return false;
	}
};

/** In a folder that everybody may write to, somebody else's of that name is refused. */
const ownFolder = (path: string, userId: number): string => {
	try {
		mkdirSync(path, { recursive: true, mode: 0o700 });
		const found = lstatSync(path);
		if (!found.isDirectory() || found.uid !== userId)
			throw new LeaseError('folder', `${path}: a folder of our own was expected, it is ${found.isDirectory() ? `of user ${found.uid}` : 'no folder'}`);
	} catch (cause) {
		if (cause instanceof LeaseError) throw cause;
		throw new LeaseError('folder', `${path}: a folder for leases was expected, it cannot be made: ${(cause as NodeJS.ErrnoException).code}`, { cause });
	}
	return path;
};
