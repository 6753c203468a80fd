import test from 'ava';
import fc from 'fast-check';
import mqttPacket from 'mqtt-packet';
import { PacketCounter } from './packet-counter.js';
import { PacketFramer } from './packet-framer.js';

const packetOf = (payloadBytes: number): Buffer =>
	mqttPacket.generate({ cmd: 'publish', topic: 't', payload: Buffer.alloc(payloadBytes, 0xff), qos: 0, dup: false, retain: false });
/** Sizes around each length of the length field, and packets without a body. */
const packets = fc.array(fc.oneof(fc.constantFrom(0, 1, 120, 124, 125, 126, 16_380, 16_381).map(packetOf), fc.constant(Buffer.from([0xd0, 0]))), {
	maxLength: 6,
});

const bodyBytes = (packet: Buffer): number => packet.length - (packet.length < 130 ? 2 : packet.length < 16_387 ? 3 : 4);

const chunked = (bytes: Buffer, cuts: readonly number[]): Buffer[] => {
	const ends = [...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].sort((left, right) => left - right);
	return ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end));
};

test('packets are counted and cut out the same however the stream is chunked', (t) => {
	fc.assert(
		fc.property(packets, fc.array(fc.nat()), (list, cuts) => {
			const counter = new PacketCounter();
			const framer = new PacketFramer(1 << 20);
			const framed: Buffer[] = [];
			for (const chunk of chunked(Buffer.concat(list), cuts)) {
				counter.take(chunk, Number.POSITIVE_INFINITY);
				framer.push(chunk);
				for (let pieces = framer.next(); pieces; pieces = framer.next()) framed.push(Buffer.concat(pieces));
			}
			t.is(counter.packets, list.length);
			t.is(counter.largestBytes, Math.max(0, ...list.map(bodyBytes)));
			t.deepEqual(framed, list);
		}),
		{ seed: 1 },
	);
});

test('the counter stops exactly behind the packet asked for', (t) => {
	fc.assert(
		fc.property(packets, fc.array(fc.nat()), fc.nat(7), (list, cuts, stopAt) => {
			const counter = new PacketCounter();
			let taken = 0;
			for (const chunk of chunked(Buffer.concat(list), cuts)) taken += counter.take(chunk, stopAt);
			t.is(taken, Buffer.concat(list.slice(0, stopAt)).length);
		}),
		{ seed: 2 },
	);
});

test('a length that runs over four bytes is malformed for both, and the counter lets everything pass uncounted', (t) => {
	const bytes = Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 1]);
	const counter = new PacketCounter();
	t.is(counter.take(bytes, 1), bytes.length);
	t.true(counter.malformed);
	const framer = new PacketFramer(100);
	framer.push(bytes);
	t.throws(() => framer.next(), { message: 'the length of a packet runs over four bytes' });
});

test('a packet over the limit is refused from its header, before its bytes are held', (t) => {
	const framer = new PacketFramer(1000);
	framer.push(packetOf(2000).subarray(0, 10));
	t.throws(() => framer.next(), { message: 'a packet of 2006 bytes: at most 1000 are accepted' });
});
