import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inflateRawSync } from 'node:zlib';
import test, { type ExecutionContext } from 'ava';
import { createSampleRun, type FedEvent } from '../record/sample-run.js';
import { HtmlReport } from './html-report.js';
import type { RunData, WorldData } from './run-data.js';
import { createSampleFleet } from './sample-fleet.js';

const HOSTILE = '</script><script>alert(1)</script><img src=x onerror=alert(1)> "\'&\u0007 \u001b[31m]]>';

const feed = (events: readonly FedEvent[]): HtmlReport => {
	const report = new HtmlReport();
	for (const [event, scenario] of events) report.observe(event, scenario);
	return report;
};

const read = (report: HtmlReport): RunData => JSON.parse(inflateRawSync(Buffer.from(report.encodeData(), 'base64')).toString()) as RunData;

const fleetOf = (options: Partial<Parameters<typeof createSampleFleet>[0]>): { readonly data: RunData; readonly world: WorldData } => {
	const data = read(feed(createSampleFleet({ scenario: 'fleet', title: 'goes well', devices: 50, ...options })));
	return { data, world: data.cases[0]?.worlds[0] as WorldData };
};

const write = (t: ExecutionContext, report: HtmlReport): string => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-html-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	report.write(join(folder, 'report.html'));
	return readFileSync(join(folder, 'report.html'), 'utf8');
};

test('the page stands alone: one file that loads nothing, says its verdict without scripts, and allows no script but its own', (t) => {
	const html = write(
		t,
		feed(
			createSampleRun(
				{
					a: [
						{ title: 'breaks', verdict: 'failed', reason: 'wanted 1' },
						{ title: 'holds', verdict: 'passed' },
					],
				},
				{ ended: 'failed' },
			),
		),
	);
	t.false(/(src|href)="(?!data:)/.test(html));
	t.true(/<h1>failed<\/h1>[\s\S]*1 of 2 cases passed[\s\S]*failed: a: breaks[\s\S]*product failure: wanted 1[\s\S]*blackstart replay/.test(html));
	t.true(/Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[\w+/=]{44}';/.test(html));
	t.is(html.match(/<script/g)?.length, 2);
});

test('failures come first, then the others in their order', (t) => {
	const verdicts = ['passed', 'skipped', 'inconclusive', 'failed', 'errored', 'passed'] as const;
	const cases = verdicts.map((verdict, index) => ({ title: `case ${index}`, verdict }));
	t.deepEqual(
		read(feed(createSampleRun({ a: cases }))).cases.map(({ title }) => title.slice(-1)),
		['3', '4', '2', '0', '5', '1'],
	);
});

test('what a console or a device says is text and never markup', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-html-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, 'one.log');
	writeFileSync(path, HOSTILE);
	const run = createSampleRun(
		{ a: [{ title: HOSTILE.slice(0, 60), verdict: 'failed', reason: HOSTILE, detail: HOSTILE, steps: [HOSTILE], console: path }] },
		{ ended: 'failed' },
	);
	const report = feed([...run, ...createSampleFleet({ scenario: HOSTILE, title: HOSTILE, devices: 3, detail: HOSTILE, outcome: 'bricked' })]);
	const html = write(t, report);
	t.is(html.match(/<script/gi)?.length, 2);
	t.false(/<img|onerror=alert\(1\)>/.test(html));
	// biome-ignore lint/suspicious/noControlCharactersInRegex: that none of them is left is what is tested
	t.false(/[\u0000-\u0008\u001b]/.test(html));
	t.true(read(report).cases[0]?.consoles[0]?.tail.join('').includes('<script>alert(1)'));
});

