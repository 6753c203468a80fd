import test from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { createSampleRun, type FedEvent } from '../record/sample-run.js';
import { openProgress } from './index.js';

const ESCAPE = '\u001b';

interface Terminal {
	readonly isTTY: boolean;
	readonly plain: boolean;
	readonly columns?: number;
}

/** A clock that the test moves, and all text written so far. */
const open = ({ isTTY, plain, columns = 80 }: Terminal) => {
	const texts: string[] = [];
	const time = { nowMs: 0 };
	const progress = openProgress({ stream: { write: (text) => void texts.push(text), isTTY, columns }, colour: false, clock: () => time.nowMs, plain });
	return { progress, time, texts, text: () => texts.join('') };
};

/** What a terminal shows after the text: understands only the codes that the display uses; going up is always followed by erasing below. */
const show = (text: string): string[] => {
	const lines: string[] = [''];
	for (const token of text.split(new RegExp(`(${ESCAPE}\\[\\??\\d*[AJhlm]|\\n)`))) {
		const code = token.startsWith(`${ESCAPE}[`) ? token.slice(2) : undefined;
		if (token === '\n') lines.push('');
		else if (code?.endsWith('A')) lines.splice(lines.length - 1 - Number.parseInt(code, 10), Number.POSITIVE_INFINITY, '');
		else if (code === undefined) lines[lines.length - 1] += token;
	}
	return lines;
};

const running = createSampleRun({ 'packet-loss': [{ title: '5 %', verdict: 'running' }], 'power-loss': [{ title: 'torn', verdict: 'running' }] });
const progressOf = (scenario: string, title: string): BlackstartEvent => ({
	kind: 'run-progress',
	scenario,
	title,
	atMs: 61_000,
	states: { idle: 12, off: 0, downloading: 488 },
	faultsFired: 7,
});

const feed = (target: ReturnType<typeof open>, events: readonly FedEvent[]) => {
	for (const [event, scenario] of events) {
		target.time.nowMs += 200;
		target.progress.observe(event, scenario);
	}
};

test('a terminal shows every running case with its devices, virtual time and faults, drawn in place', (t) => {
	const terminal = open({ isTTY: true, plain: false });
	feed(terminal, [...running, [progressOf('packet-loss', '5 %')], [progressOf('power-loss', 'torn')]]);
	t.deepEqual(
		show(terminal.text()).map((line) => line.replace(/· .* s$/, '· time')),
		[
			'0 of 2 cases done: 0 passed · time',
			'  packet-loss: 5 %',
			'    0:01:01 virtual · 7 faults fired · 12 idle, 488 downloading',
			'  power-loss: torn',
			'    0:01:01 virtual · 7 faults fired · 12 idle, 488 downloading',
			'',
		],
	);
});

test('what needs attention stays above the display, and closing takes the display away and gives the cursor back', (t) => {
	const terminal = open({ isTTY: true, plain: false });
	feed(
		terminal,
		createSampleRun({
			a: [
				{ title: 'x', verdict: 'passed' },
				{ title: 'y', verdict: 'failed', reason: 'dev-1 is bricked' },
				{ title: 'z', verdict: 'skipped' },
			],
		}),
	);
	terminal.progress.close();
	terminal.progress.close();
	t.deepEqual(show(terminal.text()), ['FAILED  a: y (250 ms) - product failure: dev-1 is bricked', "    replay: blackstart replay 'a y seed=42'", '']);
	t.true(terminal.text().startsWith(`${ESCAPE}[?25l`));
	t.true(terminal.text().endsWith(`${ESCAPE}[?25h`));
	t.is(terminal.text().split('?25h').length, 2);
});

test('the display is not drawn more often than ten times a second', (t) => {
	const terminal = open({ isTTY: true, plain: false });
	feed(terminal, running);
	const drawn = terminal.texts.length;
	for (let index = 0; index < 50; index += 1) {
		terminal.time.nowMs += 10;
		terminal.progress.observe(progressOf('power-loss', 'torn'));
	}
	t.is(terminal.texts.length - drawn, 5);
});

test('no drawn line is as wide as the terminal', (t) => {
	const terminal = open({ isTTY: true, plain: false, columns: 30 });
	feed(terminal, [...running, [progressOf('power-loss', 'torn')]]);
	for (const line of show(terminal.text())) t.true(line.length < 30, line);
});

test('elsewhere every finished case is one line, and progress at most one line in five seconds, without any code', (t) => {
	const log = open({ isTTY: false, plain: true });
	const cases = [
		{ title: 'x', verdict: 'passed' },
		{ title: 'y', verdict: 'errored', reason: 'the broker died' },
		{ title: 'z', verdict: 'skipped', reason: 'needs power' },
	] as const;
	for (const [event, scenario] of createSampleRun({ a: cases })) log.progress.observe(event, scenario);
	for (const [event, scenario] of running.slice(1)) log.progress.observe(event, scenario);
	for (let index = 0; index < 120; index += 1) {
		log.time.nowMs += 100;
		log.progress.observe(progressOf('power-loss', 'torn'));
	}
	log.progress.close();
	const lines = log.text().trimEnd().split('\n');
	t.deepEqual(lines.slice(0, 3), [
		'ok  a: x (250 ms)',
		'ERROR  a: y (250 ms) - harness error (not the product): the broker died',
		'skipped  a: z - needs power',
	]);
	t.is(lines.length, 5);
	t.regex(lines[3]!, /^3 of 5 cases done: .* \| power-loss: torn \| 0:01:01 virtual/);
	t.false(log.text().includes(ESCAPE));
});

test('warnings are said at once', (t) => {
	const log = open({ isTTY: false, plain: true });
	log.progress.observe({ kind: 'run-warning', message: 'few\u001b[2J files may be open' });
	t.is(log.text(), 'warning: few files may be open\n');
});
