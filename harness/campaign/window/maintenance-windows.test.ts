import test from 'ava';
import { DAYS, type MaintenanceWindow } from '../plan/index.js';
import { MaintenanceWindows } from './maintenance-windows.js';

const window = (from: number, to: number, options: Partial<MaintenanceWindow> = {}): MaintenanceWindow => ({
	days: [...DAYS],
	from,
	to,
	timeZone: 'Europe/Berlin',
	...options,
});

const at = (text: string): number => Date.parse(text);
const MINUTE_MS = 60_000;

/** Window, instant of the question, and what opens next, each in UTC. */
const OPENINGS: readonly {
	readonly title: string;
	readonly window: MaintenanceWindow;
	readonly from: string;
	readonly opens: string;
	readonly closes: string;
}[] = [
	{ title: 'in winter', window: window(120, 240), from: '2026-01-10T12:00Z', opens: '2026-01-11T01:00Z', closes: '2026-01-11T03:00Z' },
	{ title: 'in summer', window: window(120, 240), from: '2026-07-10T12:00Z', opens: '2026-07-11T00:00Z', closes: '2026-07-11T02:00Z' },
	{ title: 'over midnight', window: window(1320, 240), from: '2026-01-10T22:30Z', opens: '2026-01-10T21:00Z', closes: '2026-01-11T03:00Z' },
	// Summer time begins at 01:00Z on 29 March: 02:00 is followed by 03:00.
	{ title: 'from a time that summer time skips', window: window(150, 240), from: '2026-03-28T12:00Z', opens: '2026-03-29T01:00Z', closes: '2026-03-29T02:00Z' },
	{ title: 'to a time that summer time skips', window: window(60, 150), from: '2026-03-28T12:00Z', opens: '2026-03-29T00:00Z', closes: '2026-03-29T01:00Z' },
	{ title: 'wholly skipped by summer time', window: window(130, 170), from: '2026-03-28T12:00Z', opens: '2026-03-30T00:10Z', closes: '2026-03-30T00:50Z' },
	{
		title: 'shorter by the hour that summer time takes',
		window: window(60, 300),
		from: '2026-03-28T12:00Z',
		opens: '2026-03-29T00:00Z',
		closes: '2026-03-29T03:00Z',
	},
	// Winter time begins at 01:00Z on 25 October: 02:00 to 03:00 comes twice.
	{ title: 'longer by the hour that comes twice', window: window(60, 300), from: '2026-10-24T12:00Z', opens: '2026-10-24T23:00Z', closes: '2026-10-25T04:00Z' },
	{
		title: 'inside the hour that comes twice, the first time',
		window: window(135, 165),
		from: '2026-10-24T12:00Z',
		opens: '2026-10-25T00:15Z',
		closes: '2026-10-25T00:45Z',
	},
	{
		title: 'on its weekday alone',
		window: window(0, 1440, { days: ['wed'] }),
		from: '2026-01-10T12:00Z',
		opens: '2026-01-13T23:00Z',
		closes: '2026-01-14T23:00Z',
	},
	{
		title: 'over midnight on the evening of its day',
		window: window(1380, 60, { days: ['fri'] }),
		from: '2026-01-10T12:00Z',
		opens: '2026-01-16T22:00Z',
		closes: '2026-01-17T00:00Z',
	},
	{
		title: 'south of the equator',
		window: window(120, 240, { timeZone: 'Australia/Lord_Howe' }),
		from: '2026-04-04T00:00Z',
		opens: '2026-04-04T15:30Z',
		closes: '2026-04-04T17:30Z',
	},
	{
		title: 'where the date line was crossed and a day never was',
		window: window(720, 780, { timeZone: 'Pacific/Apia' }),
		from: '2011-12-30T06:00Z',
		opens: '2011-12-30T22:00Z',
		closes: '2011-12-30T23:00Z',
	},
];

for (const { title, window: one, from, opens, closes } of OPENINGS) {
	test(`a window ${title} opens and closes when the wall clock says`, (t) => {
		const time = new MaintenanceWindows([one]).nextWith(1, { epochMs: at(from) });
		t.deepEqual(
			[new Date(time?.opensMs ?? 0).toISOString(), new Date(time?.closesMs ?? 0).toISOString()],
			[at(opens), at(closes)].map((epochMs) => new Date(epochMs).toISOString()),
		);
	});
}

test('an update that does not fit the rest of a window waits for the next', (t) => {
	const windows = new MaintenanceWindows([window(120, 240)]);
	const opensMs = at('2026-01-11T01:00Z');
	t.true(windows.admits(30 * MINUTE_MS, { epochMs: opensMs }));
	t.true(windows.admits(30 * MINUTE_MS, { epochMs: opensMs + 90 * MINUTE_MS }));
	t.false(windows.admits(30 * MINUTE_MS, { epochMs: opensMs + 90 * MINUTE_MS + 1 }));
	t.is(windows.nextWith(30 * MINUTE_MS, { epochMs: opensMs + 91 * MINUTE_MS })?.opensMs, at('2026-01-12T01:00Z'));
	t.false(windows.admits(1, { epochMs: opensMs - 1 }));
	t.is(windows.nextWith(3 * 60 * MINUTE_MS, { epochMs: opensMs }), undefined);
});

test('windows that touch are one, and without any it is always open', (t) => {
	const split = new MaintenanceWindows([window(120, 180), window(180, 240)]);
	t.true(split.admits(100 * MINUTE_MS, { epochMs: at('2026-01-11T01:00Z') }));
	t.true(new MaintenanceWindows([]).admits(1e12, { epochMs: 0 }));
});

test('every minute of three days around each change is judged as a second clock judges it', (t) => {
	const zone = 'Europe/Berlin';
	const wall = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
	const minuteOf = (epochMs: number): number => {
		const [hours, minutes] = wall.format(epochMs).split(':').map(Number);
		return (hours ?? 0) * 60 + (minutes ?? 0);
	};
	for (const start of ['2026-03-28T00:00Z', '2026-10-24T00:00Z']) {
		for (const [from, to] of [
			[60, 300],
			[90, 120],
			[180, 200],
			[1200, 1380],
		] as const) {
			const windows = new MaintenanceWindows([window(from, to)]);
			for (let epochMs = at(start); epochMs < at(start) + 3 * 1440 * MINUTE_MS; epochMs += MINUTE_MS) {
				const minute = minuteOf(epochMs);
				// Only windows without a border in the hour that comes twice: there the wall clock alone does not say which.
				if (windows.admits(1, { epochMs }) !== (minute >= from && minute < to)) return t.fail(`${from}-${to} at ${new Date(epochMs).toISOString()}`);
			}
		}
	}
	t.pass();
});
