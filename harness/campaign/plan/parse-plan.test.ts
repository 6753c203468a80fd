import test from 'ava';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { parsePlan, PlanError } from './index.js';

const GOOD = `name: spring
approver: Dana Okafor
inventory:
  - group: sensors
    model: sensor
    hardware: sensor-r1
    version: 1.0.0
    segment: plant-a
    criticality: low
    devices: [device-1, { id: device-2, criticality: high }]
  - group: gateways
    hardware: gateway-r3
    version: 1.0.0
windows:
  - days: [sat, sun]
    from: 22:00
    to: 04:00
    timeZone: Europe/Berlin
dependencies:
  - first: gateways
    then: sensors
pilot: 2
waves: [10%, 30]
gates:
  failures: 5%
  silence: 30m
  health: { temperatureC: 70, memoryLossPerHour: 2KiB }
soak: 1h
`;

const problemsOf = (text: string): string => {
	try {
		parsePlan(text, { file: 'plan.yaml' });
		return 'none';
	} catch (error) {
		if (error instanceof PlanError) return error.message;
		throw error;
	}
};

test('a value that is wrong in two ways is told once', (t) => {
	const told = problemsOf(GOOD.replace('version: 1.0.0', 'version: one'));
	t.is(told.split('\n').length, 1, told);
	t.regex(told, /^plan\.yaml:7: inventory\[0\]\.version: .*got 'one'$/);
});

test('a plan is read with its units, its defaults and its devices', (t) => {
	const plan = parsePlan(GOOD, { file: 'plan.yaml' });
	t.like(plan, {
		name: 'spring',
		approver: 'Dana Okafor',
		pilot: 2,
		soak: 3_600_000,
		stuckAfter: 3_600_000,
		rollback: 'in-windows',
		order: 'criticality',
		drifted: 'leave-out',
	});
	t.deepEqual(plan.waves, [0.1, 30]);
	t.like(plan.gates, { failures: 0.05, silence: 1_800_000, health: { temperatureC: 70, memoryLossPerHour: 2048, unhealthy: 0 } });
	t.deepEqual(plan.inventory[0]?.devices, [{ id: 'device-1' }, { id: 'device-2', criticality: 'high' }]);
	t.like(plan.windows[0], { from: 1320, to: 240, days: ['sat', 'sun'], timeZone: 'Europe/Berlin' });
	t.deepEqual(plan.backup, { settings: true, tryRestore: true });
	t.is(plan.release, undefined);
});

