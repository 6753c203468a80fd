import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage } from 'node:http';
import { type AddressInfo, createServer as createNetServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Aedes } from 'aedes';
import test, { type ExecutionContext } from 'ava';
import { connectAsync } from 'mqtt';
import { installFakeTools } from '../fake-tools.test.support.js';
import { openFarEnd } from '../far-end.test.support.js';
import { openPower, type PowerDriverOptions, type PowerOptions, type SwitchedPower } from './index.js';

const timings = { name: 'esp-1', offTimeMs: 0, settleMs: 0, withinMs: 1000 };

/** A device behind its own protocol. */
interface Plug {
	on: boolean;
	/** `lies`: answers as if it had done it; `mute`: answers nothing; `gibberish`; `refuses`. */
	mood: 'well' | 'lies' | 'mute' | 'gibberish' | 'refuses';
}

const open = async (t: ExecutionContext, options: PowerDriverOptions | PowerOptions): Promise<SwitchedPower> => {
	const power = await openPower({ ...timings, ...options });
	t.teardown(() => power[Symbol.asyncDispose]());
	return power;
};

type Answer = { readonly status?: number; readonly body: unknown; readonly challenge?: string };

const openHttpPlug = async (
	t: ExecutionContext,
	answer: (plug: Plug, request: IncomingMessage, body: string) => Answer,
): Promise<{ readonly plug: Plug; readonly host: string }> => {
	const plug: Plug = { on: false, mood: 'well' };
	const server = createServer(async (request, response) => {
		let body = '';
		for await (const chunk of request) body += String(chunk);
		if (plug.mood === 'mute') return;
		if (plug.mood === 'gibberish') return void response.end('<html>Login</html>');
		if (plug.mood === 'refuses') return void response.writeHead(500).end('overheated');
		const before = plug.on;
		const { status = 200, body: said, challenge } = answer(plug, request, body);
		if (plug.mood === 'lies') plug.on = before;
		response.writeHead(status, challenge === undefined ? {} : { 'www-authenticate': challenge }).end(JSON.stringify(said));
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	t.teardown(() => {
		server.closeAllConnections();
		server.close();
	});
	return { plug, host: `127.0.0.1:${(server.address() as AddressInfo).port}` };
};

const shellyGen1 = (plug: Plug, { url = '', headers }: IncomingMessage): Answer => {
	if (headers.authorization !== `Basic ${Buffer.from('admin:secret').toString('base64')}`) return { status: 401, body: {}, challenge: 'Basic realm="shelly"' };
	const { pathname, searchParams } = new URL(url, 'http://plug');
	if (pathname !== '/relay/1') return { status: 404, body: {} };
	if (searchParams.has('turn')) plug.on = searchParams.get('turn') === 'on';
	return { body: { ison: plug.on, source: 'http' } };
};

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const shellyGen2 = (plug: Plug, { url, headers }: IncomingMessage, body: string): Answer => {
	const nonce = '5f1e';
	const cnonce = /cnonce="(\w+)"/.exec(headers.authorization ?? '')?.[1];
	const proof = sha256(`${sha256('admin:shellyplus1:secret')}:${nonce}:00000001:${cnonce}:auth:${sha256(`POST:${url}`)}`);
	if (!headers.authorization?.includes(`response="${proof}"`)) {
		return { status: 401, body: {}, challenge: `Digest qop="auth", realm="shellyplus1", nonce="${nonce}", algorithm=SHA-256` };
	}
	const { id, on } = JSON.parse(body) as { readonly id: number; readonly on?: boolean };
	if (id !== 0) return { status: 500, body: { code: -105 } };
	const before = plug.on;
	if (url === '/rpc/Switch.Set') plug.on = on === true;
	return { body: url === '/rpc/Switch.Set' ? { was_on: before } : { id: 0, output: plug.on, apower: 0 } };
};

const tasmota = (plug: Plug, { url = '' }: IncomingMessage): Answer => {
	const { searchParams } = new URL(url, 'http://plug');
	if (searchParams.get('password') !== 'secret') return { body: { WARNING: 'Need user=<username>&password=<password>' } };
	const [, order] = /^Power1 ?(ON|OFF)?$/.exec(searchParams.get('cmnd') ?? '') ?? ['', 'unknown'];
	if (order !== undefined) plug.on = order === 'ON';
	return { body: { POWER: plug.on ? 'ON' : 'OFF' } };
};

const HTTP = [
	{ driver: 'shelly-gen1', channel: 1, serve: shellyGen1, wrongPassword: /the login was refused \(401\)$/ },
	{ driver: 'shelly-gen2', channel: 0, serve: shellyGen2, wrongPassword: /the login was refused \(401\)$/ },
	{ driver: 'tasmota-http', channel: 1, serve: tasmota, wrongPassword: /POWER1 on or off was expected, came \{"WARNING"/ },
] as const;

for (const { driver, channel, serve, wrongPassword } of HTTP) {
	test(`${driver}: switches, reads back, and takes no answer for granted`, async (t) => {
		const { plug, host } = await openHttpPlug(t, serve);
		const power = await open(t, { driver, host, channel, password: 'secret' } as PowerDriverOptions);
		t.is(await power.observe(), 'unpowered');
		const on = await power.on();
		t.true(plug.on);
		t.true(on.observedAtMs! >= on.commandedAtMs);
		await power.off();
		t.false(plug.on);
		plug.mood = 'lies';
		await t.throwsAsync(power.on(), { code: 'unconfirmed', message: /^esp-1: power on: still unpowered after 1000 ms/ });
		plug.mood = 'mute';
		await t.throwsAsync(power.on(), { code: 'timeout', message: /^esp-1: power on: no answer in 1000 ms/ });
		plug.mood = 'gibberish';
		await t.throwsAsync(power.off(), { code: 'refused', message: /JSON was expected, came "<html>Login/ });
		plug.mood = 'refuses';
		await t.throwsAsync(power.off(), { code: 'refused', message: /status 500: overheated$/ });
		plug.mood = 'well';
		const stranger = await open(t, { driver, host, channel, password: 'wrong-one' } as PowerDriverOptions);
		const refused = await t.throwsAsync(stranger.on(), { code: 'refused', message: wrongPassword });
		t.false(refused?.message.includes('wrong-one'), 'no password in a message');
		await t.throwsAsync((await open(t, { driver, host: '127.0.0.1:1', channel } as PowerDriverOptions)).on(), { code: 'unreachable', message: /ECONNREFUSED/ });
	});
}

const MQTT = [
	{
		driver: 'tasmota-mqtt',
		options: { channel: 1 },
		order: 'cmnd/plug/POWER1',
		serve: (plug: Plug, payload: string) => {
			if (payload !== '') plug.on = payload === 'ON';
			return [['stat/plug/RESULT', `{"POWER":"${plug.on ? 'ON' : 'OFF'}"}`]];
		},
	},
	{
		driver: 'shelly-mqtt',
		options: { channel: 0, generation: 'gen1' },
		order: 'shellies/plug/#',
		serve: (plug: Plug, payload: string) => {
			if (payload === 'on' || payload === 'off') plug.on = payload === 'on';
			return [
				['shellies/plug/relay/0/power', '0.00'],
				['shellies/plug/relay/0', plug.on ? 'on' : 'off'],
			];
		},
	},
	{
		driver: 'shelly-mqtt',
		options: { channel: 0, generation: 'gen2' },
		order: 'plug/rpc',
		serve: (plug: Plug, payload: string) => {
			const { src, method, params } = JSON.parse(payload) as { src: string; method: string; params: { id: number; on?: boolean } };
			const before = plug.on;
			if (method === 'Switch.Set') plug.on = params.on === true;
			return [
				[`${src}/rpc`, JSON.stringify({ id: 1, src: 'plug', result: method === 'Switch.Set' ? { was_on: before } : { id: params.id, output: plug.on } })],
			];
		},
	},
] as const;

for (const { driver, options, order, serve } of MQTT) {
	test(`${driver} ${'generation' in options ? options.generation : ''}: what the plug says after the order counts, silence and retained words do not`, async (t) => {
		const aedes = await Aedes.createBroker({ drainTimeout: 1000 });
		const server = createNetServer(aedes.handle);
		server.listen(0, '127.0.0.1');
		await once(server, 'listening');
		const broker = `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
		const plug: Plug = { on: false, mood: 'well' };
		const device = await connectAsync(broker);
		t.teardown(async () => {
			await device.endAsync(true);
			await new Promise<void>((resolve) => aedes.close(resolve));
			server.close();
		});
		device.on('message', (topic, payload) => {
			if (plug.mood === 'mute' || (order.endsWith('#') && !topic.endsWith('command'))) return;
			const before = plug.on;
			for (const [where, what] of serve(plug, payload.toString())) device.publish(where!, what!, { retain: true });
			if (plug.mood === 'lies') plug.on = before;
		});
		await device.subscribeAsync(order);
		const power = await open(t, { driver, topic: 'plug', broker, ...options } as PowerDriverOptions);
		await power.on();
		t.true(plug.on);
		t.is(await power.observe(), 'powered');
		await power.off();
		t.false(plug.on);
		plug.mood = 'lies';
		await t.throwsAsync(power.on(), { code: 'unconfirmed' });
		plug.mood = 'mute';
		const late = await open(t, { driver, topic: 'plug', broker, ...options } as PowerDriverOptions);
		await t.throwsAsync(late.on(), { code: 'timeout' }, 'what was retained is no answer');
		await t.throwsAsync(openPower({ ...timings, driver, topic: 'plug', ...options, broker: 'mqtt://127.0.0.1:1' } as PowerOptions), { code: 'unreachable' });
	});
}

test('serial-relay: speaks the frames of LCUS boards, and says when its port is gone', async (t) => {
	const relay = openFarEnd();
	const power = await open(t, { driver: 'serial-relay', path: relay.path, baudRate: 9600, channel: 2 });
	const four = new Promise<void>((resolve) => relay.onBytes(() => relay.heard().length === 8 && resolve()));
	const on = await power.on();
	t.is(on.observedAtMs, undefined, 'it answers nothing');
	await power.off();
	await four;
	t.deepEqual([...relay.heard()], [0xa0, 2, 1, 0xa3, 0xa0, 2, 0, 0xa2]);
	t.is(await power.observe(), 'unknown');
	await relay.die();
	await t.throwsAsync(power.off(), { code: 'unreachable', message: /^serial relay \/dev\/pts\/\d+: / });
	await t.throwsAsync(openPower({ ...timings, driver: 'serial-relay', path: '/dev/ttyNone7', baudRate: 9600, channel: 1 }), { code: 'unreachable' });
});

test.serial('uhubctl: cuts again where the kernel turned the port back on, and believes no other port or hub', async (t) => {
	const tools = await installFakeTools(t, {
		uhubctl: `state=$(cat "$STATE/port"); n=$(cat "$STATE/stubborn")
case "$*" in *"-a on"*) state=power;; *"-a off"*) state=off; if [ "$n" -gt 0 ]; then echo $((n - 1)) >"$STATE/stubborn"; state=power; fi;; esac
echo $state >"$STATE/port"
echo 'Current status for hub 1-1.4 [0bda:5411 hub, USB 2.10, 4 ports, ppps]'; echo '  Port 1: 0100 power'
if [ $state = power ]; then echo '  Port 2: 0103 power enable connect [0403:6001 FTDI power off]'; else echo '  Port 2: 0000 off'; fi
echo 'Current status for hub 1-1.4.2 [0bda:5411]'; [ $state = power ] && echo '  Port 2: 0000 off' || echo '  Port 2: 0100 power'`,
	});
	await tools.write('port', 'power');
	await tools.write('stubborn', '2');
	Object.assign(process.env, tools.env);
	const options = { driver: 'uhubctl', location: '1-1.4', port: 2, retries: 3, withinMs: 5000 } as const;
	const power = await open(t, { ...timings, ...options });
	t.is(await power.observe(), 'powered');
	await power.off();
	t.is(await power.observe(), 'unpowered');
	const calls = (await tools.calls()).filter((call) => call.includes('-a'));
	t.deepEqual(calls, Array(3).fill('uhubctl -l 1-1.4 -p 2 -a off -r 3'));
	await power.on();
	await tools.write('stubborn', '99');
	await t.throwsAsync(power.off(), { code: 'unconfirmed', message: /is on again after 4 attempts: the kernel turns it back on$/ });
	await tools.install('uhubctl', 'echo "No compatible devices detected at location 1-1.4!" >&2; exit 1');
	await t.throwsAsync(power.on(), { code: 'refused', message: /exit code 1: No compatible devices detected/ });
	await tools.install('uhubctl', 'echo Current status for hub 1-1.4; echo "  Port 1: 0100 power"');
	await t.throwsAsync(power.off(), { code: 'refused', message: /hub 1-1\.4 port 2 was expected in its output/ });
});

test.serial('a current sensor sees the rail of a board, by its bus voltage', async (t) => {
	// What i2cget gives of register 2 is low byte first: bits 15-3 of 0x0f48 are 489, 4 mV each.
	const tools = await installFakeTools(t, {
		on: 'echo 0x480f >"$STATE/word"',
		off: 'echo 0x9000 >"$STATE/word"',
		i2cget: 'cat "$STATE/word"',
	});
	Object.assign(process.env, tools.env);
	const bin = `${tools.folder}/bin`;
	const sensedBy = { kind: 'ina219', bus: 'i2c-1', address: 0x41, offBelowV: 0.3 } as const;
	const power = await open(t, { ...timings, driver: 'command', powerOn: [`${bin}/on`], powerOff: [`${bin}/off`], env: tools.env, sensedBy });
	t.regex(power.description, /, seen by an INA219 on i2c-1$/);
	const on = await power.on();
	t.true((on.observedAtMs ?? 0) >= on.commandedAtMs);
	t.is(await power.observe(), 'powered');
	t.is((await tools.calls()).at(-1), 'i2cget -y 1 0x41 0x02 w');
	await power.off();
	t.is(await power.observe(), 'unpowered', '18 of 4 mV');
	// 75 of 4 mV are 0.3 V: not below.
	await tools.write('word', '0x5802\n');
	t.is(await power.observe(), 'powered');
	await tools.write('word', '0x5002\n');
	t.is(await power.observe(), 'unpowered');
	await tools.write('word', 'Error: Read failed\n');
	await t.throwsAsync(power.observe(), { code: 'refused', message: /INA219 on i2c-1: a word was expected of i2cget, came "Error: Read failed"/ });
	await tools.install('i2cget', undefined);
	await t.throwsAsync(power.observe(), { name: 'PowerError' });
});

test('command: any programs switch, one says how it is, none runs past the deadline', async (t) => {
	const tools = await installFakeTools(t, {
		'pdu-on': 'echo on >"$STATE/pdu"',
		'pdu-off': '[ "$TOKEN" = secret ] || exit 7; echo off >"$STATE/pdu"',
		status: 'cat "$STATE/pdu"',
	});
	const bin = `${tools.folder}/bin`;
	const command = { driver: 'command', powerOn: [`${bin}/pdu-on`], powerOff: [`${bin}/pdu-off`] } as const;
	const env = { ...tools.env, TOKEN: 'secret' };
	const power = await open(t, { ...command, env, status: { read: [`${bin}/status`], powered: '^on$' } });
	await power.on();
	await power.off();
	t.is(await tools.read('pdu'), 'off\n');
	t.is((await (await open(t, { ...command, env })).on()).observedAtMs, undefined);
	await t.throwsAsync((await open(t, { ...command, env: tools.env })).off(), { code: 'refused', message: /^power off: .*pdu-off: exit code 7/ });
	await t.throwsAsync((await open(t, { ...command, powerOn: ['no-such-program-7'] })).on(), { code: 'unreachable' });
	await t.throwsAsync((await open(t, { ...command, powerOn: ['sleep', '30'] })).on(), { code: 'timeout' });
	await tools.install('status', 'echo off');
	await t.throwsAsync(power.on(), { code: 'unconfirmed' });
	const sensed = await open(t, { ...timings, ...command, env, sensedBy: { kind: 'command', read: ['echo', 'rail 3.3 V'], powered: '3\\.3' } });
	t.is(await sensed.observe(), 'powered');
	await t.throwsAsync(sensed.off(), { code: 'unconfirmed', message: /seen by echo\)$/ });
	const blind = await open(t, { ...timings, ...command, env, status: { read: ['echo', 'on'], powered: 'on' }, sensedBy: { kind: 'none' } });
	t.is(await blind.observe(), 'unknown');
});

test('a board stays off for its off-time, whoever turns it on again', async (t) => {
	const power = await open(t, { ...timings, driver: 'command', powerOn: ['true'], powerOff: ['true'], offTimeMs: 80 });
	const [off, on] = await Promise.all([power.off(), power.on()]);
	t.true(on.commandedAtMs - off.commandedAtMs >= 80);
	const cycled = await power.cycle();
	t.is(cycled.commanded, 'powered');
	t.is(power.commanded, 'powered');
});

test('qemu: stops, resets and continues a machine over QMP', async (t) => {
	const folder = await mkdtemp(join(tmpdir(), 'blackstart-qmp-'));
	const qmpSocket = join(folder, 'qmp.sock');
	const orders: string[] = [];
	let running = true;
	let mute = false;
	const server = createNetServer((socket) => {
		socket.write('{"QMP":{"version":{},"capabilities":[]}}\r\n');
		socket.on('error', () => undefined);
		createInterface({ input: socket }).on('line', (line) => {
			const { execute, id } = JSON.parse(line) as { execute: string; id: number };
			orders.push(execute);
			if (mute) return;
			running = execute === 'stop' ? false : execute === 'cont' ? true : running;
			socket.write('{"event":"RESUME","data":{}}\r\n');
			if (execute === 'system_reset' && orders.length > 8)
				socket.write(`${JSON.stringify({ id, error: { class: 'GenericError', desc: 'machine is on fire' } })}\r\n`);
			else socket.write(`${JSON.stringify({ id, return: execute === 'query-status' ? { running, status: 'x' } : {} })}\r\n`);
		});
	});
	server.listen(qmpSocket);
	await once(server, 'listening');
	t.teardown(async () => {
		server.close();
		await rm(folder, { recursive: true });
	});
	const power = await open(t, { driver: 'qemu', qmpSocket });
	await power.off();
	t.is(await power.observe(), 'unpowered');
	await power.on();
	t.deepEqual(orders, ['qmp_capabilities', 'stop', 'query-status', 'query-status', 'system_reset', 'cont', 'query-status']);
	await power.off();
	await t.throwsAsync(power.on(), { code: 'refused', message: /machine is on fire$/ });
	mute = true;
	await t.throwsAsync(power.off(), { code: 'timeout' });
	await t.throwsAsync(openPower({ ...timings, driver: 'qemu', qmpSocket: `${qmpSocket}.none` }), { code: 'unreachable' });
});
