import { chmodSync, linkSync, mkdirSync, readFileSync, realpathSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess, type ProcessIdentity, stateOfProcess } from '../../leases/index.js';
import { ConsoleError } from './console-error.js';

export const DEFAULT_LOCK_FOLDER = join(tmpdir(), 'blackstart-ports');

interface Owner extends ProcessIdentity {
	readonly port: string;
}

/**
 * Owns a port among all that use this lock: serialport's own is advisory and blind to processes of other users' tools. A lock whose owner is
 * provably gone is taken over. Throws a ConsoleError `locked` that names the owner.
 */
export class PortLock implements Disposable {
	/** As it was given. */
	readonly path: string;
	readonly #file: string;
	readonly #content: string;
	#held = true;

	constructor(path: string, folder: string = DEFAULT_LOCK_FOLDER) {
		this.path = path;
		const port = realpathSync(path);
		const owner: Owner = { ...(identifyProcess() as ProcessIdentity), port };
		this.#content = `${JSON.stringify(owner)}\n`;
		this.#file = join(folder, `${port.replaceAll('/', '-').slice(1)}.lock`);
		makeSharedFolder(folder);
		const mine = `${this.#file}.${process.pid}.${process.hrtime.bigint()}`;
		writeFileSync(mine, this.#content);
		try {
			this.#acquire(mine, port);
		} finally {
			rmSync(mine, { force: true });
		}
	}

	[Symbol.dispose](): void {
		if (!this.#held) return;
		this.#held = false;
		if (contentOf(this.#file) === this.#content) rmSync(this.#file, { force: true });
	}

	/** Linking a file that is whole already makes taking the lock one step. */
	#acquire(mine: string, port: string): void {
		for (let attempt = 0; attempt < 10; attempt++) {
			try {
				linkSync(mine, this.#file);
				return;
			} catch (error) {
				if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
			}
			const content = contentOf(this.#file);
			if (content === undefined) continue;
			const owner = parseOwner(content);
			if (owner === undefined || !isDead(owner)) throw lockedError(port, { file: this.#file, owner });
			removeStale(this.#file, content);
		}
		throw new ConsoleError('locked', `port ${port}: its lock ${this.#file} keeps changing hands`);
	}
}

const lockedError = (port: string, { file, owner }: { readonly file: string; readonly owner: Owner | undefined }): ConsoleError =>
	new ConsoleError(
		'locked',
		owner === undefined
			? `port ${port}: its lock ${file} cannot be read; remove it if nothing uses the port`
			: `port ${port}: owned by process ${owner.pid}${owner.pid === process.pid ? ', this one' : ''} (lock ${file})`,
	);

/** Two may find the same lock stale; only that of them who removes the very entry it read goes on, and the other looks again. */
const removeStale = (file: string, content: string): void => {
	const claim = `${file}.stale`;
	try {
		linkSync(file, claim);
	} catch (error) {
		if (!(error instanceof Error && 'code' in error && (error.code === 'EEXIST' || error.code === 'ENOENT'))) throw error;
		// Another took the claim, and may have died with it.
		if (error.code === 'EEXIST' && contentOf(claim) !== undefined && contentOf(file) !== undefined) rmSync(claim, { force: true });
		return;
	}
	try {
		if (contentOf(claim) === content && contentOf(file) === content) unlinkSync(file);
	} finally {
		rmSync(claim, { force: true });
	}
};

const contentOf = (file: string): string | undefined => {
	try {
		return readFileSync(file, 'utf8');
	} catch (error) {
		if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
		throw error;
	}
};

const parseOwner = (content: string): Owner | undefined => {
	try {
		const { pid, startTicks, bootId, pidNamespace, port } = (JSON.parse(content) ?? {}) as Partial<Owner>;
		return typeof pid === 'number' && [startTicks, bootId, pidNamespace, port].every((text) => typeof text === 'string')
			? ({ pid, startTicks, bootId, pidNamespace, port } as Owner)
			: undefined;
	} catch {
		return undefined;
	}
};

/** Provably gone; one that cannot be seen from here may live. */
const isDead = (owner: Owner): boolean => {
	const state = stateOfProcess(owner);
	if (state !== 'unknown' || owner.startTicks !== '') return state === 'dead';
	try {
		process.kill(owner.pid, 0);
		return false;
	} catch (error) {
		return (error as NodeJS.ErrnoException).code === 'ESRCH';
	}
};

/** Every user of this machine may lock a port there, and nobody remove another's lock. */
const makeSharedFolder = (folder: string): void => {
	if (mkdirSync(folder, { recursive: true }) !== undefined) chmodSync(folder, 0o1777);
};
