import test from 'ava';
import { RunRecorder } from '../../../reports/record/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import { openCampaignScreen } from './campaign-screen.js';
import { formatTime, parseVirtualTime } from './flag-values.js';

const EVENTS: readonly BlackstartEvent[] = [
	{ kind: 'scenario-started', scenario: 'campaign', title: 'spring', target: 'simulated-fleet', seed: '1', options: {} },
	{ kind: 'rollout-planned', at: 1_000, rollout: 'spring', release: 'v2', devices: 5, waves: [2, 3], maxFailureRatio: 0.1 },
	{ kind: 'rollout-wave', at: 2_000, rollout: 'spring', wave: 0, devices: 2 },
];

/** What is written of a campaign that begins, to a terminal or to a file. */
const show = (isTTY: boolean): string => {
	let text = '';
	let nowMs = 0;
	const recorder = new RunRecorder();
	const screen = openCampaignScreen({ isTTY, columns: 60, write: (more: string) => (text += more) }, recorder, { nowMs: () => (nowMs += 1_000) });
	for (const event of EVENTS) {
		recorder.observe(event, 'campaign');
		screen.draw(event);
	}
	screen.say('a line that stays\n');
	screen.close();
	return text;
};

test('outside of a terminal a campaign tells its plan and what is said, and draws nothing', (t) => {
	t.is(show(false), '     0:00:01.000  plan: v2 to 5 devices, a pilot of 2, then waves of 3; halts above 10 % failures\na line that stays\n');
});

test('on a terminal one line stands for how far it is, and is gone before the next', (t) => {
	const text = show(true);
	t.true(text.includes('wave 1 of 2; 0 of 2 devices ended'));
	t.true(text.endsWith('\r\u001b[Ka line that stays\n'));
});

test('a virtual time is written as it is read', (t) => {
	for (const text of ['90s', '40m', '2h', '30d', '1.5s']) t.is(formatTime(parseVirtualTime(text, { flag: 'abort-after' })), text);
});
