import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test, { type ExecutionContext } from 'ava';
import { parseEntry, parseSeal, verifyTrail } from '../../campaign/audit/index.js';
import { type BlackstartEvent, encodeEvent } from '../../events/index.js';
import { fleet, RIGHT_STORIES } from '../../invariants/right-stories.js';
import { AuditFile } from './audit-file.js';

const started = (title: string): BlackstartEvent => ({ kind: 'scenario-started', scenario: 's', title, target: 'fleet', seed: '1', options: {} });

const makeFolder = (t: ExecutionContext): string => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-audit-file-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
};

const writeLog = (path: string, events: readonly BlackstartEvent[]): string => {
	writeFileSync(path, events.map(encodeEvent).join(''));
	return path;
};

const readTrail = (path: string): { readonly titles: readonly string[]; readonly isGood: boolean } => {
	const text = readFileSync(path, 'utf8');
	const entries = text.split('\n').slice(0, -1).map(parseEntry);
	return { titles: [...new Set(entries.map(({ title }) => title))], isGood: verifyTrail(text, readFileSync(`${path}.head`, 'utf8')).ok };
};

test('a run without a rollout or campaign leaves no trail', (t) => {
	const folder = makeFolder(t);
	const trail = new AuditFile(join(folder, 'audit.jsonl'));
	trail.appendScenario(writeLog(join(folder, 'one.jsonl'), [started('an update'), ...RIGHT_STORIES.update().events]));
	t.is(trail.check(), undefined);
	t.false(existsSync(join(folder, 'audit.jsonl')));
	t.false(existsSync(join(folder, 'audit.jsonl.head')));
});

test('only the cases with a rollout or a campaign are in the trail, in order, and it is sealed after each scenario', (t) => {
	const folder = makeFolder(t);
	const path = join(folder, 'audit.jsonl');
	const trail = new AuditFile(path);
	const campaign = fleet(1).tell({ kind: 'campaign-decision', campaign: 'c', who: 'ada', what: 'approved', why: 'well' }).events;
	const one = [
		started('first'),
		...RIGHT_STORIES.rollout().events,
		started('second'),
		...RIGHT_STORIES.update().events,
		started('third'),
		...RIGHT_STORIES.rollout().events,
	];
	trail.appendScenario(writeLog(join(folder, 'one.jsonl'), one));
	t.deepEqual(readTrail(path), { titles: ['first', 'third'], isGood: true });
	trail.appendScenario(writeLog(join(folder, 'two.jsonl'), [started('fourth'), ...RIGHT_STORIES.nothing().events]));
	trail.appendScenario(writeLog(join(folder, 'three.jsonl'), [started('fifth'), ...campaign]));
	t.deepEqual(readTrail(path), { titles: ['first', 'third', 'fifth'], isGood: true });
	t.is(parseSeal(readFileSync(`${path}.head`, 'utf8')).replaces, undefined);
	t.is(trail.check(), undefined);
	t.false(existsSync(`${path}.partial`));
});

test('a line of a log that was never finished is left out', (t) => {
	const folder = makeFolder(t);
	const path = join(folder, 'audit.jsonl');
	const trail = new AuditFile(path);
	const log = writeLog(join(folder, 'one.jsonl'), [started('first'), ...RIGHT_STORIES.rollout().events]);
	writeFileSync(log, '{"kind":"rollout-halt', { flag: 'a' });
	trail.appendScenario(log);
	t.true(readTrail(path).isGood);
});

test('a trail that was changed behind the back of its writer is found when the run ends', (t) => {
	for (const damage of [(text: string) => text.replace('device-provisioned', 'device-provisionel'), (text: string) => text.slice(0, text.lastIndexOf('{'))]) {
		const folder = makeFolder(t);
		const path = join(folder, 'audit.jsonl');
		const trail = new AuditFile(path);
		trail.appendScenario(writeLog(join(folder, 'one.jsonl'), [started('first'), ...RIGHT_STORIES.rollout().events]));
		writeFileSync(path, damage(readFileSync(path, 'utf8')));
		t.regex(trail.check() ?? '', /the audit trail that was written does not verify: line \d+/);
	}
});

for (const rounds of [1, 8]) {
	test(`a runner that is killed leaves a trail that verifies: after ${rounds} scenarios`, async (t) => {
		const folder = makeFolder(t);
		const path = join(folder, 'audit.jsonl');
		const log = writeLog(join(folder, 'one.jsonl'), [started('first'), ...RIGHT_STORIES.rollout().events]);
		const child = spawn(process.execPath, [fileURLToPath(new URL('./audit-file.test.child.js', import.meta.url)), path, log], {
			stdio: ['ignore', 'pipe', 'inherit'],
		});
		let said = 0;
		child.stdout.on('data', (chunk: Buffer) => {
			said += chunk.length;
			if (said >= rounds) child.kill('SIGKILL');
		});
		await once(child, 'close');
		t.true(said >= rounds);
		t.true(readTrail(path).isGood);
	});
}

for (let step = 4; step <= 9; step++) {
	test(`at every step from one trail to the next the files that are there verify: stopped at rename ${step}`, (t) => {
		const folder = makeFolder(t);
		const path = join(folder, 'audit.jsonl');
		const log = writeLog(join(folder, 'one.jsonl'), [started('first'), ...RIGHT_STORIES.rollout().events]);
		let renames = 0;
		const trail = new AuditFile(path, {
			rename: (from, to) => {
				if (++renames === step) throw new Error('the runner is gone');
				renameSync(from, to);
			},
		});
		const lengths: number[] = [];
		t.throws(
			() => {
				for (;;) {
					trail.appendScenario(log);
					lengths.push(readFileSync(path, 'utf8').length);
				}
			},
			{ message: 'the runner is gone' },
		);
		t.true(readTrail(path).isGood);
		t.true(readFileSync(path, 'utf8').length >= (lengths.at(-1) ?? 0));
	});
}
