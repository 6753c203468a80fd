import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

const TEST_FILE = /\.test\.js$/;
const SLOW_TEST_FILE = /\.slow\.test\.js$/;
const GROUPS = 'tests';
/** Folders whose tests wait for processes, so that several files go on at a time. */
const ALONE = ['rigs', 'simulators/board'];
/** The command line's rooms are those below it, and a file of theirs stays alone where it starts processes. */
const COMMAND_LINE = 'harness/cli';
const STARTS_PROCESSES = /\b(?:startBlackstart|execa|execaNode|node:child_process)\b/;

/**
 * Gathers the test files of a folder of built code in one file for each of its rooms, such as `tests/harness-flash.test.js`, since a
 * process costs more to start than most files take. A file that starts processes stays alone: one of `ALONE` or of the command line, or
 * one beside which a `.test.child.js` lies. Titles must differ within a room, and a test that opens a virtual world must be `test.serial`. Files named
 * `.slow.test.js` are left to `listSlowTests`. Returns the paths to run.
 */
export const groupTests = (build: string): readonly string[] => {
	removeTestGroups(build);
	const alone: string[] = [];
	const rooms = new Map<string, string[]>();
	for (const path of listTests(build).filter((path) => !SLOW_TEST_FILE.test(path))) {
		const folder = relative(build, dirname(path)).split(sep).join('/');
		if (isAlone(path, folder)) alone.push(path);
		else {
			const room = folder
				.split('/')
				.slice(0, isBelow(folder, COMMAND_LINE) ? 3 : 2)
				.join('-');
			rooms.set(room, [...(rooms.get(room) ?? []), path]);
		}
	}
	const groups = join(build, GROUPS);
	mkdirSync(groups, { recursive: true });
	// Large rooms keep one core busy for long, so they begin; those that wait for processes share what is left.
	const largestFirst = [...rooms].sort(([, one], [, other]) => other.length - one.length);
	const grouped = largestFirst.map(([room, paths]) => {
		const group = join(groups, `${room}.test.js`);
		writeFileSync(group, paths.map((path) => `import ${JSON.stringify(relative(groups, path).split(sep).join('/'))};\n`).join(''));
		return group;
	});
	return [...grouped, ...alone];
};

/** The test files that take too long for every run of `npm test`: `npm run test:slow` runs them, each in a process of its own. */
export const listSlowTests = (build: string): readonly string[] => listTests(build).filter((path) => SLOW_TEST_FILE.test(path));

/** Left lying, they would be run a second time by whoever runs every test file of the folder. */
export const removeTestGroups = (build: string): void => rmSync(join(build, GROUPS), { recursive: true, force: true });

const listTests = (folder: string): readonly string[] =>
	readdirSync(folder, { withFileTypes: true })
		.sort((one, other) => (one.name < other.name ? -1 : 1))
		.flatMap((entry) => {
			const path = join(folder, entry.name);
			if (entry.isDirectory()) return listTests(path);
			return TEST_FILE.test(entry.name) ? [path] : [];
		});

const isAlone = (path: string, folder: string): boolean =>
	ALONE.some((alone) => isBelow(folder, alone)) ||
	existsSync(path.replace(TEST_FILE, '.test.child.js')) ||
	(isBelow(folder, COMMAND_LINE) && STARTS_PROCESSES.test(readFileSync(path, 'utf8')));

const isBelow = (folder: string, other: string): boolean => folder === other || folder.startsWith(`${other}/`);