test('a world is told by its states, versions, faults, marks and outcomes, whatever the order of its devices', (t) => {
	const { world } = fleetOf({});
	t.is(world.devices, 50);
	t.deepEqual(world.outcomes, { updated: 40, reverted: 5, refused: 5 });
	const last = world.at.length - 1;
	t.is(world.states['idle']?.[last], 50);
	t.is(world.states['testing']?.[last], 0);
	t.deepEqual([world.versions['1.0.0+0']?.[last], world.versions['2.0.0+0']?.[last]], [10, 40]);
	t.is(
		world.faults['power-cut']?.reduce((sum, count) => sum + count, 0),
		50,
	);
	for (const column of Object.values(world.states)) t.true(column.every((count) => count >= 0 && count <= 50));
	t.true(world.at.every((at, index) => index === 0 || at > (world.at[index - 1] as number)));
	t.deepEqual(
		world.marks.map(({ sort }) => sort),
		['wave', 'gate'],
	);
	t.deepEqual(
		world.histograms.map(({ name, counts }) => [name, counts.reduce((sum, count) => sum + count, 0)]),
		[
			['from job to confirmed', 40],
			['downloads gone on with', 50],
			['bytes received against the image', 50],
		],
	);
});

test('the map of power cuts holds each operation and tear with the worst that came of it', (t) => {
	const { world } = fleetOf({ devices: 4 * 37, outcome: 'bricked' });
	t.is(world.cuts?.operations, 37);
	t.deepEqual(world.cuts?.tears, ['after', 'before', 'half', 'prefix']);
	t.is(world.cuts?.cells.length, 4 * 37);
	const first = world.cuts?.cells.find(({ operation, tear }) => operation === 0 && world.cuts?.tears[tear] === 'before');
	t.like(first, { outcome: 'bricked', count: 1, device: 'device-00001' });
});

test('a device has its timeline, and what is left out is said', (t) => {
	const { world, data } = fleetOf({});
	const [steps, labels] = world.table.timelines[0] as readonly [number[], number[], number];
	const told = labels.map((label) => world.table.labels[label]?.[1]);
	t.true(told.includes('boots 1.0.0+0 from slot a (power-on)'));
	t.true(told.includes('confirms (security counter 6)'));
	t.is(
		steps.reduce((sum, step) => sum + step, 0),
		2_610,
	);
	t.deepEqual(data.omitted, []);
	const many = fleetOf({ devices: 20_000, outcome: 'stuck' });
	t.is(many.world.table.total, 20_000);
	t.true(0 in many.world.table.timelines, 'a device in trouble keeps its timeline');
	t.regex(many.data.omitted.join('\n'), /\d+ of 20000 devices have their timeline here, those in trouble first/);
});

test('a report of ten thousand devices is less than five megabytes', (t) => {
	const html = write(t, feed(createSampleFleet({ scenario: 'fleet', title: 'goes out', devices: 10_000 })));
	t.true(html.length < 5_000_000, `${html.length} bytes`);
	t.true(html.length > 100_000);
});

test('a case that is run again begins anew, and one that never ended says so', (t) => {
	const [registered, ...fleet] = createSampleFleet({ scenario: 'fleet', title: 'goes well', devices: 3, outcome: 'bricked' });
	const again: FedEvent = [{ kind: 'run-retry', scenario: 'fleet', title: 'goes well', attempt: 2 }, 'fleet'];
	const report = feed([registered as FedEvent, ...fleet, again, ...fleet.slice(0, 20)]);
	const [one] = read(report).cases;
	t.is(one?.worlds.length, 1);
	t.like(one, { verdict: 'errored', finished: false });
	t.is(read(report).run.verdict, 'unfinished');
});

test("a walk through a bootloader's states leaves its depths and its map of cuts, with the worst that came of each", (t) => {
	const started = { kind: 'scenario-started', scenario: 'explore', title: 'ab', target: 'b', seed: '0', options: {} } as const;
	const row = (operation: number, tear: string, outcomes: Readonly<Record<string, number>>) =>
		({ phase: 'update', step: 'boot', operation, operationKind: 'erase', tear, outcomes }) as const;
	const rows = [row(0, 'after', { 'image-0': 1 }), row(0, 'half', { 'image-0': 2, none: 1 }), row(1, 'after', { 'image-0': 1, 'image-1': 1 })];
	const data = read(
		feed([
			[started, 'explore'],
			[{ kind: 'explorer-depths', depths: [{ cuts: 0, states: 5, situations: 9 }] }, 'explore'],
			[{ kind: 'explorer-cut-map', bootloader: 'ab', tears: 'L1', rows }, 'explore'],
		]),
	);
	const walk = data.cases[0]?.walk;
	t.deepEqual(walk?.depths, [{ cuts: 0, states: 5, situations: 9 }]);
	t.deepEqual(walk?.cuts?.columns, ['update, boot, erase 0', 'update, boot, erase 1']);
	t.deepEqual(
		walk?.cuts?.cells.map(({ tear, operation, outcome, count }) => [tear, operation, outcome, count]),
		[
			[0, 0, 'image-0', 1],
			[1, 0, 'none', 3],
			[0, 1, 'either image', 2],
		],
	);
});

