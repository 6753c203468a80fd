import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { execaNode } from 'execa';
import { validateJenkinsRules } from '../../../reports/index.js';
import { acquireLease, listLeases, readBroken } from '../../../rigs/leases/index.js';
import { makeFolder, readEvents, readVerdicts } from '../blackstart.test.support.js';
import { openSwitchedBoard, type SwitchedBoard, untilFileHolds } from './switched-board.test.support.js';

const MAIN = fileURLToPath(new URL('../main.js', import.meta.url));
const SAFE_WITHIN_MS = 2000;

/** A run whose board is powered and in the middle of an update. */
const startInUpdate = async ({ folder, env }: SwitchedBoard, values: readonly string[]) => {
	const child = execaNode(MAIN, [...values, '--rig', 'rig.yaml', '--out', 'out', '--seed', '1'], {
		cwd: folder,
		env,
		reject: false,
		stdin: 'ignore',
		cleanup: false,
	});
	const consoles = join(folder, 'out/consoles');
	await untilFileHolds(join(folder, 'out/guardian.log'), /./);
	await untilConsoleSays(consoles, 'update ready');
	// A promise of its end itself, which nobody is to wait for here.
	return { child };
};

const untilConsoleSays = async (folder: string, text: string): Promise<void> => {
	for (let tries = 0; tries < 6000; tries++) {
		const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.console'));
		if (files.some((name) => readFileSync(join(folder, name), 'latin1').includes(text))) return;
		await new Promise((resolve) => setTimeout(resolve, 20));
	}
	throw new Error(`${folder}: a console that says ${JSON.stringify(text)} was expected`);
};

const untilSafe = async (t: ExecutionContext, board: SwitchedBoard, sinceMs: number): Promise<void> => {
	while (board.supply() !== 'unpowered' && performance.now() - sinceMs < 3 * SAFE_WITHIN_MS) await new Promise((resolve) => setTimeout(resolve, 20));
	t.is(board.supply(), 'unpowered', 'a board that nobody holds has no power');
};

const isFree = ({ env }: SwitchedBoard): boolean => listLeases({ environment: env }).every((lease) => lease.isFree);

const SIGNALS: Readonly<Record<string, readonly NodeJS.Signals[]>> = { once: ['SIGINT'], twice: ['SIGINT', 'SIGINT'] };

for (const [how, signals] of Object.entries(SIGNALS)) {
	for (const values of [
		['run', 'board-update'],
		['sweep', '--cuts', '3'],
	] as const) {
		test.serial(`${values[0]} that is interrupted ${how} in the middle of an update leaves its board safe and free, and its reports whole`, async (t) => {
			const board = await openSwitchedBoard(t);
			const { child } = await startInUpdate(board, values);
			t.is(board.supply(), 'powered');
			t.false(isFree(board));
			const sinceMs = performance.now();
			for (const signal of signals) {
				child.kill(signal);
				await new Promise((resolve) => setTimeout(resolve, 150));
			}
			await untilSafe(t, board, sinceMs);
			const { exitCode, stdout } = await child;
			t.is(exitCode, 130, stdout);
			t.regex(stdout, /interrupted/i);
			t.true(isFree(board), 'its lease is given back');
			t.is(readBroken({ rig: 'switched', board: 'real-1' }, { environment: board.env }), undefined, 'it is not to blame');
			const out = join(board.folder, 'out');
			t.deepEqual(validateJenkinsRules(readFileSync(join(out, 'junit.xml'), 'utf8')), []);
			t.like(readEvents(out).at(-1), { kind: 'run-ended', verdict: 'interrupted', exitCode: 130 });
			t.regex(readFileSync(join(out, 'guardian.log'), 'utf8').trim().split('\n').at(-1) ?? '', /"kind":"ended"/);
		});
	}
}

