import test from 'ava';
import type { InventoryEntry } from '../campaign-service.js';
import type { Course } from '../scripted-service.js';
import { FAILS, fleet, HOUR_MS, MINUTE_MS, planWith, play, sentOrder, SUCCEEDS } from './play-campaign.test.support.js';

test.serial('drift is told before anything is sent, and what drifted stays out', async (t) => {
	const inventory = fleet(12).map((entry, index) => {
		if (index === 1) return { ...entry, version: '0.9.0+0' };
		if (index === 2) return { ...entry, hardware: 'sensor-old' };
		return entry;
	});
	const plan = planWith(
		'inventory:',
		'  - { group: all, hardware: sensor, version: 1.0.0, devices: [d-001, d-002, d-004, d-099] }',
		'  - { group: gateways, hardware: gateway, version: 1.0.0 }',
	);
	const played = await play({ plan, inventory });
	const { outcome, said, events } = played;
	t.deepEqual(
		outcome.drift.filter(({ device }) => ['d-001', 'd-002', 'd-099'].includes(device)),
		[
			{ device: 'd-001', what: 'version', expected: '1.0.0', got: '0.9.0+0' },
			{ device: 'd-002', what: 'hardware', expected: 'sensor', got: 'sensor-old' },
			{ device: 'd-099', what: 'presence', expected: 'sensor', got: 'it never reported itself' },
		],
	);
	t.true(outcome.drift.some(({ device, what }) => device === 'd-005' && what === 'presence'));
	t.is(said('drift').length, outcome.drift.length);
	const kinds = events.map((event) => (event.kind === 'campaign-decision' ? event.what : event.kind));
	t.true(kinds.lastIndexOf('drift') < kinds.indexOf('device-started'));
	const sent = sentOrder(played);
	for (const { device } of outcome.drift) t.false(sent.includes(device), device);
	t.true(sent.includes('d-004'));
	t.is(
		(await play({ plan: { ...plan, drifted: 'update' }, inventory })).outcome.leftOut.some(({ device }) => device === 'd-001'),
		false,
	);
});

/** A rule or a state of the device, and why it is left out. */
const UNFIT: readonly (readonly [title: string, lines: readonly string[], entry: Partial<InventoryEntry>, reason: RegExp])[] = [
	['an older version than the least', ['compatibility: [{ minimumVersion: 1.1.0 }]'], {}, /version 1\.1\.0 or newer was expected, got 1\.0\.0/],
	['too little memory', ['compatibility: [{ memory: 128KiB }]'], {}, /131072 bytes of memory were expected, got 65536/],
	['too small a free slot', ['compatibility: [{ freeSlot: 1MiB }]'], {}, /1048576 bytes of free slot were expected, got 65536/],
	['a slot smaller than its image', [], { freeSlotBytes: 3_999 }, /4000 bytes of free slot were expected, got 3999/],
	['a missing peripheral', ['compatibility: [{ peripherals: [heater] }]'], {}, /peripheral heater was expected, got/],
	['no image for its hardware', [], { hardware: 'display' }, /no group|no image/],
	['the release already', [], { version: '2.0.0+0' }, /it runs 2\.0\.0\+0 already/],
];

for (const [title, lines, entry, reason] of UNFIT) {
	test.serial(`a device with ${title} is left out by name and reason`, async (t) => {
		const all = fleet(6);
		const inventory = all.map((one, index) => (index === 4 || lines.length > 0 ? { ...one, ...entry } : one));
		const played = await play({ plan: planWith(...lines), inventory });
		const left = played.outcome.leftOut.find(({ device }) => device === 'd-004');
		t.regex(left?.reason ?? '', reason);
		t.false(sentOrder(played).includes('d-004'));
		t.is(played.said('device-left-out').filter(({ device }) => device === 'd-004').length, 1);
		if (lines.length > 0) t.is(played.outcome.outcome, 'refused');
	});
}

const GATEWAYS_FIRST = ['dependencies:', '  - { first: gateways, then: sensors-a }', '  - { first: gateways, then: sensors-b }'];

test.serial('a gateway is updated before the sensors of its segment are started', async (t) => {
	const played = await play({ plan: planWith(...GATEWAYS_FIRST), devices: 18 });
	t.is(played.outcome.succeeded, 18);
	const entries = new Map(fleet(18).map((entry) => [entry.device, entry]));
	const done = new Set<string>();
	for (const event of played.events) {
		if (event.kind !== 'campaign-decision' || event.device === undefined) continue;
		if (event.what === 'device-succeeded') done.add(event.device);
		const entry = entries.get(event.device);
		if (event.what !== 'device-started' || entry?.hardware !== 'sensor') continue;
		for (const other of entries.values())
			if (other.hardware === 'gateway' && other.segment === entry.segment) t.true(done.has(other.device), `${entry.device} before ${other.device}`);
	}
});

