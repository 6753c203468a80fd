import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { acquireLease, markBroken } from '../leases/index.js';
import { parseRigFile, type UsbMatch } from '../rig-file/index.js';
import { makeMachine, plugIn } from './fake-machine.test.support.js';
import {
	createRigSkeleton,
	type Diagnosis,
	examineHost,
	findSerialPort,
	findServiceAddress,
	listGpioChips,
	listSerialPorts,
	listUsbHubs,
	type RigHost,
} from './index.js';

const GPIOINFO_1 = `gpiochip0 - 54 lines:
	line   0:     "ID_SDA"       unused   input  active-high
	line  17:     "GPIO17"      "relay"  output  active-high [used]
	line  22:     "GPIO22"       unused   input  active-high
	line  23:      unnamed       unused   input  active-high
`;
const GPIOINFO_2 = `gpiochip0 - 54 lines:
	line   0:	"ID_SDA"        	input
	line  17:	"GPIO17"        	output consumer="relay"
	line  22:	"GPIO22"        	input
	line  23:	unnamed         	input
`;
const UHUBCTL = `Current status for hub 1-1 [0424:9514, USB 2.00, 5 ports, ppps]
  Port 2: 0103 power enable connect [0403:6001 FTDI FT232R USB UART A5]
`;

const withBench = (t: Parameters<typeof makeMachine>[0]) => {
	const machine = makeMachine(t);
	plugIn(machine, { name: 'ttyUSB0', usbPath: '1-1.2', serial: '0001', latencyMs: 16 });
	plugIn(machine, { name: 'ttyUSB1', usbPath: '1-1.3', serial: 'SAME' });
	plugIn(machine, { name: 'ttyUSB10', usbPath: '1-1.4', iface: 1, serial: 'same', latencyMs: 1 });
	plugIn(machine, { name: 'ttyACM0', usbPath: '1-1.5', iface: 2 });
	machine.write('sys/devices/platform/serial8250/tty/ttyS0/type', '4\n');
	machine.link('sys/devices/platform/serial8250/tty/ttyS0/device', '../../../serial8250');
	machine.link('sys/class/tty/ttyS0', '../../devices/platform/serial8250/tty/ttyS0');
	machine.write('sys/devices/platform/serial8250/tty/ttyS1/type', '0\n');
	machine.link('sys/devices/platform/serial8250/tty/ttyS1/device', '../../../serial8250');
	machine.link('sys/class/tty/ttyS1', '../../devices/platform/serial8250/tty/ttyS1');
	machine.write('sys/devices/virtual/tty/tty7/type', '1\n');
	machine.link('sys/class/tty/tty7', '../../devices/virtual/tty/tty7');
	machine.write('sys/class/tty/console/active', 'tty0 ttyS0\n');
	machine.write('dev/ttyS0', '', 0o660);
	for (const [name, file, value] of [
		['usb1', 'maxchild', '1'],
		['1-1', 'maxchild', '5'],
		['1-1', 'product', 'USB 2.0 Hub'],
	]) {
		machine.write(`sys/bus/usb/devices/${name}/bDeviceClass`, '09\n');
		machine.write(`sys/bus/usb/devices/${name}/${file}`, `${value}\n`);
	}
	machine.write('dev/gpiochip0', '', 0o660);
	machine.write('proc/12/comm', 'systemd\n');
	machine.write('proc/sys/user/max_user_namespaces', '1000\n');
	return machine;
};

test('serial ports are found with their USB identity, by sysfs alone', (t) => {
	const ports = listSerialPorts(withBench(t).look());
	t.deepEqual(
		ports.map(({ path }) => path),
		['/dev/ttyACM0', '/dev/ttyS0', '/dev/ttyUSB0', '/dev/ttyUSB1', '/dev/ttyUSB10'],
	);
	t.deepEqual(ports[2], {
		path: '/dev/ttyUSB0',
		stablePaths: ['/dev/serial/by-path/pci-usb-1-1.2:1.0-port0'],
		driver: 'ftdi_sio',
		usb: { usbPath: '1-1.2', iface: 0, port: 0, vendor: '0403', product: '6001', serial: '0001', name: 'FTDI FT232R USB UART' },
		latencyMs: 16,
		isKernelConsole: false,
	});
	t.like(ports[0], { driver: 'cdc_acm', usb: { usbPath: '1-1.5', iface: 2, serial: undefined }, latencyMs: undefined });
	t.like(ports[1], { usb: undefined, isKernelConsole: true });
});

