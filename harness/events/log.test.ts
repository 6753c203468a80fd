import test from 'ava';
import fc from 'fast-check';
import type { BlackstartEvent } from './event.js';
import { encodeEvent, LineSplitter, parseEvent, parseEventLog } from './log.js';

const EVENTS: readonly BlackstartEvent[] = [
	{ kind: 'scenario-step', at: 5, text: 'two\nlines — and an emoji 🙂' },
	{ kind: 'scenario-evidence', name: 'blocks', value: 16 },
];

test('events read back as they were written, without a last line that was cut short', (t) => {
	const text = EVENTS.map(encodeEvent).join('');
	t.deepEqual(parseEventLog(text), EVENTS);
	t.deepEqual(parseEventLog(`${text}{"kind":"scen`), EVENTS);
	t.deepEqual(parseEventLog(''), []);
});

for (const line of ['', 'garbage', '1', 'null', '{}', '{"kind":1}']) {
	test(`the line '${line}' is no event`, (t) => void t.throws(() => parseEvent(line), { instanceOf: TypeError, message: /^an event log line was expected/ }));
}

test('lines come out whole wherever the bytes are cut (seed 7)', (t) => {
	const bytes = Buffer.from(`${EVENTS.map(encodeEvent).join('')}rest`);
	fc.assert(
		fc.property(fc.array(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
			const splitter = new LineSplitter();
			const ends = [...cuts, bytes.length].sort((one, other) => one - other);
			const lines = ends.flatMap((end, index) => splitter.push(bytes.subarray(ends[index - 1] ?? 0, end)));
			t.deepEqual(lines.map(parseEvent), EVENTS);
			t.is(splitter.restBytes, 4);
		}),
		{ seed: 7, numRuns: 300 },
	);
});
