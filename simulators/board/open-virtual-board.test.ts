import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { SerialPort } from 'serialport';
import { openVirtualBoard } from './open-virtual-board.js';
import { virtualBoardReleases } from './releases.js';

const WITHIN_MS = 20_000;
const PROGRAMMER = fileURLToPath(new URL('programmer.js', import.meta.url));

interface Answer {
	readonly ok: boolean;
	readonly value?: boolean;
	readonly error?: string;
	readonly cycles?: number;
	readonly powered?: boolean;
}

/** A connection to a board's lines that asks one thing at a time. */
const openLines = async (path: string) => {
	const socket = connect(path).setEncoding('utf8');
	let text = '';
	let settle: (() => void) | undefined;
	socket.on('data', (chunk: string) => {
		text += chunk;
		settle?.();
	});
	return {
		async ask(order: Readonly<Record<string, unknown>>): Promise<Answer> {
			socket.write(`${JSON.stringify({ id: 7, ...order })}\n`);
			while (!text.includes('\n')) {
				await new Promise<void>((resolve) => {
					settle = resolve;
				});
			}
			const [line, ...rest] = text.split('\n');
			text = rest.join('\n');
			return JSON.parse(line as string) as Answer;
		},
		take(line: string, output: boolean | null, activeLow = false) {
			return this.ask({ op: 'request', line, consumer: 'the test', activeLow, output });
		},
		set(line: string, value: boolean) {
			return this.ask({ op: 'set', line, value });
		},
		close: () => new Promise<void>((resolve) => socket.once('close', () => resolve()).end()),
	};
};

const openConsole = async (path: string) => {
	const port = new SerialPort({ path, baudRate: 500_000 });
	await new Promise<void>((resolve, reject) => port.once('open', resolve).once('error', reject));
	let said = '';
	let listener: (() => void) | undefined;
	port.on('data', (bytes: Buffer) => {
		said += bytes.toString('latin1');
		listener?.();
	});
	return {
		get said() {
			return said;
		},
		forget() {
			said = '';
		},
		expect: (text: string) =>
			new Promise<void>((resolve, reject) => {
				const timer = setTimeout(() => reject(new Error(`${JSON.stringify(text)} was expected, got ${JSON.stringify(said.slice(-300))}`)), WITHIN_MS);
				listener = () => {
					if (!said.includes(text)) return;
					said = said.slice(said.indexOf(text) + text.length);
					clearTimeout(timer);
					listener = undefined;
					resolve();
				};
				listener();
			}),
		send: (text: string) => port.write(text),
		close: () => new Promise<void>((resolve) => port.close(() => resolve())),
	};
};

const folder = mkdtempSync(join(tmpdir(), 'blackstart-board-test-'));
test.after.always(() => rmSync(folder, { recursive: true, force: true }));

