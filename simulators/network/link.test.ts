import test from 'ava';
import fc from 'fast-check';
import type { LinkConditions } from '../../harness/faults/index.js';
import type { Link } from './link.js';
import { IDEAL, numbered, received, withLink } from './link.test.fixture.js';
import { PACKET_BYTES } from './wire.js';

test.serial('nothing is delivered within the call that writes it, even without any delay', (t) =>
	withLink({}, async ({ world, link, arrivals }) => {
		await world.clock.sleep(1);
		link.brokerEnd.write('now');
		t.is(arrivals.length, 0);
		await Promise.resolve();
		await new Promise((resolve) => setImmediate(resolve));
		t.deepEqual(arrivals, [{ atMs: 1, bytes: Buffer.from('now') }]);
	}),
);

test.serial('latency delays both directions by just that', (t) =>
	withLink({ latencyMs: 50 }, async ({ world, link, arrivals }) => {
		let answeredMs = 0;
		link.brokerEnd.on('data', () => {
			answeredMs = world.clock.nowMs;
		});
		link.deviceEnd.on('data', (bytes) => link.deviceEnd.write(bytes));
		link.brokerEnd.write('ping');
		await world.clock.sleep(200);
		t.is(arrivals[0]?.atMs, 50);
		t.is(answeredMs, 100);
		t.is(link.bytesToDevice, 4);
		t.is(link.bytesToBroker, 4);
	}),
);

test.serial('what is corked together travels as one burst', (t) =>
	withLink({ latencyMs: 5 }, async ({ world, link, arrivals }) => {
		link.brokerEnd.cork();
		for (const part of ['a', 'bc', 'def']) link.brokerEnd.write(part);
		link.brokerEnd.uncork();
		await world.clock.sleep(10);
		t.deepEqual(arrivals, [{ atMs: 5, bytes: Buffer.from('abcdef') }]);
	}),
);

test.serial('jitter stays within its bounds, varies, and nothing overtakes', (t) =>
	withLink({ latencyMs: 20, jitterMs: 7 }, async ({ world, link, arrivals }) => {
		const delays = new Set<number>();
		for (let round = 0; round < 200; round++) {
			const sentMs = world.clock.nowMs;
			link.brokerEnd.write(Buffer.from([round]));
			await world.clock.sleep(30);
			delays.add((arrivals.at(-1)?.atMs ?? 0) - sentMs);
		}
		t.deepEqual([...delays].sort(), [20, 21, 22, 23, 24, 25, 26, 27]);
		for (let round = 0; round < 200; round++) {
			link.brokerEnd.write(Buffer.from([round]));
			await world.clock.sleep(1);
		}
		await world.clock.sleep(100);
		t.deepEqual(
			[...received(arrivals).subarray(200)],
			Array.from({ length: 200 }, (_, round) => round),
		);
	}),
);

test.serial('bandwidth spaces packets exactly and adds up without rounding', (t) =>
	withLink({ latencyMs: 10, bandwidthBytesPerS: 3000 }, async ({ world, link, arrivals }) => {
		const bursts = [4000, 1, 2000];
		for (const sizeBytes of bursts) link.brokerEnd.write(Buffer.alloc(sizeBytes));
		await world.clock.sleep(5000);
		const ends = [PACKET_BYTES, 2 * PACKET_BYTES, 4000, 4001, 4001 + PACKET_BYTES, 6001];
		t.deepEqual(
			arrivals.map(({ atMs }) => atMs),
			ends.map((bytes) => Math.ceil((bytes * 1000) / 3000) + 10),
		);
		// An idle sender starts afresh, and unlimited is unlimited.
		const sentMs = world.clock.nowMs;
		link.brokerEnd.write(Buffer.alloc(300));
		await world.clock.sleep(1000);
		t.is(arrivals.at(-1)?.atMs, sentMs + 110);
		// A change leaves the backlog the time it was given, and what follows queues behind it.
		link.brokerEnd.write(Buffer.alloc(900));
		link.setConditions({ ...IDEAL, bandwidthBytesPerS: 6000 });
		link.brokerEnd.write(Buffer.alloc(600));
		await world.clock.sleep(1000);
		t.deepEqual(
			arrivals.slice(-2).map(({ atMs }) => atMs - sentMs),
			[1310, 1400],
		);
		link.setConditions(IDEAL);
		link.brokerEnd.write(Buffer.alloc(300));
		await world.clock.sleep(1);
		t.is(arrivals.at(-1)?.atMs, sentMs + 2000);
	}),
);

