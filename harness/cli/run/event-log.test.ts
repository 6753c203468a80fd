import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type BlackstartEvent, encodeEvent, parseEventLog } from '../../events/index.js';
import { makeFolder } from '../blackstart.test.support.js';
import { EventLog } from './event-log.js';
import { LogTail } from './log-tail.js';

const PROGRESS: BlackstartEvent = { kind: 'run-progress', scenario: 's', title: 't', atMs: 1, states: {}, faultsFired: 0 };
const NESTED: BlackstartEvent = { kind: 'world-opened', at: 0, seed: 's', devices: 1, options: { inner: { kind: 'run-progress' } } };
const step = (text: string): BlackstartEvent => ({ kind: 'scenario-step', at: 1, text });

test('a scenario is appended whole, without progress and without a line that was cut short, wherever the blocks end', (t) => {
	// Longer than one block, with lines whose length shares no divisor with it.
	const steps = Array.from({ length: 4000 }, (_, index) =>
		index % 5 === 0 ? NESTED : step(`{"kind":"run-progress" is text here ${index} ${'é'.repeat(index % 331)}`),
	);
	const written = steps.flatMap((event, index) => (index % 3 === 0 ? [PROGRESS, event] : index % 7 === 0 ? [event, PROGRESS, PROGRESS] : [event]));
	const folder = makeFolder(t, { 's.jsonl': `${[PROGRESS, ...written, PROGRESS].map(encodeEvent).join('')}{"kind":"scenario-st` });
	const log = new EventLog(join(folder, 'events.jsonl'));
	log.write({ kind: 'run-warning', message: 'first' });
	log.appendScenario(join(folder, 's.jsonl'));
	log.close();
	t.deepEqual(parseEventLog(readFileSync(join(folder, 'events.jsonl'), 'utf8')), [{ kind: 'run-warning', message: 'first' }, ...steps]);
	t.throws(() => new EventLog(join(folder, 'events.jsonl')), { code: 'EEXIST' });
});

test('a log is followed while it grows: every line is counted, those that nobody watches are not parsed', (t) => {
	const folder = makeFolder(t, {});
	const path = join(folder, 's.jsonl');
	const tail = new LogTail(path);
	t.deepEqual(tail.read(), { events: [], lines: 0 });
	const quiet = '{"kind":"device-state", this is not even JSON}\n';
	const [first, second] = [encodeEvent(step('one')), encodeEvent(step('two'))];
	writeFileSync(path, `${first}${quiet}${second.slice(0, 9)}`);
	t.deepEqual(tail.read(), { events: [step('one')], lines: 2 });
	t.is(tail.wholeBytes, first.length + quiet.length);
	writeFileSync(path, second.slice(9), { flag: 'a' });
	t.deepEqual(tail.read(), { events: [step('two')], lines: 1 });
	writeFileSync(path, '{"kind":"cut', { flag: 'a' });
	tail.read();
	tail.dropRest();
	writeFileSync(path, readFileSync(path, 'utf8').slice(0, tail.wholeBytes) + first);
	t.deepEqual(tail.read(), { events: [step('one')], lines: 1 });
	tail.close();
});