test('a port is found by what the rig file says of it, and what is ambiguous or absent is told with what there is', (t) => {
	const machine = withBench(t);
	const host = machine.look();
	const find = (match: UsbMatch): string => findSerialPort({ kind: 'usb', match }, host);
	t.is(find({ usbPath: '1-1.4' }), '/dev/ttyUSB10');
	t.is(find({ serial: 'same', iface: 1 }), '/dev/ttyUSB10');
	t.is(find({ serial: '0001', vendor: '0403' }), '/dev/ttyUSB0');
	t.throws(() => find({ serial: 'Same' }), {
		code: 'port-ambiguous',
		message: /^serial port serial Same: one was expected, 2 are like it: \/dev\/ttyUSB1 \(usbPath 1-1\.3, iface 0, serial SAME\), \/dev\/ttyUSB10/,
	});
	t.throws(() => find({ usbPath: '1-1.4', iface: 0 }), {
		code: 'port-absent',
		message: /^serial port usbPath 1-1\.4, iface 0: nothing like it is plugged in; plugged in: \/dev\/ttyACM0/,
	});
	t.is(findSerialPort({ kind: 'path', path: '/dev/serial/by-path/pci-usb-1-1.2:1.0-port0' }, host), '/dev/serial/by-path/pci-usb-1-1.2:1.0-port0');
	t.throws(() => findSerialPort({ kind: 'path', path: '/dev/ttyAMA0' }, host), { code: 'port-absent' });
	t.throws(() => findSerialPort({ kind: 'usb', match: { usbPath: '1-1' } }, makeMachine(t).look()), { message: /no serial port is plugged in/ });
});

for (const [version, text] of Object.entries({ 1: GPIOINFO_1, 2: GPIOINFO_2 })) {
	test(`lines of GPIO chips are read from gpioinfo ${version}`, async (t) => {
		const chips = await listGpioChips(withBench(t).look({ 'gpioinfo ': text, gpioinfo: text, gpiodetect: 'gpiochip0 [pinctrl-bcm2711] (54 lines)\n' }));
		t.deepEqual(chips, [
			{
				name: 'gpiochip0',
				label: 'pinctrl-bcm2711',
				lines: [
					{ offset: 0, name: 'ID_SDA', isUsed: false },
					{ offset: 17, name: 'GPIO17', isUsed: true },
					{ offset: 22, name: 'GPIO22', isUsed: false },
					{ offset: 23, name: undefined, isUsed: false },
				],
			},
		]);
	});
}

const discover = async (host: RigHost): Promise<string> =>
	createRigSkeleton({ ports: listSerialPorts(host), chips: await listGpioChips(host), hubs: await listUsbHubs(host) }, { name: 'Rig-Pi.lab' });