test.serial('1 MiB through 20 % loss arrives whole and in order, late by its retransmissions', (t) =>
	withLink(
		{ latencyMs: 10, lossRatio: 0.2 },
		async ({ world, link, arrivals, faults }) => {
			const sent = numbered(1 << 20);
			for (let offset = 0; offset < sent.length; offset += 4096) {
				link.brokerEnd.write(sent.subarray(offset, offset + 4096));
				await world.clock.sleep(5);
			}
			await world.clock.sleep(120_000);
			t.deepEqual(faults, []);
			t.true(received(arrivals).equals(sent));
			// 256 bursts of three packets, each lost again and again with probability 0.2: 192 expected, deviation 15.5.
			t.true(Math.abs(link.retransmissions - 192) < 62, `${link.retransmissions} retransmissions`);
		},
		{ bufferBytes: 2 << 20 },
	),
);

test.serial('one packet stalls by the doubling timeouts of its own losses, and the count says how many', async (t) => {
	const seen = new Map<number, number>();
	for (let seed = 0; seed < 60; seed++) {
		await withLink(
			{ latencyMs: 10, lossRatio: 0.5 },
			async ({ world, link, arrivals }) => {
				link.brokerEnd.write('x');
				await world.clock.sleep(60_000);
				const losses = link.retransmissions;
				t.is(arrivals[0]?.atMs, 10 + 200 * (2 ** losses - 1));
				seen.set(losses, (seen.get(losses) ?? 0) + 1);
			},
			{ seed: String(seed) },
		);
	}
	t.true(
		[0, 1, 2, 3].every((losses) => seen.has(losses)),
		JSON.stringify([...seen]),
	);
});

test.serial('a loss that outlives its eight repeats is a reset', (t) =>
	withLink({ latencyMs: 10, lossRatio: 1 }, async ({ world, link, arrivals, faults, log }) => {
		link.brokerEnd.write('never');
		await world.clock.sleep(200_000);
		const givenUpMs = 200 * (2 ** 9 - 1);
		t.deepEqual(faults, [`${givenUpMs} link-reset: a packet was lost with all its repeats`]);
		t.is(link.retransmissions, 8);
		t.deepEqual(arrivals, []);
		t.deepEqual(
			log,
			['device', 'broker'].flatMap((name) => [`${givenUpMs + 10} ${name} ECONNRESET`, `${givenUpMs + 10} ${name} close`]),
		);
	}),
);

test.serial('an orderly end arrives behind the bytes written before it, also when the writer destroys its end at once', async (t) => {
	for (const how of ['end', 'destroy'] as const) {
		await withLink({ latencyMs: 30, bandwidthBytesPerS: 10_000 }, async ({ world, link, arrivals, log, faults }) => {
			const sent = numbered(5000);
			link.brokerEnd.resume();
			link.brokerEnd.write(sent);
			link.brokerEnd[how]();
			await world.clock.sleep(1000);
			t.true(received(arrivals).equals(sent), how);
			t.true(log.includes('530 device end') && log.includes('530 device close'), log.join());
			t.deepEqual(faults, []);
			t.true(link.brokerEnd.destroyed);
		});
	}
});

test.serial('nothing arrives at an end after its destruction', (t) =>
	withLink({ latencyMs: 30 }, async ({ world, link, arrivals }) => {
		link.brokerEnd.write('early');
		await world.clock.sleep(30);
		link.brokerEnd.write('late');
		await world.clock.sleep(10);
		link.deviceEnd.destroy();
		await world.clock.sleep(100);
		t.is(received(arrivals).toString(), 'early');
		t.is(link.bytesToDevice, 5);
	}),
);

test.serial('a device that loses power leaves the broker with what was sent and no end', (t) =>
	withLink({ latencyMs: 30 }, async ({ world, link, log, faults }) => {
		let got = '';
		link.brokerEnd.on('data', (bytes) => {
			got += bytes;
		});
		link.deviceEnd.write('last words');
		link.losePower();
		link.brokerEnd.write('hello?');
		await world.clock.sleep(10_000);
		t.is(got, 'last words');
		t.deepEqual(log, ['0 device close']);
		t.deepEqual(faults, []);
		t.is(link.bytesToDevice, 0);
	}),
);

test.serial('close destroys both ends without an error, and nothing follows', (t) =>
	withLink({ latencyMs: 30 }, async ({ world, link, arrivals, log }) => {
		link.brokerEnd.write('never');
		link.close();
		link.close();
		await world.clock.sleep(100);
		t.deepEqual(log, ['0 device close', '0 broker close']);
		t.deepEqual(arrivals, []);
	}),
);

