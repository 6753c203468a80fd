import { readFileSync } from 'node:fs';
import { openSerialConsole, type SerialConsoleOptions } from '../drivers/console/index.js';
import { createRigHost, findSerialPort } from '../host/index.js';
import { assertEqual, type Checks, until } from './checks.js';

const WITHIN_MS = 20_000;
const ADAPTER = { kind: 'usb', match: { serial: 'BLACK1', iface: 0 } } as const;

/** Told to the host, which owns the other side of the machine. */
const order = (what: 'unplug' | 'plug' | 'say-hello'): void => void process.stdout.write(`ORDER ${what}\n`);

/** What the kernel drives on the second 16550: `RTS`, `DTR` … */
const modemLines = (): readonly string[] =>
	(/^1: uart:\S+ .*$/m.exec(readFileSync('/proc/tty/driver/serial', 'utf8'))?.[0] ?? '')
		.split(' ')
		.flatMap((word) => (/^[A-Z|]+$/.test(word) ? word.split('|') : []))
		.filter((word) => word === 'DTR' || word === 'RTS')
		.sort();

export const checkSerial = async (checks: Checks): Promise<void> => {
	const uart: SerialConsoleOptions = { name: 'uart', baudRate: 115_200, lines: { dtr: false, rts: false }, resolvePort: async () => '/dev/ttyS1' };
	await checks.check('16550: both modem lines are what the type says, and stay so after the port is closed', async () => {
		await using console = await openSerialConsole(uart);
		assertEqual(modemLines(), [], 'opened with both inactive');
		await console.setLines({ dtr: true, rts: false });
		assertEqual(modemLines(), ['DTR'], 'DTR alone');
		await console.setLines({ dtr: false, rts: true });
		assertEqual(modemLines(), ['RTS'], 'RTS alone');
		await console.setBreak(true);
		await console.setBreak(false);
		assertEqual(modemLines(), ['RTS'], 'after a break');
		await console.setLines({ dtr: true, rts: true });
		await console[Symbol.asyncDispose]();
		assertEqual(modemLines(), ['DTR', 'RTS'], 'closed: HUPCL is cleared');
	});
	await checks.check('16550: a command is echoed and answered', async () => {
		await using console = await openSerialConsole(uart);
		await console.command('ping', { withinMs: WITHIN_MS });
		await console.expect('pong', { withinMs: WITHIN_MS });
	});
	const host = createRigHost();
	const adapter: SerialConsoleOptions = {
		name: 'adapter',
		baudRate: 921_600,
		lines: { dtr: true, rts: false },
		resolvePort: async () => findSerialPort(ADAPTER, host),
		recordFile: '/tmp/adapter.log',
	};
	await checks.check('FTDI: found by its serial number, with modem lines, unplugged in the middle of a session and opened anew', async () => {
		await until(() => present(() => findSerialPort(ADAPTER, host)), { withinMs: WITHIN_MS, what: 'the adapter' });
		await using console = await openSerialConsole(adapter);
		await console.setLines({ dtr: false, rts: true });
		await console.command('ping', { withinMs: WITHIN_MS });
		await console.expect('pong', { withinMs: WITHIN_MS });
		const memory = process.memoryUsage().rss;
		const hello = console.expect('hello again', { withinMs: 2 * WITHIN_MS });
		hello.catch(() => undefined);
		order('unplug');
		await until(() => console.drops.length === 1, { withinMs: WITHIN_MS, what: 'the drop' });
		await until(() => !present(() => findSerialPort(ADAPTER, host)), { withinMs: WITHIN_MS, what: 'the absence of the adapter' });
		order('plug');
		await until(() => console.path !== undefined, { withinMs: WITHIN_MS, what: 'the reopening' });
		order('say-hello');
		await hello;
		await console.command('ping', { withinMs: WITHIN_MS });
		assertEqual(console.drops.length, 1, 'drops');
		assertEqual(readFileSync('/tmp/adapter.log', 'utf8').includes('hello again'), true, 'the file goes on');
		process.stdout.write(`# gone: ${console.drops[0]?.reason}; ${Math.round((process.memoryUsage().rss - memory) / 1024)} KiB more memory\n`);
	});
};

const present = (find: () => string): boolean => {
	try {
		find();
		return true;
	} catch {
		return false;
	}
};
