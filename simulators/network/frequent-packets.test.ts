import test from 'ava';
import fc from 'fast-check';
import mqttPacket, { type IPublishPacket } from 'mqtt-packet';
import { encodePuback, encodePublish, parseFrequent } from './frequent-packets.js';
import { parsePacket, type ProtocolLevel } from './packet-codec.js';

const publishes = fc.record({
	topic: fc.string({ minLength: 1, maxLength: 40, unit: 'binary' }),
	payload: fc
		.oneof(
			fc.uint8Array({ maxLength: 300 }),
			fc.constantFrom(100, 16_370, 20_000).map((size) => new Uint8Array(size).fill(7)),
		)
		.map((bytes) => Buffer.from(bytes)),
	retain: fc.boolean(),
	dup: fc.boolean(),
	messageId: fc.option(fc.integer({ min: 1, max: 0xffff }), { nil: undefined }),
});

type Fields = { topic: string; payload: Buffer; retain: boolean; dup: boolean; messageId: number | undefined };

const general = ({ dup, messageId, ...fields }: Fields, level: ProtocolLevel): Buffer =>
	mqttPacket.generate(
		{ cmd: 'publish', ...fields, dup, qos: messageId === undefined ? 0 : 1, ...(messageId === undefined ? {} : { messageId }) },
		{ protocolVersion: level },
	);

const LEVELS = [4, 5] as const;

const essence = ({ topic, payload, qos, retain, dup, messageId }: IPublishPacket) => ({ topic, payload: Buffer.from(payload), qos, retain, dup, messageId });

const cutUp = (bytes: Buffer, cuts: readonly number[]): readonly Buffer[] => {
	const ends = [...new Set(cuts.map((cut) => 1 + (cut % bytes.length))), bytes.length].filter((end) => end > 0).sort((left, right) => left - right);
	return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end)).filter(({ length }) => length > 0);
};

test('a message is read as the general codec reads it, in whatever pieces it comes', (t) => {
	fc.assert(
		fc.property(publishes, fc.array(fc.nat(), { maxLength: 4 }), fc.constantFrom(...LEVELS), (fields, cuts, level) => {
			const bytes = general(fields, level);
			const read = parseFrequent([bytes], level) as IPublishPacket;
			t.deepEqual(essence(read), essence(parsePacket([bytes], level) as IPublishPacket));
			const inPieces = parseFrequent(cutUp(bytes, cuts), level);
			if (inPieces !== undefined) t.deepEqual(essence(inPieces as IPublishPacket), essence(read));
		}),
		{ seed: 1 },
	);
});

test('a message is written as the general codec writes it', (t) => {
	fc.assert(
		fc.property(publishes, fc.constantFrom(...LEVELS), ({ dup: _dup, ...fields }, level) => {
			t.deepEqual(encodePublish(fields.topic, { ...fields, level }), general({ ...fields, dup: false }, level));
		}),
		{ seed: 1 },
	);
	t.throws(() => encodePublish('x'.repeat(65_536), { payload: Buffer.alloc(0), retain: false, messageId: undefined }), { instanceOf: RangeError });
});

test('a block that came in a piece of its own is not copied', (t) => {
	const block = Buffer.alloc(4096, 1);
	const whole = encodePublish('a/b', { payload: block, retain: false, messageId: undefined });
	const header = whole.subarray(0, whole.length - block.length);
	t.is((parseFrequent([header, block]) as IPublishPacket).payload, block);
});

test('a receipt is four bytes', (t) => {
	t.deepEqual(encodePuback(0x1234), mqttPacket.generate({ cmd: 'puback', messageId: 0x1234 }));
	t.deepEqual(parseFrequent([encodePuback(0x1234)]), { cmd: 'puback', messageId: 0x1234 });
});

for (const [title, bytes] of [
	['QoS 2', [0x34, 7, 0, 1, 97, 0, 1, 1, 1]],
	['a topic that runs over the end', [0x30, 3, 0, 9, 97]],
	['an identifier that is cut off', [0x32, 4, 0, 1, 97, 0]],
	['no room for a topic', [0x30, 1, 0]],
	['a receipt with a body of another length', [0x40, 3, 0, 1, 0]],
	['another packet', [0xd0, 0]],
] as const) {
	test(`left to the general codec: ${title}`, (t) => {
		t.is(parseFrequent([Buffer.from(bytes)]), undefined);
	});
}

test('left to the general codec: a message of MQTT 5 with properties', (t) => {
	const bytes = mqttPacket.generate(
		{ cmd: 'publish', topic: 'a', payload: 'x', qos: 0, retain: false, dup: false, properties: { messageExpiryInterval: 9 } },
		{ protocolVersion: 5 },
	);
	t.is(parseFrequent([bytes], 5), undefined);
	t.is((parsePacket([bytes], 5) as IPublishPacket).properties?.messageExpiryInterval, 9);
});
