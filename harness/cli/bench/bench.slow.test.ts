import test from 'ava';
import { figuresOf, formatTable } from './bench-table.js';
import { measureCampaign, measureRehearsal } from './campaign-bench.js';
import { measureConsoleFlood, measureCutLatency } from './console-bench.js';
import { measureExplorer } from './explorer-bench.js';
import { measureFleetUpdate, measurePowerCuts } from './fleet-bench.js';
import { measureFloor } from './floor-bench.js';
import { measureLinks, measureWireFloor } from './wire-bench.js';
import { measureMuseum } from './museum-bench.js';
import { measureShrinking } from './shrink-bench.js';

test.serial('a fleet is measured over a whole update of all its devices', async (t) => {
	const { devices, events, logBytes, checks, deviceHours, usage } = await measureFleetUpdate(3);
	t.is(devices, 3);
	t.true(events >= 3 * 20, `${events} events`);
	t.true(logBytes > events * 40);
	t.true(checks > 0);
	t.true(deviceHours > 3 * (100 / 3600));
	t.true(usage.cpuS > 0 && usage.wallS > 0 && usage.peakBytes > 0);
});

test.serial('power cuts are measured with a device for each tear of each operation', async (t) => {
	const { devices } = await measurePowerCuts({ operations: 2 });
	t.is(devices, 16);
});

test.serial('the floor delivers every block', async (t) => {
	const { devices, blocks } = await measureFloor(3, 4);
	t.is(devices, 3);
	t.is(blocks, 12);
});

test.serial('sockets are measured: a floor that delivers every block, and what a fault link costs', async (t) => {
	t.is((await measureWireFloor(3, { blocks: 4, broker: 'aedes' })).blocks, 12);
	const { notes } = await measureLinks(2);
	t.is(notes.length, 6);
	t.true(notes.every((note) => /: \d+\.\d us of CPU for each delivery of 4 KiB$/.test(note)));
});

test.serial('shrinking is measured from a whole case to one device and one fault', async (t) => {
	const { devices, usage } = await measureShrinking(5);
	t.is(devices, 5);
	t.true(usage.cpuS > 0 && usage.wallS > 0);
});

test.serial('a flooded console and a cut at a marker are measured on real ttys', async (t) => {
	const flood = await measureConsoleFlood({ seconds: 0.2 });
	t.regex(flood.notes[0] ?? '', /^0\.1 MB at .*, no byte lost, \d{3} lines; /);
	const cuts = await measureCutLatency({ cuts: 2 });
	t.regex(cuts.notes[0] ?? '', /^marker to commanded cut: median \d+\.\d\d ms, worst \d+\.\d\d ms of 2$/);
	t.false(cuts.notes[1]?.includes('NaN'));
});

test('a part is held against its floor where that was measured', (t) => {
	const usage = { cpuS: 1, wallS: 2, peakBytes: 4_096_000, liveBytes: 2_048_000 };
	const floor = { part: 'floor-1000', devices: 1_000, usage } as const;
	const fleet = { part: 'fleet-1000', devices: 1_000, events: 500, usage: { ...usage, cpuS: 2.5 } } as const;
	const [under, over] = figuresOf([floor, fleet]);
	t.like(under, { timesFloor: null, eventsPerS: null });
	t.like(over, { timesFloor: 2.5, eventsPerS: 250, cpuMsPerDevice: 2.5, liveKiBPerDevice: 2, peakKiBPerDevice: 4 });
	t.is(figuresOf([fleet])[0]?.timesFloor, null);
});

test.serial('the explorer is measured in walks that closed, against copying and hashing alone', async (t) => {
	const { devices, walks, notes } = await measureExplorer([{ sectors: 4, sectorSizeBytes: 4096, writeSizeBytes: 8 }]);
	t.is(devices, 6);
	t.true(
		walks.every(({ states, cuts, cutsPerCpuS, kiBPer1000States, timesFloor }) => cuts > states && cutsPerCpuS > 0 && kiBPer1000States > 0 && timesFloor > 0),
	);
	t.is(notes.length, 7);
	t.is(new Set(notes.map(({ length }) => length)).size, 1);
	t.regex(notes[1] ?? '', /^ab +4 x 4096 /);
});

test('the table is aligned', (t) => {
	const usage = { cpuS: 12.345, wallS: 2, peakBytes: 0, liveBytes: 0 };
	const lines = formatTable(figuresOf([{ part: 'floor-10000', devices: 10_000, usage }])).split('\n');
	t.is(lines.length, 3);
	t.is(lines[0]?.length, lines[1]?.length);
	t.regex(lines[1] as string, /^floor-10000 +10000 +12\.35 +2 /);
});

test.serial('a campaign and its rehearsal are measured in device-hours', async (t) => {
	const simulated = await measureCampaign(100);
	t.true(simulated.events > 100 && simulated.deviceHours > 100);
	const rehearsed = await measureRehearsal(400, 1);
	t.true(rehearsed.deviceHours > 400);
	const [figures] = figuresOf([{ part: 'rehearsal-10000', ...rehearsed, usage: { ...rehearsed.usage, cpuS: 2 } }]);
	t.is(figures?.deviceHoursPerCpuS, Math.round(rehearsed.deviceHours / 2));
});

test.serial('the museum is measured in its exhibits and its right devices', async (t) => {
	const { devices, usage } = await measureMuseum({ seeds: 2, only: 'confirm-on-line-one' });
	t.is(devices, 9);
	t.true(usage.cpuS > 0);
});
