import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { validateJenkinsRules } from '../../reports/index.js';
import { RealClock } from '../time/index.js';
import { makeFolder, readEvents, startBlackstart, TINY_HEAD } from './blackstart.test.support.js';

/** A scenario that ends at once, then one that goes on for as long as the wall's clock is asked. */
const FILES = {
	'all/a.mjs': `${TINY_HEAD}scenario('ends', { needs: ['fleet'] }, async (c) => { const f = await c.openFleet(); await f.sleep(1); c.expect(true, ''); });`,
	'all/b.mjs': `${TINY_HEAD}scenario('goes on', { needs: ['fleet'] }, async (c) => { const f = await c.openFleet(); for (;;) await f.sleep(1000); });
scenario('never comes', { needs: ['fleet'] }, async () => {});`,
};

const startLongRun = async (t: ExecutionContext) => {
	const folder = makeFolder(t, FILES);
	const out = join(folder, 'out');
	const child = startBlackstart(folder, ['run', 'all', '--out', 'out', '--devices', '3', '--jobs', '2']);
	const partial = join(out, 'partial/b.jsonl');
	const whole = join(out, 'events.jsonl');
	const holds = (path: string, text: string): boolean => existsSync(path) && readFileSync(path, 'utf8').includes(text);
	const clock = new RealClock();
	const goesOn = () => holds(partial, 'device-provisioned') && holds(whole, '"scenario-ended"');
	await clock.until(goesOn, { withinMs: 60_000, label: 'one scenario to end and the other to go on' });
	const workers = [Number(readFileSync(join(out, 'partial/000001-b.pid'), 'utf8'))];
	return { child, out, clock, workers };
};

const isAlive = (processId: number): boolean => {
	try {
		process.kill(processId, 0);
		return !/^State:\s+Z/m.test(readFileSync(`/proc/${processId}/status`, 'utf8'));
	} catch {
		return false;
	}
};

const assertWhole = (t: ExecutionContext, out: string): void => {
	t.deepEqual(validateJenkinsRules(readFileSync(join(out, 'junit.xml'), 'utf8')), []);
	t.regex(readFileSync(join(out, 'junit.xml'), 'utf8'), /name="goes on"/);
	t.regex(readFileSync(join(out, 'junit.xml'), 'utf8'), /name="never comes"/);
	const events = readEvents(out);
	t.is(events[0]?.kind, 'run-started');
	t.true(readFileSync(join(out, 'events.jsonl'), 'utf8').endsWith('\n'));
	t.true(events.some((event) => event.kind === 'scenario-ended' && event.title === 'ends' && event.verdict === 'passed'));
	t.false(
		events.some((event) => event.kind === 'scenario-started' && event.title === 'goes on'),
		'only whole scenarios are in the log',
	);
	t.regex(readFileSync(join(out, 'partial/b.jsonl'), 'utf8'), /scenario-started/);
};

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
	test.serial(`${signal} ends the run and its processes, leaves valid reports, and says so`, async (t) => {
		const { child, out, workers } = await startLongRun(t);
		child.kill(signal);
		const { exitCode, stdout } = await child;
		t.is(exitCode, 130);
		assertWhole(t, out);
		t.like(readEvents(out).at(-1), { kind: 'run-ended', verdict: 'interrupted', exitCode: 130 });
		t.regex(stdout, /interrupted/i);
		t.deepEqual(workers.filter(isAlive), []);
	});
}

test.serial('a killed runner leaves valid files, and its processes do not live on', async (t) => {
	const { child, out, clock, workers } = await startLongRun(t);
	child.kill('SIGKILL');
	t.is((await child).signal, 'SIGKILL');
	assertWhole(t, out);
	t.not(readEvents(out).at(-1)?.kind, 'run-ended');
	await clock.until(() => !workers.some(isAlive), { withinMs: 20_000, label: 'the scenario processes to end' });
	t.pass();
});
