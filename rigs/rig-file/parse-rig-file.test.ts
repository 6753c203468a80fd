import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import test from 'ava';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { createJsonSchemas, openRigFile, parseRigFile, RigFileError, type RigFile } from './index.js';

/** A secret as a rig file has it. */
const env = (name: string): string => `\${env:${name}}`;

const RIGS = fileURLToPath(new URL('../../../rigs/', import.meta.url));
const ENVIRONMENT = { PLUG_PASSWORD: 'swordfish', BROKER_PASSWORD: 'swordfish' };

const GOOD = `schema: rig/v1
rig: bench
broker: { url: mqtt://127.0.0.1:1883 }
boards:
  esp-1:
    type: esp32-devkit
    serial: { console: { match: { usbPath: 1-1.2 } } }
    lines:
      reset: { gpio: { chip: gpiochip0, line: GPIO17 }, activeLow: true }
    power:
      driver: gpio-relay
      line: { chip: gpiochip0, line: GPIO22 }
  esp-2:
    type: generic
    serial: { console: { match: { usbPath: 1-1.3 }, baud: 9600 } }
    power:
      driver: shelly-gen2
      host: plug-1
      password: \${env:PLUG_PASSWORD}
  esp-3:
    type: generic
    serial: { console: { path: /dev/ttyAMA0 } }
    power: { driver: serial-relay, match: { usbPath: 1-1.4 }, channel: 1 }
  esp-4:
    type: generic
    serial: { console: { path: /dev/ttyAMA1 } }
    power: { driver: serial-relay, match: { usbPath: 1-1.4 }, channel: 2 }
  sim:
    type: virtual-avr
    backend: virtual
groups: { all: [esp-1, esp-2] }
`;

const parse = (text: string, environment: Readonly<Record<string, string>> = ENVIRONMENT): RigFile => parseRigFile(text, { path: 'bench.yaml', environment });

const problemsOf = (text: string, environment?: Readonly<Record<string, string>>): string => {
	try {
		parse(text, environment);
		return 'none';
	} catch (error) {
		if (error instanceof RigFileError) return error.message;
		throw error;
	}
};

test('a rig is read with its units, what its types say, and what a virtual board brings itself', (t) => {
	const { boards, groups, name } = parse(GOOD);
	t.is(name, 'bench');
	t.deepEqual(groups, { all: ['esp-1', 'esp-2'] });
	const [esp1, esp2, , , sim] = boards;
	t.like(esp1, { name: 'esp-1', backend: 'real', console: { address: { kind: 'usb', match: { usbPath: '1-1.2' } }, baud: 115_200, openWhen: 'before-power' } });
	t.like(esp1?.power, { driver: 'gpio-relay', offTime: 1_500, settle: 50, safe: 'unpowered', activeLow: false, sense: { kind: 'none' } });
	t.like(esp1?.lines.reset, { gpio: { chip: 'gpiochip0', line: 'GPIO17' }, activeLow: true, drive: 'push-pull', idle: 'inactive', pulse: 100 });
	t.like(esp1?.flasher, { tool: 'esptool', address: { kind: 'usb', match: { usbPath: '1-1.2' } } });
	t.is(esp1?.flasher?.areas['secondary']?.size, 1_536 * 1_024);
	t.true(esp1?.type.console.panic[0]?.test("x\nGuru Meditation Error: Core  0 panic'ed"));
	t.is(esp1?.type.console.boot.exec('garbage\nrst:0x1 (POWERON_RESET),boot')?.groups?.['reset'], 'POWERON_RESET');
	t.is(esp2?.console.baud, 9_600);
	t.is(esp2?.power?.offTime, 10_000);
	t.like(sim, {
		console: { address: { kind: 'backend' }, lines: 'none', baud: 500_000 },
		lines: { reset: { gpio: { chip: 'virtual', line: 'RESET' }, activeLow: true } },
	});
	t.like(sim?.power, { driver: 'virtual', sense: { kind: 'gpio-in', gpio: { line: 'SENSE' } } });
});