/** What is changed in the good plan, and the one line that says so. */
const BAD: readonly (readonly [title: string, from: string | RegExp, to: string, message: string])[] = [
	['a key that is not known', 'pilot: 2', 'pilot: 2\npillot: 3', "plan.yaml:23: pillot: a key of the plan was expected, did you mean pilot?, got 'pillot'"],
	[
		'a key that is not known further in',
		'    timeZone: E',
		'    timezone: E',
		"plan.yaml:18: windows[0].timezone: a key of the plan was expected, did you mean timeZone?, got 'timezone'",
	],
	['a duration without a unit', 'soak: 1h', 'soak: 60', 'plan.yaml:28: soak: a duration with its unit was expected (90s, 30m, 2h, 1d), got 60'],
	['a duration with a wrong unit', 'soak: 1h', 'soak: 1 hour', "plan.yaml:28: soak: a duration with its unit was expected (90s, 30m, 2h, 1d), got '1 hour'"],
	[
		'a time zone that is none',
		'Europe/Berlin',
		'Europe/Berln',
		"plan.yaml:18: windows[0].timeZone: an IANA time zone was expected (Europe/Berlin), got 'Europe/Berln'",
	],
	[
		'a day that is none',
		'[sat, sun]',
		'[sat, sunday]',
		"plan.yaml:15: windows[0].days[1]: one of mon, tue, wed, thu, fri, sat, sun was expected, got 'sunday'",
	],
	['a time of day that is none', '22:00', '25:00', "plan.yaml:16: windows[0].from: a time of day was expected ('22:30'), got '25:00'"],
	[
		'a share above all',
		'failures: 5%',
		'failures: 105%',
		"plan.yaml:25: gates.failures: a share from 0 to 1 or a percentage was expected (0.05, 5%), got '105%'",
	],
	[
		'a version that YAML takes for a number',
		'version: 1.0.0\n    segment',
		'version: 1.0\n    segment',
		"plan.yaml:7: inventory[0].version: a version was expected, in quotes where it looks like a number ('1.2.0', '1.2.0+7'), got 1",
	],
	[
		'a wave of nobody',
		'waves: [10%, 30]',
		'waves: [0, 30]',
		'plan.yaml:23: waves[0]: devices were expected: a whole number from 1, or a percentage above 0 and below 100 (5, 10%), got 0',
	],
	[
		'a missing key',
		'pilot: 2\n',
		'',
		'plan.yaml:1: pilot: devices were expected: a whole number from 1, or a percentage above 0 and below 100 (5, 10%), got nothing',
	],
	[
		'a battery bound without its minimum',
		'soak: 1h',
		'battery: { waits: 1h }',
		'plan.yaml:28: battery.minimum: a share from 0 to 1 or a percentage was expected (0.05, 5%), got nothing',
	],
	['an empty approver', 'Dana Okafor', "' '", "plan.yaml:2: approver: the name of the person who approved it was expected, got ' '"],
	[
		'a group that the inventory has not',
		'then: sensors',
		'then: sensor',
		'plan.yaml:21: dependencies[0].then: a group of the inventory was expected (sensors, gateways), got sensor; did you mean sensors?',
	],
	[
		'a dependency of both kinds',
		'then: sensors',
		'together: [sensors, gateways]',
		'plan.yaml:20: dependencies[0]: first and then, or together alone, was expected',
	],
	[
		'an order in a circle',
		'    then: sensors',
		'    then: sensors\n  - { first: sensors, then: gateways }',
		'plan.yaml:22: dependencies[1]: an order without a circle was expected, got sensors before gateways and after it',
	],
	['a group twice', 'group: gateways', 'group: sensors', 'plan.yaml:11: inventory[1].group: every group once was expected, got sensors again'],
	[
		'a device twice',
		'device-1, {',
		'device-2, {',
		'plan.yaml:10: inventory[0].devices[1]: every device in one group was expected, got device-2, which sensors lists',
	],
	[
		'a window in which no update fits',
		'to: 04:00',
		'to: 22:10',
		'plan.yaml:15: windows[0]: a window in which an update fits was expected (updateTakes is 20 minutes), got 10 minutes',
	],
	[
		'an image for hardware that nobody has',
		'name: spring',
		'name: spring\nrelease: { images: { sensor-r2: a.bin } }',
		'plan.yaml:2: release.images.sensor-r2: hardware of the inventory was expected (sensor-r1, gateway-r3), got sensor-r2; did you mean sensor-r1?',
	],
	['a key given twice', 'pilot: 2', 'pilot: 2\npilot: 3', 'plan.yaml:23: plan: every key once was expected, got pilot again'],
];

for (const [title, from, to, message] of BAD) {
	test(`${title} is refused by file, line and key`, (t) => {
		const text = GOOD.replace(from, to);
		t.not(text, GOOD);
		t.true(problemsOf(text).split('\n').includes(message), problemsOf(text));
	});
}

test('every problem is named, in the order of the lines', (t) => {
	const text = GOOD.replace('pilot: 2', 'pilot: none').replace('Europe/Berlin', 'Mars').replace('soak: 1h', 'soak: long');
	t.deepEqual(
		problemsOf(text)
			.split('\n')
			.map((line) => line.split(':').slice(1, 3).join(':')),
		['18: windows[0].timeZone', '22: pilot', '28: soak'],
	);
});

for (const [title, text] of [
	['nothing', ''],
	['a list', '- a\n- b\n'],
	['no YAML', 'name: [\n'],
	['two documents', 'name: a\n---\nname: b\n'],
	['a tag of a program', 'name: !!js/function "x"\n'],
	['an alias to nothing', 'name: *nowhere\n'],
	[
		'aliases that grow',
		`a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
			.split('')
			.map((key, index) => `${key}: &${key} [${Array(9).fill(`*${'abcdefghij'[index]}`).join()}]`)
			.join('\n')}\n`,
	],
	['a prototype', '__proto__: { name: x }\n'],
	['bytes that are no text', '\u0000\u0001\ufffd'],
] as const) {
	test(`${title} in place of a plan is refused with a line`, (t) => {
		t.regex(problemsOf(text), /^plan\.yaml:\d+: /);
	});
}

test('whatever stands in place of any value, it is read or refused, and never breaks', (t) => {
	const keys = Object.keys(parsePlan(GOOD, { file: 'plan.yaml' }));
	fc.assert(
		fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
			const changed = stringify({ name: 'x', inventory: [{ group: 'g', hardware: 'h', version: '1.0.0' }], pilot: 1, [key]: value });
			const problems = problemsOf(changed);
			return problems === 'none' || problems.split('\n').every((line) => /^plan\.yaml:\d+: .+: .+/.test(line));
		}),
		{ seed: 7, numRuns: 300 },
	);
	t.pass();
});
