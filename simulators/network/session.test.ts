import { Aedes, type AedesPublishPacket, type Client } from 'aedes';
import test, { type ExecutionContext } from 'ava';
import mqttPacket, { type IConnectPacket, type IPublishPacket, type Packet } from 'mqtt-packet';
import type { LinkConditions } from '../../harness/faults/index.js';
import { openVirtualWorld, type VirtualWorld } from '../../harness/time/index.js';
import { createLink, type Link } from './link.js';
import { IDEAL, numbered } from './link.test.fixture.js';
import { openMqttJsSession } from './mqtt-js-session.js';
import { openPacketSession } from './packet-session.js';
import { type MqttSession, SESSION_DEFAULTS, type SessionOptions, type Subscription } from './session.js';

/** Both clients go through every row of this file against a real broker. */
const CLIENTS = [
	['mqtt-packet', openPacketSession],
	['MQTT.js', openMqttJsSession],
] as const;

interface Dialled {
	readonly session: MqttSession;
	readonly link: Link;
	/** Everything the handlers heard, in order, with its instant. */
	readonly log: string[];
	readonly payloads: Uint8Array[];
}

interface Stage {
	readonly t: ExecutionContext;
	readonly world: VirtualWorld;
	readonly broker: Aedes;
	dial(options?: Partial<SessionOptions> & { readonly link?: Partial<LinkConditions>; readonly onMessage?: () => void }): Dialled;
	/** Dials and waits for the connection, subscribed to the filters given. */
	connect(options?: Partial<SessionOptions> & { readonly link?: Partial<LinkConditions>; readonly filters?: readonly string[] }): Promise<Dialled>;
	publish(topic: string, payload: Uint8Array | string, options?: { readonly qos?: 0 | 1; readonly retain?: boolean }): void;
}

const atQos1 = (filters: readonly string[]): readonly Subscription[] => filters.map((filter) => ({ filter, qos: 1 }));

const onBoth = (title: string, run: (stage: Stage) => Promise<void>): void => {
	for (const [name, open] of CLIENTS) {
		test.serial(`${name}: ${title}`, async (t) => {
			using world = openVirtualWorld({ seed: '1' });
			await world.run(async () => {
				const broker = await Aedes.createBroker({ drainTimeout: 1000 });
				await run(stageOf({ t, world, broker, open }));
				await new Promise<void>((resolve) => broker.close(resolve));
			});
		});
	}
};

const stageOf = ({ t, world, broker, open }: { t: ExecutionContext; world: VirtualWorld; broker: Aedes; open: typeof openPacketSession }): Stage => {
	let dialled = 0;
	const dial: Stage['dial'] = ({ link: conditions, onMessage, ...options } = {}) => {
		const link = createLink({ clock: world.clock, random: world.random(`link-${dialled++}`), conditions: { ...IDEAL, latencyMs: 10, ...conditions } });
		broker.handle(link.brokerEnd);
		const log: string[] = [];
		const payloads: Uint8Array[] = [];
		const session = open(
			{ stream: link.deviceEnd, clientId: 'device', keepaliveS: 0, clean: true, clock: world.clock, ...options },
			{
				onConnected: (sessionPresent) => log.push(`${world.clock.nowMs} connected ${sessionPresent}`),
				onMessage: (topic, payload, retained) => {
					log.push(`${world.clock.nowMs} message ${topic} ${payload.length}${retained ? ' retained' : ''}`);
					payloads.push(payload);
					onMessage?.();
				},
				onClosed: (reason) => log.push(`${world.clock.nowMs} closed ${reason}`),
			},
		);
		return { session, link, log, payloads };
	};
	const connect: Stage['connect'] = async ({ filters = [], ...options } = {}) => {
		const device = dial(options);
		await world.clock.until(() => device.session.connected, { withinMs: 60_000, label: 'the session' });
		let subscribed = filters.length === 0;
		if (!subscribed) {
			device.session.subscribe(atQos1(filters), (granted) => {
				t.true(granted);
				subscribed = true;
			});
		}
		await world.clock.until(() => subscribed, { withinMs: 60_000, label: 'the subscription' });
		return device;
	};
	const publish: Stage['publish'] = (topic, payload, { qos = 1, retain = false } = {}) =>
		broker.publish({ cmd: 'publish', topic, payload: Buffer.from(payload), qos, retain, dup: false }, () => {});
	return { t, world, broker, dial, connect, publish };
};