test('a secret shows in nothing that is printed', (t) => {
	const rig = parse(GOOD);
	const power = rig.boards[1]?.power;
	t.is(power?.driver === 'shelly-gen2' ? power.password?.reveal(ENVIRONMENT) : undefined, 'swordfish');
	for (const printed of [JSON.stringify(rig), inspect(rig, { depth: 9 }), `${power?.driver === 'shelly-gen2' ? power.password : ''}`]) {
		t.true(printed.includes(env('PLUG_PASSWORD')));
		t.false(printed.includes('swordfish'));
	}
});

const CONSOLE_2 = '{ usbPath: 1-1.3 }';
const POWER_1 = '      line: { chip: gpiochip0, line: GPIO22 }';

/** What is changed in the good file, and the one line that says so. */
const BAD: readonly (readonly [title: string, from: string, to: string, message: string | RegExp])[] = [
	['a key that is not known', 'rig: bench', 'rig: bench\ncolour: red', "bench.yaml:3: colour: a key of the rig file was expected, got 'colour'"],
	[
		'a key of a driver that is not known',
		POWER_1,
		`${POWER_1}\n      ofTime: 5s`,
		"bench.yaml:13: boards.esp-1.power.ofTime: a key of the rig file was expected, did you mean offTime?, got 'ofTime'",
	],
	[
		'a key of another driver',
		POWER_1,
		`${POWER_1}\n      retries: 5`,
		"bench.yaml:13: boards.esp-1.power.retries: a key of the rig file was expected, got 'retries'",
	],
	[
		'a port that changes its name',
		CONSOLE_2,
		'{ usbPath: 1-1.3 }, path: /dev/ttyUSB1',
		/^bench\.yaml:15: boards\.esp-2\.serial\.console\.path: a port by its USB identity was expected .*, got '\/dev\/ttyUSB1'$/,
	],
	['another such port', '/dev/ttyAMA0', '/dev/ttyACM0', /^bench\.yaml:22: boards\.esp-3\.serial\.console\.path: .*, got '\/dev\/ttyACM0'$/],
	[
		'a port by nothing that is its own',
		CONSOLE_2,
		"{ vendor: '0403' }",
		/^bench\.yaml:15: boards\.esp-2\.serial\.console\.match: usbPath or serial was expected/,
	],
	[
		'a USB id that YAML takes for a number',
		CONSOLE_2,
		'{ usbPath: 1-1.3, vendor: 0403 }',
		"bench.yaml:15: boards.esp-2.serial.console.match.vendor: four hex digits were expected, in quotes ('0403'), got 403",
	],
	[
		'a bare GPIO number',
		'{ chip: gpiochip0, line: GPIO17 }',
		'17',
		/^bench\.yaml:9: boards\.esp-1\.lines\.reset\.gpio: a GPIO line by chip and name was expected .*, got 17$/,
	],
	[
		'a bare GPIO number for a name',
		'line: GPIO17',
		'line: 17',
		/^bench\.yaml:9: boards\.esp-1\.lines\.reset\.gpio\.line: a GPIO line by chip and name .*, got 17$/,
	],
	[
		'a bare GPIO number in quotes',
		'line: GPIO17',
		"line: '17'",
		/^bench\.yaml:9: boards\.esp-1\.lines\.reset\.gpio\.line: a GPIO line by chip and name .*, got '17'$/,
	],
	['a baud rate in words', 'baud: 9600', 'baud: fast', "bench.yaml:15: boards.esp-2.serial.console.baud: a baud rate was expected (115200), got 'fast'"],
	['one modem line alone', 'baud: 9600', 'lines: { dtr: inactive }', /^bench\.yaml:15: boards\.esp-2\.serial\.console\.lines: both modem lines were expected/],
	[
		'a duration without a unit',
		POWER_1,
		`${POWER_1}\n      settle: 50`,
		'bench.yaml:13: boards.esp-1.power.settle: a duration with its unit was expected (250us, 1500ms, 5s, 10m), got 50',
	],
	[
		'a voltage without a unit',
		POWER_1,
		`${POWER_1}\n      sense: { kind: ina219, bus: i2c-1, offBelow: 0.3 }`,
		'bench.yaml:13: boards.esp-1.power.sense.offBelow: a voltage with its unit was expected (0.3V, 300mV), got 0.3',
	],
	[
		'a driver that is none',
		'driver: gpio-relay',
		'driver: gpio-rely',
		/^bench\.yaml:11: boards\.esp-1\.power\.driver: a power driver was expected: .*, got 'gpio-rely'$/,
	],
	['a boolean of YAML 1.1', 'activeLow: true', 'activeLow: yes', "bench.yaml:9: boards.esp-1.lines.reset.activeLow: true or false was expected, got 'yes'"],
	[
		'a state by a bare word',
		POWER_1,
		`${POWER_1}\n      safe: off`,
		"bench.yaml:13: boards.esp-1.power.safe: one of unpowered, powered, keep was expected, got 'off'",
	],
	['a board named by such a word', '  sim:', '  on:', /^bench\.yaml:28: boards\.on: a word that every YAML reader takes for text was expected, got on/],
	['a note of such a word', '  sim:', '  sim:\n    notes: Off', /^bench\.yaml:29: boards\.sim\.notes: a word .* got Off/],
	[
		'a literal password',
		env('PLUG_PASSWORD'),
		'hunter2',
		/^bench\.yaml:19: boards\.esp-2\.power\.password: a secret by the name .* got a value that is not shown$/,
	],
	[
		'a numeric password',
		env('PLUG_PASSWORD'),
		'12345',
		/^bench\.yaml:19: boards\.esp-2\.power\.password: a secret by the name .* got a value that is not shown$/,
	],
	['a password in an address', 'mqtt://127.0.0.1:1883', 'mqtt://rig:hunter2@127.0.0.1', /^bench\.yaml:3: broker\.url: .*got 'mqtt:\/\/…@127\.0\.0\.1'$/],
	[
		'a secret that is not set',
		env('PLUG_PASSWORD'),
		env('OTHER'),
		'bench.yaml:19: boards.esp-2.power.password: the environment variable OTHER was expected to hold it, it is not set',
	],
	[
		'a secret among arguments',
		`driver: shelly-gen2\n      host: plug-1\n      password: ${env('PLUG_PASSWORD')}`,
		`driver: command\n      powerOn: [x]\n      powerOff: [x, '${env('A')}']`,
		/^bench\.yaml:19: boards\.esp-2\.power\.powerOff\[1\]: a word without a secret was expected/,
	],
	[
		'a service on an interface and an address',
		'groups:',
		'service: { interface: eth1, host: 10.0.0.1 }\ngroups:',
		/^bench\.yaml:31: service: interface or host was expected, one of them/,
	],
	['a service nowhere', 'groups:', 'service: { port: 1883 }\ngroups:', /^bench\.yaml:31: service: interface or host was expected, one of them/],
	[
		'a port beyond the last',
		'groups:',
		'service: { host: 10.0.0.1, port: 70000 }\ngroups:',
		/^bench\.yaml:31: service\.port: a TCP port was expected, .*, got 70000$/,
	],
	[
		'a client of a board without a network',
		'    backend: virtual',
		'    backend: virtual\n    network: { client: c-1 }',
		'bench.yaml:31: boards.sim.network: a type with a network of its own was expected (network: { lines, taken }), virtual-avr has none',
	],
	[
		"a board's secret in clear",
		POWER_1,
		`${POWER_1}\n    network: { secret: hunter2 }`,
		/^bench\.yaml:13: boards\.esp-1\.network\.secret: a secret by the name .* got a value that is not shown$/,
	],
	[
		"a board's secret that is not set",
		POWER_1,
		`${POWER_1}\n    network: { secret: '${env('OTHER')}' }`,
		'bench.yaml:13: boards.esp-1.network.secret: the environment variable OTHER was expected to hold it, it is not set',
	],
	[
		'a client id of two boards',
		POWER_1,
		`${POWER_1}\n    network: &who { client: c-1 }\n  esp-0: { type: esp32-devkit, serial: { console: { path: /dev/ttyS0 } }, network: *who }`,
		/^bench\.yaml:14: boards\.esp-0\.network(\.client)?: something of its own was expected, got the client id c-1, which is esp-1's/,
	],
	[
		'a port of two boards',
		CONSOLE_2,
		'{ usbPath: 1-1.2, iface: 0 }',
		"bench.yaml:15: boards.esp-2.serial.console.match: something of its own was expected, got the serial port, which is esp-1's (serial.console.match)",
	],
	[
		'a path of two boards',
		'/dev/ttyAMA1',
		'/dev/ttyAMA0',
		"bench.yaml:26: boards.esp-4.serial.console.path: something of its own was expected, got the serial port, which is esp-3's (serial.console.path)",
	],
	[
		'a line twice on one board',
		'line: GPIO22',
		'line: GPIO17',
		'bench.yaml:12: boards.esp-1.power.line: something of its own was expected, got the line GPIO17 of gpiochip0, which is its lines.reset.gpio already',
	],
	[
		'a relay channel of two boards',
		'channel: 2',
		'channel: 1',
		"bench.yaml:27: boards.esp-4.power.channel: something of its own was expected, got channel 1 of the relay, which is esp-3's (power.channel)",
	],
	[
		'a relay on the port of a console',
		'path: /dev/ttyAMA0',
		'match: { usbPath: 1-1.4 }',
		'bench.yaml:23: boards.esp-3.power.match: something of its own was expected, got the serial port, which is its serial.console.match already',
	],
	[
		'a plug of two boards',
		'power: { driver: serial-relay, match: { usbPath: 1-1.4 }, channel: 1 }',
		'power: { driver: tasmota-http, host: PLUG-1, channel: 0 }',
		/^bench\.yaml:23: boards\.esp-3\.power\.channel: the number of the output was expected, the first is 1, got 0$/,
	],
	[
		'a shelly of two boards',
		'power: { driver: serial-relay, match: { usbPath: 1-1.4 }, channel: 1 }',
		'power: { driver: shelly-gen1, host: PLUG-1 }',
		"bench.yaml:23: boards.esp-3.power.host: something of its own was expected, got output 0 of the plug at PLUG-1, which is esp-2's (power.host)",
	],
	[
		'a hub port of two boards',
		'power: { driver: serial-relay, match: { usbPath: 1-1.4 }, channel: 1 }',
		'power: &hub { driver: uhubctl, location: 1-1, port: 2 }\n  esp-5:\n    type: generic\n    serial: { console: { path: /dev/ttyAMA7 } }\n    power: *hub',
		"bench.yaml:27: boards.esp-5.power.port: something of its own was expected, got port 2 of hub 1-1, which is esp-3's (power.port)",
	],
	[
		'a type that is none',
		'type: esp32-devkit',
		'type: esp32-devkti',
		/^bench\.yaml:6: boards\.esp-1\.type: a built-in board type \(.*generic.*\) or the path of one .* got 'esp32-devkti'; did you mean esp32-devkit\?$/,
	],
	[
		'a file of a type that is not there',
		'type: esp32-devkit',
		'type: ./none.yaml',
		/^bench\.yaml:6: boards\.esp-1\.type: the file of a board type was expected, .*none\.yaml cannot be read: ENOENT$/,
	],
	[
		'a group of a board that is none',
		'[esp-1, esp-2]',
		'[esp-1, esp-22]',
		/^bench\.yaml:31: groups\.all\[1\]: a board of the rig was expected .*got esp-22; did you mean esp-2\?$/,
	],
	[
		'a name with capitals',
		'  sim:',
		'  Sim:',
		"bench.yaml:28: boards.Sim: the name of a board was expected: small letters, digits and -, at most 40, got 'Sim'",
	],
	[
		'a real board without a console',
		'serial: { console: { path: /dev/ttyAMA0 } }',
		'fixtures: []',
		/^bench\.yaml:20: boards\.esp-3: the port of its console was expected/,
	],
	[
		'a virtual board with a port',
		'    backend: virtual',
		'    backend: virtual\n    serial: { console: { path: /dev/ttyAMA9 } }',
		/^bench\.yaml:31: boards\.sim\.serial\.console: a board with backend virtual makes its console itself/,
	],
	[
		'a real supply of a virtual board',
		'    backend: virtual',
		'    backend: virtual\n    power: { driver: uhubctl, location: 1-1, port: 1 }',
		/^bench\.yaml:31: boards\.sim\.power\.driver: the driver virtual was expected/,
	],
	[
		'a QEMU board of a type that names no machine',
		'    backend: virtual',
		'    backend: qemu',
		/^bench\.yaml:\d+: boards\.sim\.type: a type with a machine for backend qemu was expected \(qemu: \{ machine: virt-uboot \}\)/,
	],
	[
		'a port that changes its name, by a detour',
		'/dev/ttyAMA0',
		'/dev/./../dev/ttyACM0',
		/^bench\.yaml:22: boards\.esp-3\.serial\.console\.path: a port by its USB identity/,
	],
	[
		'a port that another board knows by its serial number alone',
		'    backend: virtual',
		'    backend: virtual\n  esp-5: { type: generic, serial: { console: { match: { usbPath: 1-1.5, serial: X1 } } } }\n  esp-6: { type: generic, serial: { console: { match: { serial: x1 } } } }',
		"bench.yaml:32: boards.esp-6.serial.console.match: something of its own was expected, got the serial port, which is esp-5's (serial.console.match)",
	],
	[
		'a current sensor of two boards',
		POWER_1,
		`${POWER_1}\n      sense: &sense { kind: ina219, bus: i2c-1, offBelow: 0.3V }\n  esp-0: { type: generic, serial: { console: { path: /dev/ttyS0 } }, power: { driver: uhubctl, location: 1-1, port: 1, sense: *sense } }`,
		/^bench\.yaml:14: boards\.esp-0\.power\.sense(\.address)?: something of its own was expected, got the sensor at 0x40 of i2c-1, which is esp-1's/,
	],
	[
		'a relay that is asked how it is',
		POWER_1,
		`${POWER_1}\n      sense: { kind: driver }`,
		/^bench\.yaml:13: boards\.esp-1\.power\.sense\.kind: gpio-in, ina219, command, console-silence or none was expected: a supply with driver gpio-relay/,
	],
	[
		'a line that is to be released and is not there',
		POWER_1,
		`${POWER_1}\n      backfeed: [reset, boot]`,
		'bench.yaml:13: boards.esp-1.power.backfeed[1]: a line that the board has was expected, lines.boot is not named',
	],
	[
		'a console that cannot be held low',
		'    backend: virtual',
		'    backend: virtual\n  esp-6: { type: generic, serial: { console: { path: /dev/ttyS6, lines: none } }, power: { driver: uhubctl, location: 1-1, port: 2, backfeed: [console] } }',
		/^bench\.yaml:31: boards\.esp-6\.power\.backfeed\[0\]: a console whose transmit line can be held low was expected/,
	],
	[
		'a way for updates that its type has not',
		'    backend: virtual',
		'    backend: virtual\n  esp-7: { type: generic, serial: { console: { path: /dev/ttyS7 } }, updates: [serial] }',
		/: boards\.esp-7\.updates\[0\]: one of the ways of generic was expected \(it has none\), got serial$/,
	],
	['a plug on MQTT without a broker', 'broker: { url: mqtt://127.0.0.1:1883 }\n', '', 'none'],
	['YAML that is none', 'rig: bench', 'rig: [bench', /^bench\.yaml:\d+: rig file: YAML was expected, got: /],
	['a key given twice', 'rig: bench', 'rig: bench\nrig: other', 'bench.yaml:3: rig file: every key once was expected, got rig again'],
	['a second document', 'groups:', '---\ngroups:', 'bench.yaml:31: rig file: one document was expected, got another behind ---'],
	['what is no text', 'rig: bench', 'rig: "\\e[2J\\0"', /^bench\.yaml:2: rig: .*, got '\ufffd\[2J\ufffd'$/],
	['no boards', GOOD.slice(GOOD.indexOf('boards:')), 'boards: {}\n', 'bench.yaml:4: boards: at least one board was expected, got an empty mapping'],
	['another schema', 'rig/v1', 'rig/v2', "bench.yaml:1: schema: rig/v1 was expected, got 'rig/v2'"],
];

