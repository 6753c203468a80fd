import test from 'ava';
import mqttPacket from 'mqtt-packet';
import { numbered, received, withLink } from './link.test.fixture.js';

const HOW = ['reset', 'half-open'] as const;
const publishOf = (payloadBytes: number): Buffer =>
	mqttPacket.generate({ cmd: 'publish', topic: 'a/b', payload: numbered(payloadBytes), qos: 0, dup: false, retain: false });
/** With a body of none, one and two bytes of length. */
const EXCHANGE = [Buffer.from([0x20, 2, 0, 0]), publishOf(40), Buffer.from([0xd0, 0]), publishOf(150), publishOf(0)];
const STREAM = Buffer.concat(EXCHANGE);

test.serial('a cut at byte N leaves the device with exactly N bytes, for every N, chunking and kind of cut', async (t) => {
	for (const how of HOW) {
		for (const chunkBytes of [1, 7, STREAM.length]) {
			for (let bytes = 0; bytes <= STREAM.length; bytes++) {
				await withLink({ latencyMs: 3 }, async ({ world, link, arrivals, faults, log }) => {
					link.cutAfter({ bytes }, how);
					for (let offset = 0; offset < STREAM.length; offset += chunkBytes) {
						link.brokerEnd.write(STREAM.subarray(offset, offset + chunkBytes));
					}
					link.brokerEnd.end();
					await world.clock.sleep(20);
					t.true(received(arrivals).equals(STREAM.subarray(0, bytes)), `${bytes} ${how} in chunks of ${chunkBytes}`);
					t.is(link.bytesToDevice, bytes);
					const cutMs = bytes === 0 ? 0 : 3;
					t.deepEqual(faults, [`${cutMs} link-${how}: after ${bytes} bytes`]);
					const errors = log.filter((line) => line.includes('ECONNRESET'));
					t.deepEqual(errors, how === 'reset' ? [`${cutMs + 3} device ECONNRESET`, `${cutMs + 3} broker ECONNRESET`] : []);
				});
			}
		}
	}
});

test.serial('a cut after message N lets N whole packets through and not a byte more, for every N and chunking', async (t) => {
	for (const how of HOW) {
		for (const chunkBytes of [1, 5, 64, STREAM.length]) {
			for (let messages = 0; messages <= EXCHANGE.length; messages++) {
				await withLink({ latencyMs: 3 }, async ({ world, link, arrivals, faults }) => {
					link.cutAfter({ messages }, how);
					for (let offset = 0; offset < STREAM.length; offset += chunkBytes) {
						link.brokerEnd.write(STREAM.subarray(offset, offset + chunkBytes));
					}
					await world.clock.sleep(20);
					t.true(received(arrivals).equals(Buffer.concat(EXCHANGE.slice(0, messages))), `${messages} ${how} in chunks of ${chunkBytes}`);
					t.is(faults.length, 1);
				});
			}
		}
	}
});

test.serial('a cut counts from when it is armed: bytes from then, packets whose end comes after', (t) =>
	withLink({}, async ({ world, link, arrivals }) => {
		const [connack, first, pong] = EXCHANGE as [Buffer, Buffer, Buffer];
		link.brokerEnd.write(Buffer.concat([connack, first.subarray(0, 11)]));
		await world.clock.sleep(1);
		link.cutAfter({ messages: 2 }, 'reset');
		link.brokerEnd.write(Buffer.concat([first.subarray(11), pong, first]));
		await world.clock.sleep(1);
		t.true(received(arrivals).equals(Buffer.concat([connack, first, pong])));
	}),
);

test.serial('what the device answers to the last message before a cut is lost with the connection', (t) =>
	withLink({ latencyMs: 2 }, async ({ world, link }) => {
		let toBroker = 0;
		link.brokerEnd.on('data', (bytes: Buffer) => {
			toBroker += bytes.length;
		});
		link.deviceEnd.on('data', () => link.deviceEnd.write('answer'));
		link.cutAfter({ messages: 2 }, 'half-open');
		for (const packet of EXCHANGE) {
			link.brokerEnd.write(packet);
			await world.clock.sleep(10);
		}
		t.is(toBroker, 'answer'.length);
	}),
);

test.serial('a reset loses what is under way in both directions and fails both ends after one latency', (t) =>
	withLink({ latencyMs: 25 }, async ({ world, link, arrivals, log, faults }) => {
		link.brokerEnd.write('lost');
		link.deviceEnd.write('lost');
		await world.clock.sleep(10);
		link.reset();
		link.reset();
		link.brokerEnd.write('also lost');
		await world.clock.sleep(100);
		t.deepEqual(arrivals, []);
		t.is(link.bytesToBroker, 0);
		t.deepEqual(faults, ['10 link-reset: asked for']);
		t.deepEqual(log, ['35 device ECONNRESET', '35 device close', '35 broker ECONNRESET', '35 broker close']);
	}),
);

