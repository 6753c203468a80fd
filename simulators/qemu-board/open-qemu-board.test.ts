import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { SerialPort } from 'serialport';
import { whyNoQemuBoard } from './machines.js';
import { openQemuBoard } from './open-qemu-board.js';

const WITHIN_MS = 40_000;

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
		async command(line: string) {
			port.write(`${line}\r`);
			await expect(`${line}\r\n`);
			return expect('=> ');
		},
		/** Gives what it said on the way to its prompt. */
		async prompt() {
			const banner = await expect('stop autoboot');
			port.write('\r');
			await expect('=> ');
			return banner;
		},
		close: () => new Promise<void>((resolve) => port.close(() => resolve())),
	};
};

const skipWithReason = async (t: ExecutionContext): Promise<boolean> => {
	const reason = await whyNoQemuBoard('virt-uboot');
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
	if (before === undefined) delete process.env['BLACKSTART_QEMU_AARCH64'];
	else process.env['BLACKSTART_QEMU_AARCH64'] = before;
});

test.serial("U-Boot's environment outlives the power, and is lost where power goes while it is saved", async (t) => {
	if (await skipWithReason(t)) return;
	await using board = await openQemuBoard({ name: 'uboot-1', machine: 'virt-uboot' });
	const lines = connect(board.lineSocketPath).resume();
	const tell = (order: object) => lines.write(`${JSON.stringify({ id: 1, ...order })}\n`);
	const power = (value: boolean) => tell({ op: 'set', line: 'POWER', value });
	const console = await openConsole(board.ttyPath);
	tell({ op: 'request', line: 'POWER', consumer: 'the test', activeLow: false, output: true });
	t.true((await console.prompt()).includes('bad CRC, using default environment'), 'fresh from the factory');
	await console.command('setenv slot B');
	t.true((await console.command('saveenv')).includes('done'));
	power(false);
	power(true);
	t.false((await console.prompt()).includes('bad CRC'));
	t.true((await console.command('printenv slot')).includes('slot=B'));
	tell({ op: 'cut-on', text: '.. done' });
	console.send('saveenv\r');
	await console.expect('Erasing Flash');
	power(false);
	power(true);
	t.true((await console.prompt()).includes('bad CRC, using default environment'));
	t.true((await console.command('printenv slot')).includes('not defined'));
	tell({ op: 'request', line: 'RESET', consumer: 'the test', activeLow: true, output: true });
	tell({ op: 'set', line: 'RESET', value: false });
	await console.prompt();
	await console.close();
	lines.destroy();
});
