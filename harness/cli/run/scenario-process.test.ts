import { appendFileSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { type BlackstartEvent, encodeEvent } from '../../events/index.js';
import { makeFolder } from '../blackstart.test.support.js';
import { dealProcesses } from './deal-processes.js';
import { ScenarioLedger } from './scenario-ledger.js';
import type { ScenarioProcess } from './scenario-process.js';

const CASES = ['one', 'two'].map((title) => ({ title, slug: title, needs: [], independent: false }));

/** Ledgers of files that are the catalogue's where their reference is their name. */
const openLedgers = (t: ExecutionContext, references: readonly string[]) => {
	const folder = makeFolder(t, {});
	mkdirSync(join(folder, 'partial'));
	const ledgers = references.map((reference) => {
		const name = reference.replace(/\W.*/, '');
		const ledger = new ScenarioLedger({ name, url: `file:///${reference}`, reference, cases: CASES }, { folder, retries: 0 });
		t.teardown(() => ledger.dispose());
		return ledger;
	});
	const write = (name: string, events: readonly BlackstartEvent[]): void =>
		appendFileSync(join(folder, 'partial', `${name}.jsonl`), events.map(encodeEvent).join(''));
	return { folder, ledgers, write };
};

const registered = (scenario: string): BlackstartEvent => ({ kind: 'scenario-registered', scenario, titles: ['one', 'two'] });
const started = (scenario: string, title: string): BlackstartEvent => ({ kind: 'scenario-started', scenario, title, target: 't', seed: '1', options: {} });
const passed = (scenario: string, title: string): BlackstartEvent => ({ kind: 'scenario-ended', scenario, title, verdict: 'passed', faults: [], virtualMs: 1 });
const whole = (scenario: string): readonly BlackstartEvent[] => [
	registered(scenario),
	...CASES.flatMap(({ title }) => [started(scenario, title), passed(scenario, title)]),
];
const names = (processes: readonly ScenarioProcess[]) => processes.map(({ name, ledgers }) => [name, ledgers.map(({ scenario }) => scenario.name).join()]);
const told = (process: ScenarioProcess, how: string) =>
	process.close(how).map(({ scenario, event }) => ('title' in event ? `${scenario}/${event.title}: ${'reason' in event ? event.reason : ''}` : event.kind));

test('files of the catalogue share processes in turn, a file of the user has its own', (t) => {
	const { folder, ledgers } = openLedgers(t, ['a', 'mine.ts', 'b', 'c']);
	t.deepEqual(names(dealProcesses(ledgers, { folder, shared: 2 })), [
		['000000-and-1-more', 'a,c'],
		['000001-b', 'b'],
		['000002-mine', 'mine'],
	]);
	t.deepEqual(
		names(dealProcesses(ledgers, { folder, shared: 0 })).map(([, group]) => group),
		['a', 'mine', 'b', 'c'],
	);
	t.is(dealProcesses(ledgers, { folder, shared: 9 }).length, 4);
});

test('of a process that broke only the case that ran is errored; what it left untouched remains', (t) => {
	const { folder, ledgers, write } = openLedgers(t, ['a', 'b', 'c']);
	const [process] = dealProcesses(ledgers, { folder, shared: 1 });
	write('a', whole('a'));
	write('b', [registered('b'), started('b', 'one')]);
	t.is(process!.idleMs(5), 0);
	t.is(process!.read(10).length, 7);
	t.is(process!.idleMs(40), 30);
	t.is(process!.position, "in 'one'");
	process!.noteTrouble('out of memory');
	t.deepEqual(told(process!, 'exit code 1'), ['b/one: the scenario did not end: out of memory; exit code 1']);
	t.deepEqual(
		ledgers.map(({ closed, remaining, verdicts }) => [closed, remaining.length, verdicts.join()]),
		[
			[true, 0, 'passed,passed'],
			[true, 1, 'errored'],
			[true, 2, ''],
		],
	);
});

test('a process that broke before its first case leaves its files to processes of their own, where each is red', (t) => {
	const { folder, ledgers } = openLedgers(t, ['a', 'b']);
	const [shared] = dealProcesses(ledgers, { folder, shared: 1 });
	writeFileSync(join(folder, 'partial', `${shared!.name}.pid`), '123');
	t.is(shared!.processId, 123);
	t.is(shared!.position, 'before its first case');
	t.deepEqual(told(shared!, 'exit code 7'), []);
	t.is(shared!.processId, undefined);
	t.false(existsSync(join(folder, 'partial', `${shared!.name}.pid`)));
	const [own] = dealProcesses(ledgers, { folder, shared: 0 });
	t.deepEqual(told(own!, ''), [
		'scenario-registered',
		'a/one: the scenario never started: its process ended without a word',
		'a/two: the scenario never started: its process ended without a word',
	]);
});

test('a process that does not end after its last case is red once', (t) => {
	const { folder, ledgers, write } = openLedgers(t, ['a', 'b']);
	const [process] = dealProcesses(ledgers, { folder, shared: 1 });
	write('a', whole('a'));
	write('b', whole('b'));
	process!.read(1);
	t.is(process!.position, 'after a case: something keeps its process from ending');
	process!.stalled = 'it hung';
	t.deepEqual(told(process!, 'signal SIGKILL'), ['b/its process ends cleanly: every case ended well and then: it hung']);
});