test.serial('a reset fails no end within the call, even without any delay', (t) =>
	withLink({}, async ({ world, link, log }) => {
		await world.clock.sleep(1);
		link.reset();
		t.false(link.deviceEnd.destroyed || link.brokerEnd.destroyed);
		await Promise.resolve();
		await world.clock.sleep(1);
		t.deepEqual(log, ['1 device ECONNRESET', '1 device close', '1 broker ECONNRESET', '1 broker close']);
	}),
);

test.serial('a half-open link swallows writes and ends in both directions, and neither end hears a thing', (t) =>
	withLink({ latencyMs: 5 }, async ({ world, link, arrivals, log, faults }) => {
		link.goHalfOpen();
		let swallowed = 0;
		for (const end of [link.brokerEnd, link.deviceEnd]) for (let round = 0; round < 100; round++) end.write(Buffer.alloc(65_536), () => swallowed++);
		await world.clock.sleep(1000);
		t.is(swallowed, 200);
		link.brokerEnd.end();
		link.deviceEnd.destroy();
		await world.clock.sleep(100_000);
		t.deepEqual(arrivals, []);
		t.deepEqual(log, ['1000 device close']);
		t.deepEqual(faults, ['0 link-half-open: asked for']);
	}),
);

test.serial('a stalled reader gets everything once it reads again, and the broker never waits', (t) =>
	withLink({ latencyMs: 5 }, async ({ world, link, arrivals, faults }) => {
		const sent = numbered(400_000);
		link.stallReader(3000);
		let drained = 0;
		for (let offset = 0; offset < sent.length; offset += 4000) {
			t.true(link.brokerEnd.write(sent.subarray(offset, offset + 4000), () => drained++));
			await world.clock.sleep(10);
		}
		t.is(drained, 100);
		t.deepEqual(arrivals, []);
		await world.clock.sleep(2500);
		t.true(received(arrivals).equals(sent));
		t.is(arrivals[0]?.atMs, 3000);
		t.deepEqual(faults, ['5 stalled-reader: 4000 bytes wait']);
	}),
);

test.serial('a stall that nothing met leaves no evidence', (t) =>
	withLink({ latencyMs: 5 }, async ({ world, link, arrivals, faults }) => {
		link.stallReader(100);
		await world.clock.sleep(200);
		link.brokerEnd.write('x');
		await world.clock.sleep(200);
		t.deepEqual(faults, []);
		t.is(arrivals[0]?.atMs, 205);
	}),
);

test.serial('a stalled reader whose buffer overflows loses the connection, at the first byte over', async (t) => {
	for (const [sizeBytes, overflows] of [
		[10_000, false],
		[10_001, true],
	] as const) {
		await withLink(
			{ latencyMs: 5 },
			async ({ world, link, faults, log }) => {
				link.stallReader(1000);
				link.brokerEnd.write(Buffer.alloc(4000));
				await world.clock.sleep(100);
				link.brokerEnd.write(Buffer.alloc(sizeBytes - 4000));
				await world.clock.sleep(2000);
				t.is(link.bytesToDevice, overflows ? 0 : sizeBytes);
				t.is(faults.at(-1), overflows ? '100 link-reset: 10001 bytes wait for the device, more than the buffer holds' : '5 stalled-reader: 4000 bytes wait');
				t.is(log.includes('105 broker ECONNRESET'), overflows);
			},
			{ bufferBytes: 10_000 },
		);
	}
});

test.serial('a device that sends more than the link holds has to wait for room', (t) =>
	withLink(
		{ bandwidthBytesPerS: 1000 },
		async ({ world, link, faults }) => {
			link.brokerEnd.resume();
			const accepted: number[] = [];
			for (let round = 0; round < 4; round++) link.deviceEnd.write(Buffer.alloc(1000), () => accepted.push(world.clock.nowMs));
			await world.clock.sleep(10_000);
			t.is(link.bytesToBroker, 4000);
			t.deepEqual(faults, []);
			// A write is let go once at most 1,500 bytes wait; what waited behind it was written as one.
			t.is(accepted.at(0), 0);
			t.true((accepted.at(-1) ?? 0) >= 1000, accepted.join());
		},
		{ bufferBytes: 1500 },
	),
);

test.serial('an error thrown by a listener is not swallowed: it reaches the clock', async (t) => {
	const error = await t.throwsAsync(
		withLink({ latencyMs: 5 }, async ({ world, link }) => {
			link.deviceEnd.once('data', () => {
				throw new Error('power cut in a handler');
			});
			link.brokerEnd.write('a');
			await world.clock.sleep(100);
		}),
	);
	t.regex(String(error?.message), /power cut in a handler/);
});