onBoth('connects in one round trip, and says whether the broker kept a session', async ({ t, world, connect }) => {
	const first = await connect({ clean: false, filters: ['a'] });
	t.deepEqual(first.log, ['20 connected false']);
	first.session.close();
	await world.clock.sleep(100);
	const second = await connect({ clean: false });
	t.regex(second.log.join(), /connected true$/);
});

onBoth('is refused with the code of the broker', async ({ t, world, broker, dial }) => {
	broker.authenticate = (_client, username, password, done) => {
		if (username === 'me' && String(password) === 'secret') done(null, true);
		else done(Object.assign(new Error('no'), { returnCode: 5 }) as Parameters<typeof done>[0], false);
	};
	const refused = dial({ username: 'me', password: 'wrong' });
	const welcome = dial({ username: 'me', password: 'secret', clientId: 'other' });
	await world.clock.sleep(100);
	t.deepEqual(refused.log, ['20 closed refused: code 5']);
	t.false(refused.session.connected);
	t.deepEqual(welcome.log, ['20 connected false']);
});

onBoth('gives up when no answer to CONNECT comes in time', async ({ t, world, dial }) => {
	const { session, link, log } = dial({ connectTimeoutMs: 700 });
	link.goHalfOpen();
	await world.clock.sleep(5000);
	t.deepEqual(log, ['700 closed connect-timeout']);
	t.false(session.connected);
});

onBoth('hears whether every filter was granted', async ({ t, world, broker, connect }) => {
	broker.authorizeSubscribe = (_client, subscription, done) => done(null, subscription.topic === 'forbidden' ? null : subscription);
	const { session } = await connect();
	const heard: boolean[] = [];
	session.subscribe(atQos1(['fine', 'also/#']), (granted) => heard.push(granted));
	await world.clock.sleep(100);
	session.subscribe(atQos1(['fine', 'forbidden']), (granted) => heard.push(granted));
	await world.clock.sleep(100);
	t.deepEqual(heard, [true, false]);
});

onBoth('publishes at QoS 0, QoS 1 and retained, and hears of each as it should', async ({ t, world, broker, connect }) => {
	const got: string[] = [];
	broker.on('publish', (packet: AedesPublishPacket, client: Client | null) => {
		if (client) got.push(`${packet.topic} ${packet.payload} ${packet.qos} ${packet.retain}`);
	});
	const { session } = await connect();
	const startMs = world.clock.nowMs;
	const done: string[] = [];
	session.publish('a', 'text', {}, () => done.push(`0 at ${world.clock.nowMs - startMs}`));
	session.publish('b', new Uint8Array([0x62, 0x79]), { qos: 1 }, () => done.push(`1 at ${world.clock.nowMs - startMs}`));
	session.publish('c', 'kept', { qos: 1, retain: true });
	await world.clock.sleep(100);
	t.deepEqual(got, ['a text 0 false', 'b by 1 false', 'c kept 1 true']);
	t.deepEqual(done, ['0 at 0', '1 at 20']);
	t.is(session.messagesSent, 3);
});

onBoth('receives in order at both QoS, acknowledges, and tells retained messages', async ({ t, world, broker, connect, publish }) => {
	let acknowledged = 0;
	broker.on('ack', () => acknowledged++);
	publish('news/old', 'was here', { retain: true });
	await world.clock.sleep(10);
	const { session, log, payloads } = await connect({ filters: ['news/#'] });
	for (const qos of [1, 0] as const) {
		for (let round = 0; round < 3; round++) publish(`news/${qos}`, Buffer.from([round]), { qos });
		await world.clock.sleep(100);
	}
	t.deepEqual(
		log.slice(1).map((line) => line.replace(/^\d+ /, '')),
		['message news/old 8 retained', ...[1, 1, 1, 0, 0, 0].map((qos) => `message news/${qos} 1`)],
	);
	t.deepEqual(
		payloads.slice(1).map(([first]) => first),
		[0, 1, 2, 0, 1, 2],
	);
	t.is(acknowledged, 4);
	t.is(session.messagesReceived, 7);
});