test.serial('sensors whose gateway fails or does not go are left out', async (t) => {
	const script = (device: string): Course => (device === 'd-000' ? FAILS : SUCCEEDS);
	const failed = await play({ plan: planWith(...GATEWAYS_FIRST, 'gates: { failures: 90% }'), script });
	const inA = fleet(12).filter(({ hardware, segment }) => hardware === 'sensor' && segment === 'a');
	for (const { device } of inA)
		t.regex(failed.outcome.leftOut.find((one) => one.device === device)?.reason ?? '', /had to be updated first, and d-000 was not/);
	t.deepEqual(
		sentOrder(failed).filter((device) => inA.some((one) => one.device === device)),
		[],
	);
	const inventory = fleet(12).map((entry) => (entry.device === 'd-000' ? { ...entry, freeSlotBytes: 1 } : entry));
	const absent = await play({ plan: planWith(...GATEWAYS_FIRST), inventory });
	t.regex(
		absent.outcome.leftOut.find(({ device }) => device === 'd-001')?.reason ?? '',
		/needs gateways in a first, and d-000 does not go: 4000 bytes of free slot/,
	);
	t.is(absent.outcome.succeeded, 7);
});

test.serial('what goes together goes in one wave, and not at all where one of it cannot', async (t) => {
	const plan = planWith('dependencies: [{ together: [sensors-a, gateways] }]', 'pilot: 1', 'waves: [1, 1]');
	const played = await play({ plan });
	const jobs = played.platform.service.deployed.map(({ devices }) => devices);
	const unit = ['d-000', 'd-001', 'd-002', 'd-006', 'd-007', 'd-008'];
	t.true(jobs.some((devices) => unit.every((device) => devices.includes(device))));
	const inventory = fleet(12).map((entry) => (entry.device === 'd-007' ? { ...entry, freeSlotBytes: 1 } : entry));
	const broken = await play({ plan, inventory });
	t.deepEqual(
		sentOrder(broken).filter((device) => unit.includes(device)),
		[],
	);
	t.regex(broken.outcome.leftOut.find(({ device }) => device === 'd-000')?.reason ?? '', /go together or not at all, and d-007 does not/);
});

test.serial('where one of those that go together fails, the others go back', async (t) => {
	const plan = planWith('dependencies: [{ together: [sensors-a, gateways] }]', 'gates: { failures: 50% }', 'rollback: at-once');
	const script = (device: string, name: string): Course => (device === 'd-007' && name === 'v2' ? FAILS : SUCCEEDS);
	const { outcome, said } = await play({ plan, script });
	t.is(outcome.outcome, 'completed');
	t.deepEqual(
		said('device-sent-back')
			.map(({ device }) => device)
			.sort(),
		['d-000', 'd-001', 'd-002', 'd-006', 'd-008'],
	);
});

/** How a campaign is halted in which d-000 does not take what its unit takes. */
const HALTS: Readonly<Record<string, { readonly course: Course; readonly abortMs?: number }>> = {
	'a gate': { course: FAILS },
	'a person': { course: { ...SUCCEEDS, beginsMs: HOUR_MS }, abortMs: 30 * MINUTE_MS },
};

for (const [how, { course, abortMs }] of Object.entries(HALTS)) {
	test.serial(`where ${how} halts a campaign that takes nothing back, those go back whose partners did not take it, and no others`, async (t) => {
		const lines = ['gates: { failures: 10% }', 'rollback: none', 'pilot: 6', 'order: any', 'waves: []'];
		const orders = new AbortController();
		const { outcome, said } = await play({
			plan: planWith('dependencies: [{ together: [sensors-a, gateways] }]', ...lines),
			script: (device, name) => (device === 'd-000' && name === 'v2' ? course : SUCCEEDS),
			before: ({ after }) => void (abortMs !== undefined && after(abortMs, () => orders.abort({ who: 'Ines Haddad', why: 'enough' }))),
			options: { orders: orders.signal },
		});
		t.like(outcome, { outcome: 'halted', sentBack: 5 });
		t.deepEqual(
			said('device-sent-back')
				.map(({ device }) => device ?? '')
				.toSorted(),
			['d-001', 'd-002', 'd-006', 'd-007', 'd-008'],
		);
		t.deepEqual(said('rollback-started'), []);
	});
}

test.serial('without a release to go back to, nothing goes out that goes together or not at all', async (t) => {
	const plan = planWith('dependencies: [{ together: [sensors-a, gateways] }]');
	const { outcome } = await play({ plan, options: { previous: undefined as never } });
	t.is(outcome.outcome, 'refused');
	t.regex(outcome.reason ?? '', /no release that those could go back to/);
});