for (const [title, from, to, message] of BAD) {
	test(`${title} is told by file, line and key`, (t) => {
		const text = GOOD.replace(from, () => to);
		t.not(text, GOOD);
		const problems = problemsOf(text).split('\n');
		t.true(
			problems.some((line) => (typeof message === 'string' ? line === message : message.test(line))),
			problems.join('\n'),
		);
		t.false(problems.some((line) => /hunter2|12345/.test(line)));
		if (message === 'none') t.is(problems.length, 1);
	});
}

test('a plug on MQTT needs a broker, its own or the rig its is on', (t) => {
	const text = GOOD.replace('{ driver: serial-relay, match: { usbPath: 1-1.4 }, channel: 1 }', '{ driver: tasmota-mqtt, topic: plug }');
	t.is(problemsOf(text), 'none');
	t.regex(
		problemsOf(text.replace('broker: { url: mqtt://127.0.0.1:1883 }\n', '')),
		/^bench\.yaml:22: boards\.esp-3\.power\.broker: the broker of the plug was expected/,
	);
});

test('every problem is told, in the order of the lines, and one that is wrong hides none elsewhere', (t) => {
	const text = GOOD.replace('rig: bench', 'rig: Bench')
		.replace(CONSOLE_2, '{ usbPath: 1-1.2 }')
		.replace('channel: 2', 'channel: 1')
		.replace('type: virtual-avr', 'type: virtual-arv');
	t.deepEqual(
		problemsOf(text)
			.split('\n')
			.map((line) => line.split(':').slice(1, 3).join(':')),
		['2: rig', '15: boards.esp-2.serial.console.match', '27: boards.esp-4.power.channel', '29: boards.sim.type'],
	);
});

