import { readdirSync, readFileSync, readlinkSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join, relative } from 'node:path';

/** The machine that the boards are plugged into, as it is looked at here: files below a root, and programs. */
export interface RigHost {
	readonly userId: number;
	readonly groupIds: readonly number[];
	readonly environment: Readonly<Record<string, string | undefined>>;
	/** Text of a file without the space around it; undefined where it cannot be read. */
	readText(path: string): string | undefined;
	/** Names in a folder, sorted as people count; none where it cannot be read. */
	list(folder: string): readonly string[];
	/** A path without links, as from the root; undefined where it leads nowhere. */
	resolveLinks(path: string): string | undefined;
	readLink(path: string): string | undefined;
	status(path: string): Stats | undefined;
	/** Undefined where there is no such program. */
	run(program: string, args: readonly string[]): Promise<ProgramResult | undefined>;
}

export interface ProgramResult {
	/** Null where it was ended by a signal or by its deadline. */
	readonly exitCode: number | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface RigHostOptions {
	/** Root of the file system, for tests. */
	readonly root?: string;
	readonly userId?: number;
	readonly groupIds?: readonly number[];
	readonly environment?: Readonly<Record<string, string | undefined>>;
	readonly run?: RigHost['run'];
}

const PROGRAM_WITHIN_MS = 5_000;

export const createRigHost = ({
	root = '/',
	userId = process.getuid?.() ?? 0,
	groupIds = process.getgroups?.() ?? [],
	environment = process.env,
	run = runProgram,
}: RigHostOptions = {}): RigHost => {
	const inRoot = (path: string): string => join(root, path);
	/** Real paths of a root that is itself behind a link. */
	const realRoot = orUndefined(() => realpathSync(root)) ?? root;
	return {
		userId,
		groupIds,
		environment,
		run,
		readText: (path) => orUndefined(() => readFileSync(inRoot(path), 'utf8').trim()),
		list: (folder) => [...(orUndefined(() => readdirSync(inRoot(folder))) ?? [])].sort(new Intl.Collator('en', { numeric: true }).compare),
		resolveLinks: (path) => orUndefined(() => `/${relative(realRoot, realpathSync(inRoot(path)))}`),
		readLink: (path) => orUndefined(() => readlinkSync(inRoot(path))),
		status: (path) => orUndefined(() => statSync(inRoot(path))),
	};
};

/** What cannot be read is not there, as far as a look at a machine goes: files of sysfs come and go, or are not for us. */
const orUndefined = <Value>(read: () => Value): Value | undefined => {
	try {
		return read();
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code === undefined) throw error;
		return undefined;
	}
};

const runProgram: RigHost['run'] = async (program, args) => {
	const { execa } = await import('execa');
	const { exitCode, stdout, stderr, code } = await execa(program, args, { reject: false, timeout: PROGRAM_WITHIN_MS, stdin: 'ignore' });
	return code === 'ENOENT' ? undefined : { exitCode: exitCode ?? null, stdout, stderr };
};