test('what is found is printed as a rig file that is valid as it stands, with what else there is', async (t) => {
	const host = withBench(t).look({ gpioinfo: GPIOINFO_1, gpiodetect: '', uhubctl: UHUBCTL });
	const text = await discover(host);
	const rig = parseRigFile(text, { path: 'found.yaml' });
	t.is(rig.name, 'rig-pi-lab');
	t.deepEqual(
		rig.boards.map(({ console }) => (console.address.kind === 'usb' ? findSerialPort(console.address, host) : '')),
		['/dev/ttyACM0', '/dev/ttyUSB0', '/dev/ttyUSB1', '/dev/ttyUSB10'],
	);
	t.is(rig.boards[1]?.identity.usbSerial, '0001');
	t.regex(text, /^# GPIO: gpiochip0: free lines: ID_SDA, GPIO22$/m);
	t.regex(text, /^# USB hub 1-1 \(USB 2\.0 Hub\), 5 ports: switches each port \(driver uhubctl\)$/m);
	t.regex(text, /^# USB hub 1, 1 ports: does not switch its ports$/m);
	t.regex(text, /^ {4}# power: \{ driver: uhubctl, location: '1-1', port: 2, /m);
	t.notRegex(text, / $/m);
	const hinted = text.replaceAll(/^ {4}# (power: \{ driver: uhubctl.*?\}) +#.*$/gm, '    $1');
	t.is(parseRigFile(hinted, { path: 'found.yaml' }).boards[1]?.power?.driver, 'uhubctl');
});

test('lines that a chip gives no name are told by their place on it', (t) => {
	const lines = [0, 1].map((offset) => ({ offset, name: undefined, isUsed: false }));
	const text = createRigSkeleton({ ports: [], chips: [{ name: 'gpiochip0', label: 'pinctrl-x', lines }], hubs: [] }, { name: 'x' });
	t.regex(text, /^# GPIO: gpiochip0 \(pinctrl-x\): none of its lines has a name: say \{ chip: pinctrl-x, line: 'line 0' \} to 'line 1'$/m);
	const wired = text.replace(
		'backend: virtual }',
		"backend: virtual }\n  a: { type: generic, serial: { console: { path: /dev/ttyS0 } }, lines: { reset: { gpio: { chip: pinctrl-x, line: 'line 1' } } } }",
	);
	t.is(parseRigFile(wired, { path: 'x.yaml' }).boards[1]?.lines.reset?.gpio.line, 'line 1');
});

test('where nothing is plugged in, the file that is printed has a virtual board', async (t) => {
	const rig = parseRigFile(await discover(makeMachine(t).look()), { path: 'found.yaml' });
	t.deepEqual(
		rig.boards.map(({ backend }) => backend),
		['virtual'],
	);
});

const say = (diagnoses: readonly Diagnosis[]): string =>
	diagnoses
		.flatMap(({ topic, findings }) => findings.map(({ state, what, remedy }) => `${topic}: ${state}: ${what}${remedy === undefined ? '' : ` -> ${remedy}`}`))
		.join('\n');

const GOOD_PROGRAMS = {
	'stty --version': 'stty',
	'gpioset --version': 'gpioset (libgpiod) v2.1.3',
	'qemu-system-arm --version': 'QEMU emulator version 10.0.2',
};

test('a machine on which all is well has nothing wrong, and what is not needed is no fault', async (t) => {
	const machine = withBench(t);
	const said = say(await examineHost(machine.look(GOOD_PROGRAMS), { rig: undefined, opensPorts: false }));
	t.notRegex(said, /: wrong: /);
	t.regex(said, /^serial ports: good: \/dev\/ttyUSB0 may be read and written$/m);
	t.regex(
		said,
		/^FTDI latency: doubtful: \/dev\/ttyUSB0: bytes wait up to 16 ms .* -> echo 1 \| sudo tee \/sys\/bus\/usb-serial\/devices\/ttyUSB0\/latency_timer/m,
	);
	t.regex(said, /^FTDI latency: good: \/dev\/ttyUSB10: bytes wait 1 ms/m);
	t.regex(said, /^GPIO: good: gpioset of libgpiod v2\.1\.3 holds lines/m);
	t.regex(said, /^programs of drivers: absent: uhubctl is not installed .* -> sudo apt-get install uhubctl$/m);
	t.regex(said, /^QEMU: good: QEMU 10\.0/m);
	t.regex(said, /^user namespaces: good/m);
	t.regex(said, /^locks of other programs: good/m);
	t.regex(said, /^leases and broken boards: good: no board is held, none is marked broken$/m);
});

/** What is done to the good machine, what the doctor says of it, and the remedy. */
const ILLS: readonly (readonly [
	title: string,
	ail: (machine: ReturnType<typeof makeMachine>) => void,
	said: RegExp,
	options?: { readonly programs?: Readonly<Record<string, string>>; readonly rig?: string; readonly opensPorts?: boolean; readonly user?: boolean },
])[] = [
	[
		'a port for others',
		({ write }) => write('etc/group', `dialout:x:20:\nrigs:x:${process.getgid?.()}:\n`),
		/serial ports: wrong: \/dev\/ttyUSB0 may not be read and written by user 4711 \(group .*\) -> /,
		{ user: true },
	],
	[
		'a port without its device file',
		({ root }) => rmSync(join(root, 'dev/ttyUSB1')),
		/serial ports: wrong: \/dev\/ttyUSB1: the kernel has it, \/dev has not -> in a container/,
	],
	['ModemManager', ({ write }) => write('proc/77/comm', 'ModemManager\n'), /wrong: ModemManager runs: .* -> sudo systemctl disable --now ModemManager/],
	['brltty', ({ write }) => write('proc/78/comm', 'brltty\n'), /wrong: brltty runs/],
	['no stty', () => {}, /HUPCL: wrong: stty is not installed/, { programs: {} }],
	[
		'HUPCL that is set',
		() => {},
		/HUPCL: doubtful: \/dev\/ttyUSB1: DTR drops .* -> stty -F \/dev\/ttyUSB1 -hupcl/,
		{ programs: { ...GOOD_PROGRAMS, 'stty -F /dev/ttyUSB1 -a': 'speed 9600 baud; parenb hupcl -cstopb' }, opensPorts: true },
	],
	[
		'HUPCL that is cleared',
		() => {},
		/HUPCL: good: \/dev\/ttyUSB1: DTR stays/,
		{ programs: { ...GOOD_PROGRAMS, 'stty -F /dev/ttyUSB1 -a': 'speed 9600 baud; -parenb -hupcl' }, opensPorts: true },
	],
	['a port in use', () => {}, /HUPCL: wrong: \/dev\/ttyUSB1 cannot be opened/, { programs: GOOD_PROGRAMS, opensPorts: true }],
	['no tools for GPIO', () => {}, /GPIO: wrong: a GPIO chip and no way to its lines.* -> sudo apt-get install gpiod/, { programs: { 'stty --version': '' } }],
	[
		'sysfs alone for GPIO',
		({ write }) => write('sys/class/gpio/export'),
		/GPIO: doubtful: no gpioset: lines go by sysfs/,
		{ programs: { 'stty --version': '' } },
	],
	[
		'a rig with a hub and no uhubctl',
		() => {},
		/programs of drivers: wrong: uhubctl is not installed/,
		{ rig: 'power: { driver: uhubctl, location: 1-1, port: 2 }' },
	],
	['a rig whose flasher is not installed', () => {}, /programs of drivers: wrong: esptool is not installed .* -> pipx install esptool/, { rig: 'notes: x' }],
	[
		'an old QEMU',
		() => {},
		/QEMU: absent: QEMU 7\.2 runs the micro:bit; U-Boot boards need 10/,
		{ programs: { 'qemu-system-arm --version': 'QEMU emulator version 7.2.22' } },
	],
	[
		'no user namespaces',
		({ write }) => write('proc/sys/user/max_user_namespaces', '0\n'),
		/user namespaces: absent: .* -> sudo sysctl user\.max_user_namespaces/,
	],
	[
		'a lock of a dead program',
		({ write }) => write('run/lock/LCK..ttyUSB0', '      4242\n'),
		/locks of other programs: wrong: \/run\/lock\/LCK\.\.ttyUSB0: left behind by process 4242, which runs no more -> sudo rm/,
	],
	[
		'a lock of a program that runs',
		({ write }) => write('run/lock/LCK..ttyUSB0', '12\n'),
		/locks of other programs: doubtful: \/run\/lock\/LCK\.\.ttyUSB0: systemd \(process 12\) has this port/,
	],
	[
		'a lock of our own that was left',
		({ write }) => write('tmp/blackstart-ports/dev-ttyUSB0.lock', '{"pid":4242}'),
		/locks of serial ports: good: dev-ttyUSB0\.lock: left behind by process 4242; the next run takes it over/,
	],
	[
		'a broken board',
		({ root }) => markBroken({ rig: 'bench', board: 'esp-1' }, { environment: { XDG_STATE_HOME: root }, reason: 'silent', epochMs: 0 }),
		/leases and broken boards: wrong: board esp-1 of rig bench: marked broken since 1970.*: silent -> see to it, then: blackstart rig repair esp-1/,
	],
	[
		'a folder of leases that is none',
		({ root }) => writeFileSync(join(root, 'blackstart'), ''),
		/leases and broken boards: wrong: .*a folder .* -> remove what stands there/,
	],
];
for (const [title, ail, said, { programs = GOOD_PROGRAMS, rig, opensPorts = false, user = false } = {}] of ILLS) {
	test(`the doctor sees ${title}`, async (t) => {
		const machine = withBench(t);
		ail(machine);
		const parsed =
			rig === undefined
				? undefined
				: parseRigFile(`schema: rig/v1\nrig: x\nboards:\n  a:\n    type: esp32-devkit\n    serial: { console: { match: { usbPath: 1-1.2 } } }\n    ${rig}\n`, {
						path: 'x.yaml',
					});
		const host = machine.look(programs, user ? { userId: 4711, groupIds: [4711] } : {});
		const text = say(await examineHost(host, { rig: parsed, opensPorts }));
		t.regex(text, said);
	});
}

test('what the doctor looks at, it leaves as it was: who holds a board is told', async (t) => {
	const machine = withBench(t);
	const environment = { XDG_RUNTIME_DIR: machine.root, XDG_STATE_HOME: machine.root };
	await using lease = await acquireLease({ rig: 'bench', board: 'esp-1' }, { purpose: 'a test', waitMs: 0, environment });
	const said = say(await examineHost(machine.look(GOOD_PROGRAMS), { rig: undefined, opensPorts: false }));
	t.regex(said, new RegExp(`leases and broken boards: good: board esp-1 of rig bench: held by .*process ${process.pid} \\(a test\\)`));
	t.true(lease.isHeld);
});

test('boards are sent to the first IPv4 address of an interface, or to the address that is named', (t) => {
	const interfaces = {
		lo: [{ address: '127.0.0.1', family: 'IPv4' as const }],
		eth1: [
			{ address: 'fe80::1', family: 'IPv6' as const },
			{ address: '192.168.7.1', family: 'IPv4' as const },
		],
		eth2: [{ address: 'fe80::2', family: 'IPv6' as const }],
	};
	t.is(findServiceAddress({ interface: 'eth1' }, interfaces), '192.168.7.1');
	t.is(findServiceAddress({ host: '10.0.0.1' }, interfaces), '10.0.0.1');
	for (const name of ['eth2', 'eth9'])
		t.throws(() => findServiceAddress({ interface: name }, interfaces), {
			message: `service: interface ${name} was expected to have an IPv4 address, this machine has lo 127.0.0.1, eth1 192.168.7.1`,
		});
});