onBoth('receives a block of 256 KiB whole over a lossy link, byte for byte', async ({ t, world, connect, publish }) => {
	const block = numbered(256 * 1024);
	const { payloads } = await connect({ filters: ['block'], link: { lossRatio: 0.1, bandwidthBytesPerS: 1_000_000 } });
	publish('block', block);
	await world.clock.sleep(60_000);
	t.is(payloads.length, 1);
	t.true(block.equals(payloads[0] as Uint8Array));
});

onBoth('closes on a packet beyond its bound, and on bytes that are no MQTT', async ({ t, world, connect, publish }) => {
	const large = await connect({ filters: ['block'] });
	publish('block', Buffer.alloc(SESSION_DEFAULTS.packetBytes));
	await world.clock.sleep(1000);
	t.regex(large.log.at(-1) ?? '', /closed protocol: a packet of \d+ bytes/);
	t.is(large.session.messagesReceived, 0);
	for (const bytes of [
		[0x30, 0xff, 0xff, 0xff, 0xff, 1],
		[0x00, 0],
		[0x36, 5, 0, 1, 0x61, 0, 1],
	]) {
		const { link, log, session } = await connect();
		link.brokerEnd.write(Buffer.from(bytes));
		await world.clock.sleep(100);
		t.regex(log.at(-1) ?? '', /closed protocol: /, bytes.join());
		t.false(session.connected);
		t.true(link.deviceEnd.destroyed);
	}
});

onBoth('closes orderly: its will stays unsaid, and it hears of it once', async ({ t, world, broker, connect }) => {
	const said: string[] = [];
	broker.on('publish', (packet: AedesPublishPacket) => said.push(packet.topic));
	const { session, log, link } = await connect({ will: { topic: 'will', payload: 'gone', qos: 1, retain: false } });
	session.publish('last', 'words', { qos: 1 }, () => t.fail('no answer may come after close'));
	session.close();
	session.close();
	t.false(session.connected);
	session.publish('after', 'close');
	await world.clock.sleep(1000);
	t.regex(log.join(), /^20 connected false,\d+ closed closed$/);
	t.true(said.includes('last'));
	t.false(said.includes('will') || said.includes('after'));
	t.true(link.brokerEnd.destroyed && link.deviceEnd.destroyed);
	t.is(broker.connectedClients, 0);
});

onBoth('closes at once on a link that answers nothing, answers outstanding or not', async ({ t, world, connect }) => {
	const { session, log, link } = await connect({ keepaliveS: 30 });
	link.goHalfOpen();
	session.publish('a', '', { qos: 1 }, () => t.fail('there is no answer'));
	session.close();
	await world.clock.sleep(1000);
	t.deepEqual(log, ['20 connected false', '20 closed closed']);
	t.true(link.deviceEnd.destroyed);
});

onBoth('says no goodbye when destroyed, and no handler is called again', async ({ t, world, broker, connect, publish }) => {
	const said: string[] = [];
	broker.on('publish', (packet: AedesPublishPacket) => said.push(packet.topic));
	const { session, log, link } = await connect({ filters: ['x'], will: { topic: 'will', payload: 'gone', qos: 0, retain: false } });
	publish('x', 'under way');
	await world.clock.sleep(5);
	session.publish('y', '', { qos: 1 }, () => t.fail('a dead device hears nothing'));
	session.destroy();
	session.destroy();
	await world.clock.sleep(1000);
	t.deepEqual(log, ['20 connected false']);
	t.false(session.connected);
	t.true(said.includes('will'));
	t.true(link.deviceEnd.destroyed);
});

onBoth('hears once that the broker ended the connection', async ({ t, world, broker, connect }) => {
	const { log, session } = await connect();
	const endedMs = world.clock.nowMs;
	await new Promise<void>((resolve) => broker.close(resolve));
	await world.clock.sleep(1000);
	t.deepEqual(log, ['20 connected false', `${endedMs + 10} closed ended`]);
	t.false(session.connected);
});

onBoth('finds a half-open link by its keepalive, within two intervals, and stays on a silent but living one', async ({ t, world, connect }) => {
	const { log, link } = await connect({ keepaliveS: 10 });
	await world.clock.sleep(65_000);
	t.is(log.length, 1);
	link.goHalfOpen();
	const silentMs = world.clock.nowMs;
	await world.clock.sleep(60_000);
	t.is(log.length, 2);
	const [closedMs, ...reason] = (log[1] ?? '').split(' ');
	t.deepEqual(reason, ['closed', 'keepalive']);
	t.true(Number(closedMs) - silentMs > 0 && Number(closedMs) - silentMs <= 20_000, `${closedMs} - ${silentMs}`);
	t.true(link.deviceEnd.destroyed);
});