test("a type of one's own is read from beside the rig file, its mistakes are told with its own lines, and the hash is over both", (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-rig-file-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	mkdirSync(join(folder, 'types'));
	const type = readFileSync(join(RIGS, 'types/generic.yaml'), 'utf8')
		.replace('boot: 60s', 'boot: 61s')
		.concat('images: { golden: { file: golden.bin, version: "1.0" } }\n');
	const rig =
		'schema: rig/v1\nrig: mine\nboards:\n  a: { type: ./types/mine.yaml, serial: { console: { path: /dev/ttyS0 } }, images: { bad: { file: bad.bin, version: "2" } } }\n';
	writeFileSync(join(folder, 'types/mine.yaml'), type);
	writeFileSync(join(folder, 'rig.yaml'), rig);
	const first = openRigFile('rig.yaml', { directory: folder });
	t.is(first.boards[0]?.type.timings.boot, 61_000);
	t.deepEqual([first.boards[0]?.images.golden?.file, first.boards[0]?.images.bad?.file], [join(folder, 'types/golden.bin'), join(folder, 'bad.bin')]);
	t.regex(first.sha256, /^[0-9a-f]{64}$/);
	t.is(openRigFile('rig.yaml', { directory: folder }).sha256, first.sha256);
	writeFileSync(join(folder, 'types/mine.yaml'), `${type}# changed\n`);
	t.not(openRigFile('rig.yaml', { directory: folder }).sha256, first.sha256);

	writeFileSync(join(folder, 'types/mine.yaml'), type.replace('[Pp]anic', '[Pp').replace('boot: 61s', 'boots: 61s'));
	const { message } = t.throws(() => openRigFile('rig.yaml', { directory: folder }), { instanceOf: RigFileError });
	t.regex(message, /^types\/mine\.yaml:15: console\.panic\[0\]: what a panic looks like was expected, a regular expression, got '\[Pp'$/m);
	t.regex(message, /^types\/mine\.yaml:18: timings\.boots: a key of the board type was expected, did you mean boot\?, got 'boots'$/m);
	t.throws(() => openRigFile('none.yaml', { directory: folder }), { code: 'ENOENT' });

	const esp = readFileSync(join(RIGS, 'types/esp32-devkit.yaml'), 'utf8').replace('order: flasher-first', 'order: console-first');
	writeFileSync(join(folder, 'types/mine.yaml'), esp);
	t.throws(() => openRigFile('rig.yaml', { directory: folder }), {
		message: /^rig\.yaml:\d+: boards\.\S+: a port of its own was expected for esptool .*order: console-first of esp32-devkit keeps open/,
	});
	writeFileSync(join(folder, 'types/mine.yaml'), esp.replace('console-first', 'flasher-first'));
	t.notThrows(() => openRigFile('rig.yaml', { directory: folder }));
	for (const [from, to, says] of [
		[
			'mqtt.client {client}',
			'mqtt.client {name}',
			/network\.lines\[1\]\.send: a line to send was expected; \{host\}, \{port\}, \{client\}, \{secret\} are filled in/,
		],
		['  takesEffect:', '  command: [provision]\n  takesEffect:', /network: lines or command was expected, not both/],
		['  taken:', '  token:', /network\.taken: what its console says once it has all of an image/],
	] as const) {
		writeFileSync(join(folder, 'types/mine.yaml'), readFileSync(join(RIGS, 'types/esp32-devkit.yaml'), 'utf8').replace(from, to));
		t.throws(() => openRigFile('rig.yaml', { directory: folder }), { message: says });
	}
});

