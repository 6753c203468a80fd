import { randomBytes } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readdirSync, readSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { UsageError } from '../usage-error.js';

/** A run's folder, empty and ready. */
export interface RunFolder {
	readonly id: string;
	/** Absolute path. */
	readonly path: string;
	/** Absolute path of the link that names the newest run, where the folder lies among the runs. */
	readonly latest?: string;
}

/** What runs leave, so that a folder is cleaned of nothing else. */
const LEFT_BY_RUNS = [
	'events.jsonl',
	'junit.xml',
	'report.html',
	'audit.jsonl',
	'audit.jsonl.head',
	'audit.jsonl.partial',
	'audit.jsonl.head.partial',
	'coverage.json',
	'summary.md',
	'partial',
	'consoles',
	'sweep.jsonl',
	'sweep.json',
	'guardian.log',
	'cases',
];

/** Creates `reports/runs/<id>` below `directory`, or takes `out`. Throws a UsageError where `out` is neither new, empty nor an earlier run's. */
export const openRunFolder = ({
	directory,
	out,
	startedAt,
	keep = [],
}: {
	readonly directory: string;
	readonly out?: string;
	readonly startedAt: Date;
	/** Files of an earlier run that stay. */
	readonly keep?: readonly string[];
}): RunFolder => {
	const id = `${startedAt.toISOString().slice(0, 19).replaceAll(':', '-')}-${randomBytes(2).toString('hex')}`;
	if (out !== undefined) return { id, path: takeFolder(resolve(directory, out), { typed: out, keep }) };
	const runs = join(directory, 'reports', 'runs');
	const path = join(runs, id);
	makeFolder(path, { typed: path });
	return { id, path, latest: join(runs, 'latest') };
};

/** Points the link at the run, in one step, so that it never points nowhere. */
export const pointLatest = ({ id, latest }: RunFolder): void => {
	if (latest === undefined) return;
	const temporary = join(dirname(latest), `.latest-${id}`);
	symlinkSync(id, temporary);
	renameSync(temporary, latest);
};

const takeFolder = (path: string, { typed, keep }: { readonly typed: string; readonly keep: readonly string[] }): string => {
	makeFolder(path, { typed });
	if (readdirSync(path).length > 0 && !isRunFolder(path)) {
		throw new UsageError(`--out: a new or empty folder or an earlier run's was expected, got ${typed}, which holds other files`);
	}
	for (const name of LEFT_BY_RUNS) if (!keep.includes(name)) rmSync(join(path, name), { recursive: true, force: true });
	return path;
};

/** One folder after the other: where the file system refuses with ENOENT, as /proc does, Node's own recursion never ends. */
const makeFolder = (path: string, { typed }: { readonly typed: string }): void => {
	try {
		const kind = statSync(path, { throwIfNoEntry: false });
		if (kind?.isDirectory()) return;
		if (kind) throw new UsageError(`--out: a folder was expected, got ${typed}, which is a file`);
		if (basename(path) !== '') makeFolder(dirname(path), { typed });
		mkdirSync(path);
	} catch (cause) {
		if (cause instanceof UsageError) throw cause;
		throw new UsageError(`--out: the folder ${typed} cannot be created (${(cause as NodeJS.ErrnoException).code})`, { cause });
	}
};

const isRunFolder = (path: string): boolean => {
	const log = join(path, 'events.jsonl');
	if (!statSync(log, { throwIfNoEntry: false })?.isFile()) return false;
	const head = Buffer.alloc(21);
	const file = openSync(log, 'r');
	readSync(file, head, 0, head.length, 0);
	closeSync(file);
	return head.toString().startsWith('{"kind":"run-started"');
};