onBoth('sends no ping without a keepalive', async ({ t, world, connect }) => {
	const { link, log } = await connect();
	const { bytesToBroker } = link;
	await world.clock.sleep(600_000);
	t.is(link.bytesToBroker, bytesToBroker);
	t.is(log.length, 1);
});

onBoth('hears of a reset once, and of no answer that was under way', async ({ t, world, connect }) => {
	const { session, link, log } = await connect();
	session.publish('a', '', { qos: 1 }, () => t.fail('the answer was lost'));
	link.reset();
	await world.clock.sleep(1000);
	t.deepEqual(log, ['20 connected false', '30 closed link: ECONNRESET']);
});

onBoth('survives a reset at every byte of an exchange with a prefix of the messages and one end', async ({ t, world, dial, publish }) => {
	for (let bytes = 0; bytes < 60; bytes++) {
		const device = dial({ clientId: `device-${bytes}` });
		device.link.cutAfter({ bytes }, 'reset');
		for (let round = 0; round < 10 && !device.session.connected; round++) await world.clock.sleep(5);
		device.session.subscribe(atQos1(['x']), () => {});
		await world.clock.sleep(30);
		for (const text of ['one', 'two', 'three']) publish('x', text);
		await world.clock.sleep(60);
		const texts = device.payloads.map((payload) => Buffer.from(payload).toString());
		t.deepEqual(texts, ['one', 'two', 'three'].slice(0, texts.length));
		// CONNACK 4, SUBACK 5, each message 7 and its text.
		const whole = [19, 29, 41].filter((end) => bytes >= end).length;
		t.is(texts.length, whole, `cut at ${bytes}`);
		t.is(device.log.filter((line) => line.includes('closed')).length, bytes <= 41 ? 1 : 0, `cut at ${bytes}: ${device.log.join()}`);
		device.session.destroy();
		await world.clock.sleep(30);
	}
});

onBoth('may be closed or destroyed from inside a handler: no further message follows', async ({ t, world, dial, publish }) => {
	for (const how of ['close', 'destroy'] as const) {
		const device: Dialled = dial({ clientId: how, onMessage: () => device.session[how]() });
		await world.clock.sleep(30);
		device.session.subscribe(atQos1(['x']), () => {});
		await world.clock.sleep(30);
		for (let round = 0; round < 3; round++) publish('x', String(round));
		await world.clock.sleep(100);
		t.is(device.payloads.length, 1);
		t.is(device.log.filter((line) => line.includes('closed')).length, how === 'close' ? 1 : 0);
	}
});

test.serial('mqtt-packet: closes on a well-formed packet that has no business here', async (t) => {
	const connack = [0x20, 2, 0, 0];
	for (const [bytes, reason] of [
		[[0xd0, 0], 'protocol: pingresp came in place of connack'],
		[[0x20, 2, 0, 3], 'refused: code 3'],
		[[...connack, ...connack], 'protocol: connack came from the broker'],
		[[...connack, 0xc0, 0], 'protocol: pingreq came from the broker'],
		[[...connack, 0x34, 5, 0, 1, 0x61, 0, 1], 'protocol: a message came at QoS 2, which was not asked for'],
		[[...connack, 0x40, 2, 0, 9, 0x90, 3, 0, 9, 0, 0xd0, 0], undefined],
	] as const) {
		using world = openVirtualWorld({ seed: '1' });
		await world.run(async () => {
			const link = createLink({ clock: world.clock, random: world.random('link'), conditions: IDEAL });
			let closed: string | undefined;
			const options = { stream: link.deviceEnd, clientId: 'device', keepaliveS: 0, clean: true, clock: world.clock };
			openPacketSession(options, { onConnected() {}, onMessage: () => t.fail(), onClosed: (text) => (closed = text) });
			link.brokerEnd.write(Buffer.from(bytes));
			await world.clock.sleep(100);
			t.is(closed, reason);
		});
	}
});