test.serial('one seed gives one timing, another seed another', async (t) => {
	const timing = async (seed: string): Promise<string> => {
		let text = '';
		await withLink(
			{ latencyMs: 20, jitterMs: 9, lossRatio: 0.2, bandwidthBytesPerS: 50_000 },
			async ({ world, link, arrivals }) => {
				for (let round = 0; round < 50; round++) {
					link.brokerEnd.write(Buffer.alloc(round * 100));
					await world.clock.sleep(40);
				}
				await world.clock.sleep(60_000);
				text = arrivals.map(({ atMs, bytes }) => `${atMs}:${bytes.length}`).join(' ');
			},
			{ seed },
		);
		return text;
	};
	const first = await timing('a');
	t.is(await timing('a'), first);
	t.not(await timing('b'), first);
});

test.serial('conditions out of this world are refused by name', (t) =>
	withLink({}, async ({ link }) => {
		for (const wrong of [{ latencyMs: -1 }, { latencyMs: 0.5 }, { jitterMs: Number.NaN }, { bandwidthBytesPerS: -1 }, { lossRatio: 1.1 }]) {
			t.throws(() => link.setConditions({ ...IDEAL, ...wrong }), { instanceOf: RangeError, message: new RegExp(`^${Object.keys(wrong)[0]}: `) });
		}
	}),
);

type Step =
	| { readonly do: 'write'; readonly sizeBytes: number }
	| { readonly do: 'conditions'; readonly conditions: LinkConditions }
	| { readonly do: 'stall' | 'sleep'; readonly forMs: number }
	| { readonly do: 'reset' | 'half-open' | 'end' | 'power' };

const conditionsOf = fc.record({
	latencyMs: fc.nat(100),
	jitterMs: fc.nat(50),
	bandwidthBytesPerS: fc.constantFrom(0, 1000, 33_333),
	lossRatio: fc.constantFrom(0, 0, 0.3, 0.9),
});
const steps = fc.array(
	fc.oneof(
		{ weight: 8, arbitrary: fc.record({ do: fc.constant('write' as const), sizeBytes: fc.nat(6000) }) },
		{ weight: 5, arbitrary: fc.record({ do: fc.constantFrom('stall' as const, 'sleep' as const), forMs: fc.nat(2000) }) },
		{ weight: 3, arbitrary: fc.record({ do: fc.constant('conditions' as const), conditions: conditionsOf }) },
		{ weight: 1, arbitrary: fc.record({ do: fc.constantFrom('reset' as const, 'half-open' as const, 'end' as const, 'power' as const) }) },
	),
	{ minLength: 1, maxLength: 25 },
);

test.serial('under any schedule of conditions and faults, in both directions, what arrives is a prefix of what was sent', async (t) => {
	let whole = 0;
	await fc.assert(
		fc.asyncProperty(conditionsOf, steps, (conditions, schedule) =>
			withLink(conditions, async ({ world, link, arrivals, faults }) => {
				const toBroker: Buffer[] = [];
				link.brokerEnd.on('data', (bytes) => toBroker.push(bytes));
				let sent = Buffer.alloc(0);
				let ended = false;
				for (const step of schedule) {
					if (step.do === 'write' && !ended) {
						const bytes = numbered(sent.length + step.sizeBytes).subarray(sent.length);
						for (const end of [link.brokerEnd, link.deviceEnd]) if (end.writable) end.write(bytes);
						if (link.brokerEnd.writable) sent = Buffer.concat([sent, bytes]);
					} else ended = apply(link, step) || ended;
					if (step.do === 'sleep') await world.clock.sleep(step.forMs + 1);
				}
				await world.clock.sleep(1_000_000);
				const got = received(arrivals);
				t.true(got.equals(sent.subarray(0, got.length)), 'to the device');
				const back = Buffer.concat(toBroker);
				t.true(back.equals(numbered(back.length)), 'to the broker');
				t.is(got.length, link.bytesToDevice);
				if (faults.every((fault) => fault.includes('stalled-reader')) && !ended) {
					t.is(got.length, sent.length);
					whole++;
				}
			}),
		),
		{ seed: 3, numRuns: 150 },
	);
	t.true(whole > 20, `${whole} schedules ended whole`);
});

/** True where the step ends the connection. */
const apply = (link: Link, step: Step): boolean => {
	if (step.do === 'conditions') link.setConditions(step.conditions);
	else if (step.do === 'stall') link.stallReader(step.forMs);
	else if (step.do === 'reset') link.reset();
	else if (step.do === 'half-open') link.goHalfOpen();
	else if (step.do === 'end') link.deviceEnd.end();
	else if (step.do === 'power') link.losePower();
	return ['reset', 'half-open', 'end', 'power'].includes(step.do);
};