test('a board in its own process talks over a kernel tty, obeys its lines, and keeps its memory over power and over its process', async (t) => {
	const stateFile = join(folder, 'kept');
	{
		await using board = await openVirtualBoard({ name: 'virtual-1', stateFile });
		const lines = await openLines(board.lineSocketPath);
		const console = await openConsole(board.ttyPath);
		t.false((await lines.take('POWER', false)).value);
		t.false((await lines.take('SENSE', null)).value);
		await lines.set('POWER', true);
		t.true((await lines.ask({ op: 'get', line: 'SENSE' })).value);
		await console.expect('nonce=00000001 reset=power');
		await console.expect('> ');
		console.send('set site berlin\r');
		await console.expect('ok\r\n> ');

		const other = await openLines(board.lineSocketPath);
		t.regex((await other.take('POWER', true)).error ?? '', /held by the test/);
		t.regex((await other.take('LED', true)).error ?? '', /one of POWER, RESET, SENSE/);
		t.regex((await other.take('SENSE', true)).error ?? '', /can only be read/);
		t.regex((await other.set('POWER', false)).error ?? '', /a request for it was expected first/);
		t.regex((await other.ask({ op: 'identify' })).error ?? '', /RESET was expected to be held/);
		t.regex((await other.ask({ op: 'toggle' })).error ?? '', /a request of the board's socket/);
		t.true((await other.take('RESET', true, true)).ok);
		t.true((await other.ask({ op: 'identify' })).ok);
		console.forget();
		await other.close();
		await console.expect('nonce=00000002 reset=line');
		await console.expect('> ');

		await lines.set('POWER', false);
		console.forget();
		console.send('version\r');
		t.false((await lines.ask({ op: 'get', line: 'SENSE' })).value);
		t.is(console.said, '');
		await lines.ask({ op: 'cut-at', cycles: 1_000_000 });
		await lines.set('POWER', true);
		await console.expect('boot: blackstart-avr');
		while ((await lines.ask({ op: 'get', line: 'SENSE' })).value) await new Promise(setImmediate);
		t.false(console.said.includes('app: sensor'), 'the cut came before the application');
		await lines.set('POWER', false);
		await lines.set('POWER', true);
		await console.expect('> ');
		await lines.close();
		const after = await openLines(board.lineSocketPath);
		t.false((await after.ask({ op: 'status' })).powered, 'a driver that is gone leaves the board without power');
		await after.close();
		await console.close();
	}
	await using board = await openVirtualBoard({ name: 'virtual-1', stateFile });
	const lines = await openLines(board.lineSocketPath);
	const console = await openConsole(board.ttyPath);
	await lines.take('POWER', true);
	await console.expect('nonce=00000005 reset=power');
	await console.expect('> ');
	console.send('get site\r');
	await console.expect('site=berlin');
	await console.close();
	await lines.close();
});

test('a programmer says who the board is and brings golden back; what it cannot do it says with its exit code', async (t) => {
	const stateFile = join(folder, 'programmed');
	await using board = await openVirtualBoard({ name: 'virtual-2', stateFile });
	const image = join(folder, 'image.bin');
	writeFileSync(image, virtualBoardReleases().candidate().images[0]?.bytes as Uint8Array);
	const programmer = (...args: string[]) => {
		const child = spawn(process.execPath, [PROGRAMMER, '--socket', board.lineSocketPath, ...args]);
		let said = '';
		for (const stream of [child.stdout, child.stderr]) stream.on('data', (bytes: Buffer) => (said += bytes));
		return new Promise<readonly [number | null, string]>((resolve) => child.once('close', (code) => resolve([code, said])));
	};
	t.deepEqual(await programmer('--identify'), [1, 'programmer: power was expected, the board has none\n']);
	const lines = await openLines(board.lineSocketPath);
	await lines.take('POWER', true);
	t.deepEqual(await programmer('--identify'), [0, 'signature 1e950f serial virtual-2\n']);
	t.deepEqual(await programmer('--area', 'primary', image), [0, `signature 1e950f serial virtual-2\n100% 8192 bytes of ${image} written to primary\n`]);
	t.deepEqual(readFileSync(stateFile).subarray(8, 8 + 8192), readFileSync(image));
	t.regex((await programmer('--area', 'attic', image))[1], /golden, primary or secondary/);
	t.is((await programmer(image))[0], 2);
	await lines.close();
});

test('a board does not outlive its parent, and one that cannot begin says why', async (t) => {
	const script = `import('${new URL('open-virtual-board.js', import.meta.url)}').then(async ({ openVirtualBoard }) => {
		const board = await openVirtualBoard({ name: 'orphan', stateFile: '${join(folder, 'orphan')}' });
		console.log(board.pid);
		process.kill(process.pid, 'SIGKILL');
	})`;
	const pid = Number(spawnSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' }).stdout);
	const isGone = () => {
		try {
			return process.kill(pid, 0) && false;
		} catch {
			return true;
		}
	};
	const endMs = performance.now() + WITHIN_MS;
	while (!isGone() && performance.now() < endMs) await new Promise((resolve) => setTimeout(resolve, 20));
	t.true(pid > 0 && isGone());
	writeFileSync(join(folder, 'no-board'), 'something else');
	await t.throwsAsync(openVirtualBoard({ name: 'virtual-3', stateFile: join(folder, 'no-board') }), { message: /BSBOARD1 were expected, got 14/ });
	await t.throwsAsync(openVirtualBoard({ name: 'a name of too many letters', stateFile: join(folder, 'named') }), { message: /at most 16 characters/ });
});