for (const file of readdirSync(join(RIGS, 'examples'))
	.map((name) => `examples/${name}`)
	.concat('virtual.yaml', 'network.yaml')) {
	test(`${file} is a rig file as documented`, (t) => {
		const text = readFileSync(join(RIGS, file), 'utf8');
		const rig = openRigFile(join(RIGS, file), { environment: ENVIRONMENT });
		t.true(rig.boards.length >= 2);
		t.true(rig.boards.every(({ power }) => power !== undefined));
		t.regex(text, /^(#.*\n){3,}schema:/m, 'it says what it is for');
	});
}

for (const [file, schema] of Object.entries(createJsonSchemas())) {
	test(`rigs/${file} is what the schema gives: print it with \`blackstart rig schema\``, (t) => {
		t.deepEqual(JSON.parse(readFileSync(join(RIGS, file), 'utf8')), JSON.parse(JSON.stringify(schema)));
	});
}

test('whatever stands in place of any value, it is read or refused with a line, and never breaks', (t) => {
	const board = { type: 'generic', serial: { console: { match: { usbPath: '1-1' } } }, power: { driver: 'uhubctl', location: '1', port: 1 } };
	const keys = ['backend', 'virtual', 'identity', 'serial', 'lines', 'power', 'flasher', 'fixtures', 'limits', 'updates', 'images', 'type', 'notes'];
	fc.assert(
		fc.property(fc.constantFrom(...keys), fc.jsonValue(), (key, value) => {
			const problems = problemsOf(stringify({ schema: 'rig/v1', rig: 'x', boards: { a: { ...board, [key]: value } }, groups: key === 'notes' ? value : {} }));
			return problems === 'none' || problems.split('\n').every((line) => /^bench\.yaml:\d+: .+: .+/.test(line));
		}),
		{ seed: 7, numRuns: 300 },
	);
	t.pass();
});
