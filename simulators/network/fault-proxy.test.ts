import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import { GOOD_LINK } from '../../harness/faults/index.js';
import { createRandom, RealClock } from '../../harness/time/index.js';
import { type FaultProxy, openFaultProxy } from './fault-proxy.js';
import { createLink, type Link } from './link.js';

/** A broker that keeps what it hears and its sockets. */
const openPeer = async (t: ExecutionContext) => {
	const sockets: Socket[] = [];
	const heard: Buffer[] = [];
	const ends: string[] = [];
	const server = createServer((socket) => {
		sockets.push(socket);
		socket.on('data', (bytes: Buffer) => heard.push(bytes));
		socket.on('end', () => ends.push('end'));
		socket.on('error', ({ code }: NodeJS.ErrnoException) => ends.push(code ?? 'error'));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	t.teardown(() => {
		for (const socket of sockets) socket.destroy();
		server.close();
	});
	const { port } = server.address() as { port: number };
	return { port, sockets, heard, ends };
};

const clock = new RealClock();
const until = (condition: () => boolean, label: string): Promise<void> => clock.until(condition, { withinMs: 5000, label });

const dial = async (t: ExecutionContext, conditions = GOOD_LINK, { withoutDeviceSockets = false } = {}) => {
	const peer = await openPeer(t);
	const proxy: FaultProxy = await openFaultProxy({
		broker: { host: '127.0.0.1', port: peer.port },
		onError: (error) => t.fail(error.message),
		withoutDeviceSockets,
	});
	t.teardown(() => proxy[Symbol.asyncDispose]());
	const link: Link = createLink({ clock, random: createRandom('proxy'), conditions });
	const device: Duplex = proxy.join(link);
	const got: Buffer[] = [];
	let failure: string | undefined;
	device.on('data', (bytes: Buffer) => got.push(bytes));
	device.on('error', ({ code }: NodeJS.ErrnoException) => {
		failure = code;
	});
	await until(() => peer.sockets.length === 1, 'the broker to be dialled');
	return { ...peer, proxy, link, device, got: () => Buffer.concat(got), failure: () => failure };
};

test.serial('bytes of both directions pass through real sockets and the link between, with its latency', async (t) => {
	const { device, link, sockets, heard, got } = await dial(t, { ...GOOD_LINK, latencyMs: 30 });
	const beganMs = clock.nowMs;
	const sent = Buffer.from(Array.from({ length: 50_000 }, (_, index) => index % 251));
	device.write(sent);
	await until(() => Buffer.concat(heard).length === sent.length, 'all bytes to be heard');
	t.true(clock.nowMs - beganMs >= 30);
	t.true(Buffer.concat(heard).equals(sent));
	sockets[0]!.write(sent);
	await until(() => got().length === sent.length, 'all bytes to come back');
	t.true(got().equals(sent));
	t.is(link.bytesToDevice, sent.length);
});

test.serial('a cut at a byte resets the device behind that byte, and the broker with it', async (t) => {
	const { device, link, sockets, got, failure, ends } = await dial(t);
	link.cutAfter({ bytes: 700 }, 'reset');
	sockets[0]!.write(Buffer.alloc(2000, 1));
	await until(() => device.destroyed, 'the device to be reset');
	t.is(failure(), 'ECONNRESET');
	t.true(got().length <= 700, 'the kernel may drop what was not read before a reset, and never gives more');
	await until(() => ends.length > 0, 'the broker to hear of it');
	t.deepEqual(ends, ['ECONNRESET']);
});

test.serial('a half-open link is silence: nothing arrives, and nobody hears an end', async (t) => {
	const { device, link, sockets, heard, ends, got } = await dial(t);
	link.goHalfOpen();
	device.write('anybody?');
	sockets[0]!.write('yes');
	await clock.sleep(50);
	t.deepEqual([heard.length, got().length, ends.length, device.destroyed], [0, 0, 0, false]);
});

test.serial('a device that loses power is gone without a word to the broker; one that closes ends the connection', async (t) => {
	const lost = await dial(t);
	lost.link.losePower();
	await until(() => lost.device.destroyed || lost.device.readableEnded, 'the device to be gone');
	await clock.sleep(20);
	t.deepEqual(lost.ends, []);
	const closed = await dial(t);
	closed.device.end('bye');
	await until(() => closed.ends.length > 0, 'the broker to hear the end');
	t.deepEqual([Buffer.concat(closed.heard).toString(), closed.ends], ['bye', ['end']]);
});

test.serial('a stranger who dials the port by himself has a link of his own, with its faults', async (t) => {
	const peer = await openPeer(t);
	const links: Link[] = [];
	const linkOfStranger = () => {
		const link = createLink({ clock, random: createRandom('stranger'), conditions: { ...GOOD_LINK, latencyMs: 1, jitterMs: 0 } });
		links.push(link);
		return link;
	};
	const proxy = await openFaultProxy({ broker: { host: '127.0.0.1', port: peer.port }, onError: (error) => t.fail(error.message), linkOfStranger });
	t.teardown(() => proxy[Symbol.asyncDispose]());
	const [first, second] = [connect(proxy.port, '127.0.0.1'), connect(proxy.port, '127.0.0.1')];
	t.teardown(() => second.destroy());
	await until(() => peer.sockets.length === 2, 'both to be dialled through');
	first.on('error', ({ code }: NodeJS.ErrnoException) => peer.ends.push(`stranger ${code}`));
	const said = once(second, 'data');
	first.write('one');
	await until(() => peer.heard.length === 1, 'the first to be heard');
	links.find(({ bytesToBroker }) => bytesToBroker === 3)?.reset();
	await until(() => peer.ends.length === 2, 'both sides to hear of the reset');
	t.deepEqual([...peer.ends].sort(), ['ECONNRESET', 'stranger ECONNRESET']);
	for (const socket of peer.sockets) if (!socket.destroyed) socket.write('hello');
	t.is(String((await said)[0]), 'hello', 'the other goes on');
	const own = createLink({ clock, random: createRandom('own'), conditions: GOOD_LINK });
	t.throws(() => proxy.join(own), { message: /^join: this proxy is for strangers/ });
	own.close();
});

test.serial('a refused dial ends at once, and a broker that closes ends the device', async (t) => {
	const { proxy, sockets, device } = await dial(t);
	const refused = createLink({ clock, random: createRandom('refused'), conditions: GOOD_LINK });
	refused.brokerEnd.destroy();
	const stream = proxy.join(refused, { refused: true });
	stream.resume();
	await once(stream, 'close');
	t.is(sockets.length, 1, 'the broker was not dialled for it');
	sockets[0]!.end();
	await once(device, 'close');
	t.pass();
});

test.serial('a device without a socket to the proxy is at the link itself, and the broker hears and is cut off all the same', async (t) => {
	const { device, link, sockets, heard, ends, got, failure } = await dial(t, { ...GOOD_LINK, latencyMs: 30 }, { withoutDeviceSockets: true });
	t.is(device, link.deviceEnd);
	const beganMs = clock.nowMs;
	device.write('up');
	await until(() => Buffer.concat(heard).toString() === 'up', 'the broker to hear');
	t.true(clock.nowMs - beganMs >= 30);
	sockets[0]!.write('down');
	await until(() => got().toString() === 'down', 'the device to hear');
	t.is(sockets.length, 1);
	link.reset();
	await until(() => failure() === 'ECONNRESET' && ends.includes('ECONNRESET'), 'both to hear of the reset');
});