test('a map of cuts has a column for each operation of each boot, and a session one for operations and one for messages', (t) => {
	const started = { kind: 'scenario-started', scenario: 'explore', title: 'ab', target: 'b', seed: '0', options: {} } as const;
	const row = (tear: string) => ({ phase: 'return', step: 'boot', operation: 0, operationKind: 'program', tear, outcomes: { 'image-0': 1 } }) as const;
	const twoBoots = [row('half'), row('after'), row('half'), row('after')];
	const walk = read(
		feed([
			[started, 'explore'],
			[{ kind: 'explorer-cut-map', bootloader: 'ab', tears: 'L1', rows: twoBoots }, 'explore'],
		]),
	).cases[0]?.walk;
	t.deepEqual([walk?.cuts?.operations, walk?.cuts?.columns], [2, ['return, boot, program 0', 'return, boot, program 0']]);
	t.is(new Set(walk?.cuts?.cells.map(({ tear, operation }) => `${tear} ${operation}`)).size, 4);

	const rows = [
		{ at: 'operation', place: 1, tear: 'after', state: 'booting', form: 'erase after record', outcomes: { updated: 3, bricked: 1 } },
		{ at: 'message', place: 0, tear: 'after', state: 'downloading', form: 'message', outcomes: { updated: 1, broken: 1 } },
	] as const;
	const session = read(
		feed([
			[started, 'explore'],
			[{ kind: 'explorer-session-map', tears: 'L0', rows }, 'explore'],
		]),
	).cases[0]?.walk;
	t.like(session?.cuts, { tears: ['after'], operations: 2, columns: ['', 'booting, operation 1, erase after record'] });
	t.deepEqual(
		session?.cuts?.cells.map(({ operation, outcome, count }) => [operation, outcome, count]),
		[[1, 'bricked', 4]],
	);
	t.like(session?.messages, { tears: ['message'], operations: 1, columns: ['downloading, message 0'] });
	t.deepEqual(
		session?.messages?.cells.map(({ outcome }) => outcome),
		['broken'],
	);
});

test('a sweep of boards lies over the phases of the update that one of them was profiled with, and its largest gap is found', (t) => {
	const place = (phase: string, offsetMs: number) => ({ phase, offsetMs });
	const phases = [
		{ name: 'write', fromMs: 0, lastsMs: 600 },
		{ name: 'boot', fromMs: 600, lastsMs: 400 },
	];
	const cut = (index: number, at: ReturnType<typeof place>, observed?: ReturnType<typeof place>) =>
		({
			kind: 'sweep-cut',
			at: 1,
			board: index === 0 ? 'b' : 'a',
			index,
			planned: at,
			commanded: at,
			...(observed ? { observed } : {}),
			outcome: 'old',
		}) as const;
	const { sweeps } = read(
		feed([
			[{ kind: 'sweep-profiled', at: 0, board: 'b', path: 'serial', phases, durationMs: 1_000 }],
			[cut(0, place('write', 100))],
			[cut(1, place('boot', 50), place('boot', 80))],
		]),
	);
	t.deepEqual(
		sweeps[0]?.cuts.map(({ atMs }) => atMs),
		[100, 680],
	);
	t.deepEqual(sweeps[0]?.gap, { fromMs: 100, toMs: 680 });
	t.deepEqual(
		sweeps.map(({ boards }) => boards),
		[['b', 'a']],
	);
});
