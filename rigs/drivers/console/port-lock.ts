import { linkSync, mkdirSync, readFileSync, realpathSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identifyProcess } from '../../leases/index.js';
import { ConsoleError } from './console-error.js';

export const DEFAULT_LOCK_FOLDER = join(tmpdir(), 'blackstart-ports');

interface Owner {
	readonly pid: number;
	/** As /proc has it, in clock ticks since boot: tells a process from a later one of the same id. */
	readonly started: string;
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
		const owner: Owner = { pid: process.pid, started: startOf(process.pid) ?? '', port };
		this.#content = `${JSON.stringify(owner)}\n`;
		this.#file = join(folder, `${port.replaceAll('/', '-').slice(1)}.lock`);
		mkdirSync(folder, { recursive: true, mode: 0o1777 });
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
			if (owner === undefined || isAlive(owner)) throw lockedError(port, { file: this.#file, owner });
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
		const value: unknown = JSON.parse(content);
		if (typeof value !== 'object' || value === null || !('pid' in value) || !('started' in value) || !('port' in value)) return undefined;
		return typeof value.pid === 'number' && typeof value.started === 'string' && typeof value.port === 'string'
			? { pid: value.pid, started: value.started, port: value.port }
			: undefined;
	} catch {
		return undefined;
	}
};

const isAlive = ({ pid, started }: Owner): boolean => {
	const now = startOf(pid);
	if (now !== undefined) return started === '' || started === now;
	try {
		process.kill(pid, 0);
		return process.platform !== 'linux';
	} catch (error) {
		return error instanceof Error && 'code' in error && error.code === 'EPERM';
	}
};

/** When a process began; undefined where there is none, or one that has ended and is not yet collected. */
const startOf = (pid: number): string | undefined => identifyProcess(pid)?.startTicks;
