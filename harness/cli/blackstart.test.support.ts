import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';
import { execaNode } from 'execa';
import { type BlackstartEvent, parseEventLog } from '../events/index.js';

/** Runs the real command line in folders of its own. For tests. */

const MAIN = fileURLToPath(new URL('./main.js', import.meta.url));
const TINY_FLEET = new URL('./tiny-fleet.test.support.js', import.meta.url).href;

/** The head of a scenario file that brings a target of its own: a fleet of devices that only wake up. */
export const TINY_HEAD = `import { provideTarget, scenario } from 'blackstart';
import { openTinyFleet } from ${JSON.stringify(TINY_FLEET)};
provideTarget({ name: 'tiny', capabilities: ['fleet'], openFleet: openTinyFleet });
`;

/** A folder with these files, gone after the test. */
export const makeFolder = (t: ExecutionContext, files: Readonly<Record<string, string | Uint8Array>>): string => {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), 'blackstart-test-')));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	for (const [name, content] of Object.entries(files)) {
		mkdirSync(dirname(join(folder, name)), { recursive: true });
		writeFileSync(join(folder, name), content);
	}
	return folder;
};

/** Starts `blackstart` in `folder`; resolves whatever its exit code. */
export const startBlackstart = (folder: string, values: readonly string[]) => execaNode(MAIN, values, { cwd: folder, reject: false, stdin: 'ignore' });

/**
 * What `blackstart` leaves, run in this process, which costs less than one of its own. Not for commands that are to be interrupted,
 * and for serial tests alone: what it prints is caught at the streams of the process.
 */
export const askBlackstart = async (folder: string, values: readonly string[]) => {
	const { runToEnd } = await import('./run-to-end.js');
	const caught = { stdout: '', stderr: '' };
	const restores = (['stdout', 'stderr'] as const).map((name) => {
		const stream = process[name];
		const { write } = stream;
		stream.write = (text: string | Uint8Array, ...rest: unknown[]): boolean => {
			caught[name] += text.toString();
			const done = rest.at(-1);
			if (typeof done === 'function') done();
			return true;
		};
		return () => (stream.write = write);
	});
	const exitCodeOfTests = process.exitCode;
	process.exitCode = 0;
	try {
		const exitCode = (await runToEnd(values, { directory: folder, version: '0.0.0' })) ?? process.exitCode;
		return { exitCode, stdout: caught.stdout.trimEnd(), stderr: caught.stderr.trimEnd() };
	} finally {
		process.exitCode = exitCodeOfTests;
		for (const restore of restores) restore();
	}
};

/** What `blackstart` says of wrong use. The command line runs in this process, which costs less than one of its own; that `blackstart` ends with exit code 2 then is a test of `command-line`. */
export const refusalOf = async (t: ExecutionContext, folder: string, values: readonly string[]): Promise<string> => {
	const { runCommandLine } = await import('./command-line.js');
	const words = values.join(' ');
	const error = await t.throwsAsync(runCommandLine(values, { directory: folder, version: '0.0.0' }), undefined, words);
	t.regex(error?.name ?? '', /^(UsageError|YError)$/, `${words}: ${error?.stack}`);
	return error?.message ?? '';
};

export const readEvents = (runFolder: string): readonly BlackstartEvent[] => parseEventLog(readFileSync(join(runFolder, 'events.jsonl'), 'utf8'));

/** Lines of the event log that are the same for the same seed. */
export const readSeededLines = (runFolder: string): readonly string[] =>
	readFileSync(join(runFolder, 'events.jsonl'), 'utf8')
		.split('\n')
		.filter((line) => line !== '' && !line.startsWith('{"kind":"run-'));

/** Verdict and reason by scenario and title, of every case that ended. */
export const readVerdicts = (runFolder: string): Readonly<Record<string, string>> =>
	Object.fromEntries(
		readEvents(runFolder).flatMap((event) => {
			if (event.kind === 'scenario-skipped') return [[`${event.scenario}: ${event.title}`, `skipped: ${event.reason}`]];
			return event.kind === 'scenario-ended'
				? [[`${event.scenario}: ${event.title}`, `${event.verdict}${event.reason === undefined ? '' : `: ${event.reason}`}`]]
				: [];
		}),
	);
