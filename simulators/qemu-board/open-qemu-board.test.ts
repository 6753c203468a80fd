import { existsSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { createInterface } from 'node:readline';
import test, { type ExecutionContext } from 'ava';
import { SerialPort } from 'serialport';
import { type QemuMachine, whyNoQemuBoard } from './machines.js';
import { microbitReleases } from './microbit/releases.js';
import { openQemuBoard } from './open-qemu-board.js';
import { ubootImage } from './uboot/releases.js';

const WITHIN_MS = 40_000;
const MOST_CUTS = 6;

const openConsole = async (path: string) => {
	const port = new SerialPort({ path, baudRate: 115_200, autoOpen: false });
	await new Promise<void>((resolve, reject) => port.open((error) => (error ? reject(error) : resolve())));
	let said = '';
	let wake = () => {};
	port.on('data', (bytes: Buffer) => {
		said += bytes.toString('latin1');
		wake();
	});
	const expect = async (text: string): Promise<string> => {
		const endMs = performance.now() + WITHIN_MS;
		while (!said.includes(text)) {
			if (performance.now() > endMs) throw new Error(`${JSON.stringify(text)} was expected, got ${JSON.stringify(said.slice(-400))}`);
			await new Promise<void>((resolve) => {
				const timer = setTimeout(resolve, 100);
				wake = () => {
					clearTimeout(timer);
					resolve();
				};
			});
		}
		const before = said.slice(0, said.indexOf(text));
		said = said.slice(said.indexOf(text) + text.length);
		return before;
	};
	return {
		expect,
		send: (text: string) => port.write(text),
		async command(line: string, prompt = '=> ') {
			port.write(`${line}\r`);
			await expect(`${line}\r\n`);
			return expect(prompt);
		},
		close: () => new Promise<void>((resolve) => port.close(() => resolve())),
	};
};

const isAlive = (pid: string): boolean => {
	try {
		return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
	} catch {
		return false;
	}
};

const openLines = (path: string) => {
	const lines = connect(path);
	const answers = createInterface({ input: lines })[Symbol.asyncIterator]();
	const tell = async (order: object): Promise<Readonly<Record<string, unknown>>> => {
		lines.write(`${JSON.stringify({ id: 1, ...order })}\n`);
		return JSON.parse((await answers.next()).value as string) as Readonly<Record<string, unknown>>;
	};
	return { tell, power: (value: boolean) => tell({ op: 'set', line: 'POWER', value }), close: () => lines.destroy() };
};

const skipWithReason = async (t: ExecutionContext, machine: QemuMachine): Promise<boolean> => {
	const reason = await whyNoQemuBoard(machine);
	if (reason === null) return false;
	t.log(`SKIPPED: ${reason}`);
	t.pass();
	return true;
};

test.serial('why a board cannot run here is told by what is missing, and opening it says the same', async (t) => {
	const before = process.env['BLACKSTART_QEMU_AARCH64'];
	process.env['BLACKSTART_QEMU_AARCH64'] = 'no-such-qemu';
	t.regex((await whyNoQemuBoard('virt-uboot')) ?? '', /^no-such-qemu is not here/);
	await t.throwsAsync(openQemuBoard({ name: 'uboot-0', machine: 'virt-uboot' }), { message: /^board uboot-0: no-such-qemu is not here/ });
	await t.throwsAsync(openQemuBoard({ name: 'uboot-0', machine: 'virt-uboot', build: 'three' }), {
		message: /a build of virt-uboot was expected \(one-copy, two-copies\), got 'three'/,
	});
	if (before === undefined) delete process.env['BLACKSTART_QEMU_AARCH64'];
	else process.env['BLACKSTART_QEMU_AARCH64'] = before;
});

test.serial("U-Boot's environment outlives the power, and is lost where power goes while it is saved", async (t) => {
	if (await skipWithReason(t, 'virt-uboot')) return;
	await using board = await openQemuBoard({ name: 'uboot-1', machine: 'virt-uboot' });
	const { tell, power, close } = openLines(board.lineSocketPath);
	const console = await openConsole(board.ttyPath);
	await tell({ op: 'request', line: 'POWER', consumer: 'the test', activeLow: false, output: true });
	await console.expect('app: sensor 1.0.0 confirmed');
	await console.expect('=> ');
	t.true((await console.command('setenv app_site north; run save')).includes('done'));
	await power(false);
	await power(true);
	t.false((await console.expect('app: sensor')).includes('bad CRC'));
	await console.expect('=> ');
	t.true((await console.command('printenv app_site')).includes('app_site=north'));
	let isLost = false;
	for (let attempt = 0; attempt < MOST_CUTS && !isLost; attempt++) {
		await tell({ op: 'cut-on', text: 'Writing to Flash' });
		console.send('run save; run save; run save; run save\r');
		await console.expect('Writing to Flash');
		await power(false);
		await power(true);
		await console.expect('Loading Environment from Flash... ');
		isLost = (await console.expect('In: ')).includes('bad CRC, using default environment');
		if (!isLost) await console.expect('=> ');
	}
	t.true(isLost);
	await tell({ op: 'request', line: 'RESET', consumer: 'the test', activeLow: true, output: true });
	t.like(await tell({ op: 'identify' }), { ok: true, serial: 'uboot-1' });
	const image = Buffer.from(ubootImage('candidate').bytes).toString('base64');
	t.like(await tell({ op: 'program', area: 'golden', image }), { ok: true, bytes: 8192 });
	t.like(await tell({ op: 'program', area: 'golden', image: Buffer.alloc(9000).toString('base64') }), { ok: false });
	await tell({ op: 'set', line: 'RESET', value: false });
	await console.expect('app: sensor 2.0.0 confirmed');
	await console.close();
	close();
});

test.serial('the flash of a micro:bit is carried over power cuts and resets, and its RAM over resets alone; its QEMU does not outlive it', async (t) => {
	if (await skipWithReason(t, 'microbit')) return;
	await using board = await openQemuBoard({ name: 'microbit-1', machine: 'microbit' });
	const { tell, power, close } = openLines(board.lineSocketPath);
	const console = await openConsole(board.ttyPath);
	await tell({ op: 'request', line: 'POWER', consumer: 'the test', activeLow: false, output: true });
	await console.expect('boot: blackstart-nrf51 1.0 nonce=00000001 reset=power');
	await console.expect('self-test passed\r\n> ');
	t.true((await console.command('set site north', '> ')).includes('ok'));
	await power(false);
	await power(true);
	await console.expect('nonce=00000002 reset=power');
	await console.expect('self-test passed\r\n> ');
	t.true((await console.command('get site', '> ')).includes('site=north'));
	console.send('reboot\r');
	await console.expect('nonce=00000003 reset=watchdog');
	await tell({ op: 'request', line: 'RESET', consumer: 'the test', activeLow: true, output: true });
	t.like(await tell({ op: 'identify' }), { ok: true, signature: 'nrf51822', serial: 'microbit-1' });
	const image = Buffer.from(microbitReleases().candidate().images[0]?.bytes ?? []).toString('base64');
	t.like(await tell({ op: 'program', area: 'primary', image }), { ok: true, bytes: 8192 });
	await tell({ op: 'set', line: 'RESET', value: false });
	await console.expect('app: sensor 2.0.0');
	await console.close();
	const children = readFileSync(`/proc/${board.pid}/task/${board.pid}/children`, 'utf8').trim().split(' ');
	t.is(children.length, 1);
	process.kill(board.pid, 'SIGKILL');
	await board.ended;
	if (existsSync('/usr/bin/setpriv')) while (isAlive(children[0] ?? '')) await new Promise((resolve) => setTimeout(resolve, 5));
	close();
});