test.serial('what a handler throws reaches whoever delivered, and the message stays unacknowledged', async (t) => {
	for (const [name, open] of CLIENTS) {
		using world = openVirtualWorld({ seed: '1' });
		let acknowledged = 0;
		const error = await t.throwsAsync(
			world.run(async () => {
				const broker = await Aedes.createBroker();
				broker.on('ack', () => acknowledged++);
				const { session } = stageOf({ t, world, broker, open }).dial({
					onMessage: () => {
						throw new Error('power cut');
					},
				});
				await world.clock.sleep(50);
				session.subscribe(atQos1(['x']), () => {});
				await world.clock.sleep(50);
				broker.publish({ cmd: 'publish', topic: 'x', payload: 'p', qos: 1, retain: false, dup: false }, () => {});
				await world.clock.sleep(50);
			}),
		);
		t.regex(String(error?.message), /power cut/, name);
		t.is(acknowledged, 0);
	}
});

test.serial('MQTT 5: no more messages wait than the broker allows, and what it says of their end is told', async (t) => {
	for (const [name, open] of CLIENTS) {
		using world = openVirtualWorld({ seed: '1' });
		await world.run(async () => {
			const link = createLink({ clock: world.clock, random: world.random('link'), conditions: IDEAL });
			const said: IPublishPacket[] = [];
			const parser = mqttPacket.parser({ protocolVersion: 5 });
			const answer = (packet: Packet): void => void link.brokerEnd.write(mqttPacket.generate(packet, { protocolVersion: 5 }));
			let connect: IConnectPacket | undefined;
			parser.on('packet', (packet: Packet) => {
				if (packet.cmd === 'connect') {
					connect = packet;
					answer({ cmd: 'connack', reasonCode: 0, sessionPresent: false, properties: { receiveMaximum: 2 } });
				} else if (packet.cmd === 'publish') said.push(packet);
			});
			link.brokerEnd.on('data', (bytes: Buffer) => parser.parse(bytes));
			const log: string[] = [];
			const session = open(
				{ stream: link.deviceEnd, clientId: 'device', keepaliveS: 0, clean: false, clock: world.clock, level: 5 },
				{ onConnected: () => log.push('connected'), onMessage: () => t.fail(), onClosed: (reason) => log.push(reason) },
			);
			await world.clock.sleep(100);
			t.like(connect, { protocolVersion: 5, clean: false, properties: { sessionExpiryInterval: 0xffff_ffff } }, name);
			for (const text of ['a', 'b', 'c', 'd']) session.publish(text, text, { qos: 1 }, () => log.push(`${text} is there`));
			await world.clock.sleep(100);
			// MQTT.js counts nothing.
			if (open === openPacketSession) {
				t.deepEqual(
					said.map(({ topic }) => topic),
					['a', 'b'],
				);
			}
			answer({ cmd: 'puback', messageId: said[0]?.messageId as number, reasonCode: 16 });
			await world.clock.sleep(100);
			t.is(said[2]?.topic, 'c');
			answer({ cmd: 'puback', messageId: said[1]?.messageId as number, reasonCode: 135 });
			await world.clock.sleep(100);
			t.deepEqual(log, ['connected', 'a is there', 'refused: code 135'], name);
			t.false(session.connected);
		});
	}
});

test.serial('MQTT 5: why the broker ends a connection, or refuses it, is told', async (t) => {
	for (const [name, open] of CLIENTS) {
		for (const [code, then, reason] of [
			[0, { cmd: 'disconnect', reasonCode: 142 }, 'ended: code 142'],
			[135, undefined, 'refused: code 135'],
		] as const) {
			using world = openVirtualWorld({ seed: '1' });
			await world.run(async () => {
				const link = createLink({ clock: world.clock, random: world.random('link'), conditions: IDEAL });
				let closed: string | undefined;
				open(
					{ stream: link.deviceEnd, clientId: 'device', keepaliveS: 0, clean: true, clock: world.clock, level: 5 },
					{ onConnected: () => {}, onMessage: () => t.fail(), onClosed: (text) => (closed = text) },
				);
				const answers: readonly Packet[] = [{ cmd: 'connack', reasonCode: code, sessionPresent: false }, ...(then ? [then] : [])];
				for (const packet of answers) link.brokerEnd.write(mqttPacket.generate(packet, { protocolVersion: 5 }));
				await world.clock.sleep(100);
				t.is(closed, reason, name);
			});
		}
	}
});
