import test from 'ava';
import type { BlackstartEvent, InvariantName } from '../../events/index.js';
import { createJudge } from '../judge.js';

type Told = readonly BlackstartEvent[];
const [GOLDEN, CANDIDATE, BAD, FORGED] = ['aa', 'bb', 'cc', 'dd'];
const BOARD = { board: 'b-1' };

const release = (digest: string, more: Partial<Extract<BlackstartEvent, { kind: 'release-published' }>> = {}): BlackstartEvent => ({
	kind: 'release-published',
	at: 0,
	release: `release-${digest}`,
	version: '1.0.0',
	hardware: 'avr',
	digest,
	sizeBytes: 8,
	securityCounter: 0,
	authentic: true,
	origin: 'harness',
	behaviour: 'healthy',
	bad: false,
	...more,
});
const running = (digest: string, confirmed = true): BlackstartEvent => ({
	kind: 'board-running',
	at: 10,
	...BOARD,
	version: '1',
	digest,
	confirmed,
	nonce: '1',
});
const settings = (given: Readonly<Record<string, string>>): BlackstartEvent => ({ kind: 'board-settings', at: 11, ...BOARD, settings: given });
const dark: BlackstartEvent = { kind: 'board-no-boot', at: 12, ...BOARD, reason: 'silence' };
const update = (digest: string, outcome: 'staged' | 'failed' = 'staged'): Told => [
	{ kind: 'board-update-begun', at: 5, ...BOARD, path: 'serial', release: 'r', digest },
	{ kind: 'board-update-ended', at: 6, ...BOARD, path: 'serial', digest, outcome },
];
const reset = (by: 'line' | 'command'): BlackstartEvent => ({ kind: 'board-reset', at: 7, ...BOARD, by });
const gaveUp: BlackstartEvent = { kind: 'board-mark', at: 9, ...BOARD, mark: 'reverted', text: 'boot: revert' };
const restored: Told = [
	{ kind: 'board-restoring', at: 20, ...BOARD, by: 'flasher' },
	running(GOLDEN),
	{ kind: 'board-restored', at: 21, ...BOARD, digest: GOLDEN, by: 'flasher' },
];
const flashed = (digest: string): BlackstartEvent => ({ kind: 'board-flashed', at: 3, ...BOARD, area: 'primary', digest });
const OPENING: Told = [
	release(GOLDEN),
	release(CANDIDATE),
	release(BAD, { bad: true, behaviour: 'bad' }),
	release(FORGED, { authentic: false, rejection: 'a stranger signed it', defect: 'unknown-key' }),
	{ kind: 'board-opened', at: 0, ...BOARD, type: 'avr' },
	running(GOLDEN),
];

const ROWS: readonly { readonly story: string; readonly events: Told; readonly broken: readonly InvariantName[]; readonly says?: RegExp }[] = [
	{ story: 'nothing is done', events: [], broken: [] },
	{ story: 'an update runs its trial and is confirmed', events: [...update(CANDIDATE), running(CANDIDATE, false), running(CANDIDATE)], broken: [] },
	{ story: 'a bad image is tried and given up', events: [...update(BAD), running(BAD, false), running(GOLDEN)], broken: [] },
	{ story: 'a forged image is not taken', events: [...update(FORGED), running(GOLDEN)], broken: [] },
	{
		story: 'a cut update leaves what ran, and is done again',
		events: [...update(CANDIDATE, 'failed'), running(GOLDEN), ...update(CANDIDATE), running(CANDIDATE)],
		broken: [],
	},
	{ story: 'a boot fails and a later one does not', events: [dark, running(GOLDEN)], broken: [] },
	{ story: 'a programmer bricks it and it is restored', events: [flashed('ee'), dark, ...restored], broken: [] },
	{ story: 'after a restore settings are those of the factory', events: [settings({ a: '1' }), ...restored, settings({})], broken: [] },
	{ story: 'it stays dark', events: [dark], broken: ['bootable'], says: /does not run, and never again by itself: silence/ },
	{ story: 'it is dark until somebody writes it over', events: [dark, ...restored], broken: ['bootable'] },
	{ story: 'a programmer gives it a good image and it stays dark', events: [flashed(CANDIDATE), dark], broken: ['bootable'] },
	{
		story: 'it restarts by itself',
		events: [{ kind: 'board-boot', at: 30, ...BOARD, text: 'boot!', unexpected: true }],
		broken: ['bootable'],
		says: /restarts although nothing asked it to: boot!/,
	},
	{ story: 'it crashes by itself', events: [{ kind: 'board-panic', at: 30, ...BOARD, text: 'oh', unexpected: true }], broken: ['bootable'] },
	{ story: 'it runs what nobody released', events: [running('ff')], broken: ['whole'], says: /runs 1 with ff, which nobody released/ },
	{
		story: 'it runs a forged image',
		events: [...update(FORGED), running(FORGED)],
		broken: ['authentic', 'converges'],
		says: /must never run: a stranger signed it/,
	},
	{
		story: 'it confirms a bad image',
		events: [...update(BAD), running(BAD)],
		broken: ['trial', 'converges'],
		says: /confirmed release-cc 1.0.0 \(cc\), which is bad/,
	},
	{ story: 'it runs what it was never given', events: [running(CANDIDATE)], broken: ['trial'], says: /neither confirmed nor on trial/ },
	{ story: 'a confirmed image is given up', events: [...update(CANDIDATE), running(CANDIDATE), running(GOLDEN)], broken: ['trial', 'converges'] },
	{ story: 'a trial never ends', events: [...update(CANDIDATE), running(CANDIDATE, false)], broken: ['trial'], says: /unconfirmed when the case is over/ },
	{ story: 'a good update has no effect', events: [...update(CANDIDATE), running(GOLDEN)], broken: ['converges'], says: /was to end with release-bb/ },
	{
		story: 'a trial that is reset again and again is given up aloud',
		events: [...update(CANDIDATE), reset('command'), running(CANDIDATE, false), reset('line'), reset('line'), gaveUp, running(GOLDEN)],
		broken: [],
	},
	{
		story: 'a good trial is given up aloud, and nobody touched it',
		events: [...update(CANDIDATE), reset('command'), running(CANDIDATE, false), gaveUp, running(GOLDEN)],
		broken: ['converges'],
	},
	{
		story: 'a trial that is reset again and again is gone without a word',
		events: [...update(CANDIDATE), reset('command'), running(CANDIDATE, false), reset('line'), reset('line'), running(GOLDEN)],
		broken: ['converges'],
	},
	{ story: 'a setting is lost', events: [settings({ a: '1' }), settings({})], broken: ['settings'], says: /setting a was to be kept as '1', it is gone/ },
	{
		story: 'a written setting goes back',
		events: [settings({ a: '1' }), { kind: 'board-setting-written', at: 1, ...BOARD, name: 'a', value: '2' }, settings({ a: '1' })],
		broken: ['settings'],
		says: /kept as '2', the board gives '1'/,
	},
];

for (const { story, events, broken, says } of ROWS) {
	test(`a board: ${story}`, (t) => {
		const judge = createJudge();
		for (const event of [...OPENING, ...events]) judge.observe(event);
		const found = judge.finish().filter(({ violations }) => violations.length > 0);
		t.deepEqual(
			found.map(({ invariant }) => invariant),
			broken,
		);
		if (says) t.true(found.some(({ violations }) => violations.some(({ message }) => says.test(message))));
	});
}

test('a board that was never opened cannot be judged', (t) => {
	t.throws(() => createJudge().observe(running(GOLDEN)), { instanceOf: RangeError, message: /its board-opened event was expected first/ });
});