test.serial('a runner that is killed leaves its board safe and free, and the next run takes it', async (t) => {
	const board = await openSwitchedBoard(t);
	const { child } = await startInUpdate(board, ['sweep', '--cuts', '3']);
	const sinceMs = performance.now();
	child.kill('SIGKILL');
	await child;
	await untilSafe(t, board, sinceMs);
	const again = await execaNode(MAIN, ['run', 'board-update', '--rig', 'rig.yaml', '--out', 'again'], { cwd: board.folder, env: board.env, reject: false });
	t.is(again.exitCode, 0, again.stdout);
	const verdicts = readVerdicts(join(board.folder, 'again'));
	t.is(verdicts['board-update: a healthy release is installed, tried and confirmed'], 'passed', 'what the killed run left half done is put right first');
	t.is(verdicts['board-update: a bad image is tried and given up: what ran before runs again'], 'passed');
	t.true(isFree(board));
	t.is(board.supply(), 'unpowered');
});

test.serial('a guardian that is killed in the middle of an update is a fault of the rig, and the board is brought to what is safe all the same', async (t) => {
	const board = await openSwitchedBoard(t);
	const { child } = await startInUpdate(board, ['run', 'board-update']);
	const [entry = ''] = readFileSync(join(board.folder, 'out/guardian.log'), 'utf8').split('\n');
	const { pid } = JSON.parse(entry) as { readonly pid: number };
	t.true(Number.isInteger(pid) && pid > 1, entry);
	process.kill(pid, 'SIGKILL');
	const { exitCode, stdout } = await child;
	t.is(exitCode, 3, stdout);
	const verdicts = Object.values(readVerdicts(join(board.folder, 'out')));
	t.is(verdicts.filter((verdict) => verdict.startsWith('errored')).length, 1, stdout);
	t.is(verdicts.filter((verdict) => verdict.startsWith('failed')).length, 0, 'the product is not accused');
	t.true(verdicts.includes('passed'), 'the cases that follow have a guardian again');
	t.is(board.supply(), 'unpowered');
	t.true(isFree(board));
});

test.serial('a board that another holds is waited for, and told by whom', async (t) => {
	const { folder, env, supply } = await openSwitchedBoard(t);
	const lease = await acquireLease({ rig: 'switched', board: 'real-1' }, { purpose: 'a night of its own', waitMs: 0, environment: env });
	const run = execaNode(MAIN, ['run', 'board-cut-once', '--rig', 'rig.yaml', '--out', 'out'], { cwd: folder, env, reject: false, stdin: 'ignore' });
	await untilFileHolds(join(folder, 'out/partial/board-cut-once.jsonl'), /real-1: waiting for .*a night of its own/);
	t.is(supply(), 'unpowered', 'nobody touches what is not theirs');
	await lease[Symbol.asyncDispose]();
	const { exitCode, stdout } = await run;
	t.is(exitCode, 0, stdout);
	t.regex(readFileSync(join(folder, 'out/events.jsonl'), 'utf8'), /real-1: waiting for /);
	t.is(supply(), 'unpowered');
});

test.serial("a terminal's Ctrl-C, which all of its processes get, ends a run on virtual boards as one of the runner alone does", async (t) => {
	const folder = makeFolder(t, { 'rig.yaml': 'schema: rig/v1\nrig: v\nboards:\n  v: { type: virtual-avr, backend: virtual }\n' });
	const child = execaNode(MAIN, ['sweep', '--rig', 'rig.yaml', '--out', 'out', '--cuts', '2'], {
		cwd: folder,
		reject: false,
		stdin: 'ignore',
		detached: true,
		all: true,
	});
	await untilFileHolds(join(folder, 'out/guardian.log'), /./);
	await untilConsoleSays(join(folder, 'out/consoles'), 'update ready');
	process.kill(-(child.pid as number), 'SIGINT');
	const { exitCode, all } = await child;
	t.is(exitCode, 130, all);
	t.notRegex(all, /ended by itself/, 'nobody wonders at the end of what was ended');
	t.regex(readFileSync(join(folder, 'out/guardian.log'), 'utf8').trim().split('\n').at(-1) ?? '', /"kind":"ended"/);
});
