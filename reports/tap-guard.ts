import { existsSync, realpathSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { parseStrictXml, writeFileAtomically } from './junit/index.js';
import { AvaTapReader, countPoints, encodePoint, judgeAvaTap, type TapPoint } from './tap/index.js';
import { groupTests, listSlowTests, removeTestGroups } from './test-groups.js';
import { boundLines, scrubLine, scrubText } from './text/index.js';

const DIAGNOSTIC_BOUNDS = { lines: 60, widthChars: 500 };

export interface GuardOptions {
	/** The project whose tests run. */
	readonly cwd: string;
	/** Where their JUnit file goes, from there. */
	readonly junit: string;
	/** Arguments for AVA. */
	readonly args: readonly string[];
	readonly print: (line: string) => void;
}

/**
 * Runs `ava --tap`, prints a digest, and has `tap-junit` write their JUnit file. The exit code is 0 only
 * where AVA, its TAP and the JUnit file agree that nothing failed. What they disagree on is printed, stands in the
 * JUnit file as failed cases of its own, and counts as failed.
 */
export const runGuardedTests = async ({ cwd, junit, args, print }: GuardOptions): Promise<number> => {
	const path = resolve(cwd, junit);
	rmSync(path, { force: true });
	const { points, findings } = await runAva({ cwd, args, print });
	for (const finding of findings) print(`test guard: ${finding}`);
	const guarded: readonly TapPoint[] = [
		...points,
		...findings.map((finding, index) => ({ ok: false, number: points.length + index + 1, title: `test guard: ${finding}`, diagnostics: [finding] })),
	];
	const disagreement = await writeJunit(guarded, { cwd, path });
	for (const finding of disagreement) print(`test guard: ${finding}`);
	if (disagreement.length === 0) print(`junit: ${junit}`);
	const { passed, failed, skipped } = countPoints(guarded);
	const allFailed = failed + disagreement.length;
	print(`${passed} passed, ${allFailed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
	return allFailed > 0 ? 1 : 0;
};

const runAva = async ({
	cwd,
	args,
	print,
}: Omit<GuardOptions, 'junit'>): Promise<{ readonly points: readonly TapPoint[]; readonly findings: readonly string[] }> => {
	const ava = execa('ava', ['--tap', ...args], {
		cwd,
		preferLocal: true,
		localDir: findPackageRoot(),
		reject: false,
		buffer: false,
		stdin: 'ignore',
		stderr: 'inherit',
	});
	const reader = new AvaTapReader();
	for await (const line of ava.iterable()) printFailure(reader.read(line), print);
	const tap = reader.end();
	printFailure(tap.last, print);
	const { exitCode, signal, shortMessage } = await ava;
	return { points: tap.points, findings: judgeAvaTap(tap, { exitCode: exitCode ?? signal ?? shortMessage ?? 'no exit code' }) };
};

const printFailure = (point: TapPoint | undefined, print: (line: string) => void): void => {
	if (!point || point.ok || point.directive === 'todo') return;
	print(`failed: ${scrubLine(point.title)}`);
	for (const line of boundLines(point.diagnostics.map(scrubText), DIAGNOSTIC_BOUNDS)) print(`    ${line}`);
};

/** What is wrong with the file that tap-junit made, one line each; it is written only where nothing is. */
const writeJunit = async (points: readonly TapPoint[], { cwd, path }: { readonly cwd: string; readonly path: string }): Promise<string[]> => {
	const { stdout, exitCode, stderr } = await execa('tap-junit', ['--pretty', '--name', 'blackstart', '--classname', 'npm-test'], {
		cwd,
		preferLocal: true,
		localDir: findPackageRoot(),
		reject: false,
		input: encodeTap(points),
	});
	if (exitCode !== 0) return [`tap-junit ended with ${exitCode ?? 'no exit code'}: ${scrubLine(stderr)}`];
	const wrong = compareJunit(stdout, points);
	if (wrong.length === 0) writeFileAtomically(path, `${stdout.trim()}\n`);
	return wrong;
};

/**
 * AVA's TAP written anew for tap-junit, which would attach logs to the wrong tests, call a todo a failure, take a `#` in a
 * title for a directive, show of a thrown error only that it was thrown, and pass control characters through.
 */
const encodeTap = (points: readonly TapPoint[]): string => {
	const body = points.map(({ ok, directive, number, title, diagnostics }, index) => {
		const isSkip = directive !== undefined;
		const message = boundLines(diagnostics, DIAGNOSTIC_BOUNDS).join('\n') || 'AVA gave no reason';
		const unordered = number === index + 1 ? title : `${title} (AVA's number ${number})`;
		return encodePoint({
			ok: ok || isSkip,
			number: index + 1,
			title: unordered,
			skip: directive,
			...(ok || isSkip ? {} : { diagnostics: { message, severity: 'fail' } }),
		});
	});
	return `TAP version 14\n${body.join('')}1..${points.length}\n`;
};

const compareJunit = (xml: string, points: readonly TapPoint[]): string[] => {
	try {
		const root = parseStrictXml(xml.trim());
		const suites = root.children;
		const cases = suites.flatMap(({ children }) => children);
		const { failed, skipped } = countPoints(points);
		const counted = (name: string) => cases.filter(({ children }) => children.some((child) => child.name === name)).length;
		const rows = [
			['cases', cases.length, points.length],
			['failed cases', counted('failure'), failed],
			['skipped cases', counted('skipped'), skipped],
			['tests', Number(root.attributes.tests), points.length],
			['failures', Number(root.attributes.failures), failed],
			['skipped', Number(suites[0]?.attributes.skipped), skipped],
		] as const;
		return rows.filter(([, got, wanted]) => got !== wanted).map(([name, got, wanted]) => `tap-junit's file says ${got} ${name}, wanted ${wanted}`);
	} catch (error) {
		return [`tap-junit's file is not well-formed XML: ${error instanceof Error ? error.message : String(error)}`];
	}
};

const findPackageRoot = (): string => {
	let folder = dirname(fileURLToPath(import.meta.url));
	while (!existsSync(join(folder, 'package.json')) && dirname(folder) !== folder) folder = dirname(folder);
	return folder;
};

const isProgram = process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url);
if (isProgram) {
	const cwd = process.cwd();
	const [choice, ...rest] = process.argv.slice(2);
	const build = join(cwd, 'build');
	const choose = (): readonly string[] => {
		if (choice === '--grouped') return [...groupTests(build), ...rest];
		return choice === '--slow' ? [...listSlowTests(build), ...rest] : process.argv.slice(2);
	};
	const junit = join('reports', 'runs', choice === '--slow' ? 'npm-test-slow' : 'npm-test', 'junit.xml');
	try {
		process.exitCode = await runGuardedTests({ cwd, junit, args: choose(), print: (line) => process.stdout.write(`${line}\n`) });
	} finally {
		if (choice === '--grouped') removeTestGroups(build);
	}
}
