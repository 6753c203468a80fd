import { PassThrough } from 'node:stream';
import test from 'ava';
import fc from 'fast-check';
import mqttPacket, { type Packet } from 'mqtt-packet';
import { MessageWriter, shortenParsing } from './short-ways.js';

/** A payload that looks like receipts from wherever it is cut. */
const RECEIPTS = Buffer.alloc(60, Buffer.from([0x40, 2, 0, 1]));
const payloads = fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constant(RECEIPTS));

const packets: fc.Arbitrary<Packet> = fc.oneof(
	fc
		.record({ topic: fc.string({ minLength: 1, maxLength: 20 }), payload: payloads, qos: fc.constantFrom(0, 1, 2), dup: fc.boolean() })
		.map(({ payload, qos, ...rest }) => ({
			cmd: 'publish',
			...rest,
			qos,
			retain: false,
			payload: Buffer.from(payload),
			...(qos === 0 ? {} : { messageId: 7 }),
		})) as fc.Arbitrary<Packet>,
	fc.integer({ min: 1, max: 0xffff }).map((messageId): Packet => ({ cmd: 'puback', messageId })),
	fc.constant<Packet>({ cmd: 'pingreq' }),
	fc.constant<Packet>({ cmd: 'subscribe', messageId: 3, subscriptions: [{ topic: 'a/+', qos: 1 }] }),
);

/** What a parser makes of bytes that come in such pieces, in order, errors included. */
const parseAll = (pieces: readonly Buffer[], { short }: { readonly short: boolean }): readonly unknown[] => {
	const parser = mqttPacket.parser({ protocolVersion: 4 });
	const told: unknown[] = [];
	if (short) shortenParsing(parser as unknown as Parameters<typeof shortenParsing>[0]);
	parser.on('packet', (packet: Packet) => {
		const { cmd, messageId, ...rest } = packet;
		const { topic, payload, qos, dup, subscriptions } = rest as Record<string, unknown>;
		told.push(
			cmd === 'publish' ? { cmd, messageId, topic, payload: Buffer.from(payload as Buffer).toString('hex'), qos, dup } : { cmd, messageId, subscriptions },
		);
	});
	parser.on('error', (error: Error) => told.push(error.message));
	told.push(...pieces.map((piece) => parser.parse(piece)).slice(-1));
	return told;
};

test('packets are told in their order and whole, in whatever pieces they come, as the general parser tells them', (t) => {
	fc.assert(
		fc.property(fc.array(packets, { minLength: 1, maxLength: 6 }), fc.array(fc.nat(), { maxLength: 5 }), (sent, cuts) => {
			const bytes = Buffer.concat(sent.map((packet) => mqttPacket.generate(packet)));
			const ends = [...new Set([...cuts.map((cut) => 1 + (cut % bytes.length)), bytes.length])].sort((left, right) => left - right);
			const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
			const told = parseAll(pieces, { short: true });
			t.deepEqual(told, parseAll(pieces, { short: false }));
			t.is(told.length, sent.length + 1);
		}),
		{ seed: 1 },
	);
});

test('what is no packet is an error behind the packets before it, and the end of all', (t) => {
	const good = mqttPacket.generate({ cmd: 'puback', messageId: 9 });
	for (const wrong of [
		[0x36, 4, 0, 1, 97, 0],
		[0x30, 3, 0, 9, 97],
		[0x82, 0xff, 0xff, 0xff, 0xff, 0xff],
	]) {
		const pieces = [Buffer.concat([good, Buffer.from(wrong)])];
		const told = parseAll(pieces, { short: true });
		t.deepEqual(told, parseAll(pieces, { short: false }), wrong.join());
		t.like(told[0], { cmd: 'puback', messageId: 9 });
		t.is(typeof told[1], 'string');
	}
});

test('a message is written as the general codec writes it, whatever went before on its connection', (t) => {
	const stream = new PassThrough();
	const writer = new MessageWriter();
	for (const [topic, size] of [
		['a/b', 4096],
		['a/b', 4096],
		['a/b', 4097],
		['a/c', 4097],
		['a/c', 0],
	] as const) {
		const payload = Buffer.alloc(size, topic);
		t.true(writer.write(stream, { topic, payload }) || stream.writableNeedDrain);
		t.deepEqual(stream.read(), mqttPacket.generate({ cmd: 'publish', topic, payload, qos: 0, retain: false, dup: false }));
	}
});
