import test from 'ava';
import { type DeviceFault, TEAR_MODES } from '../../harness/faults/index.js';
import { type Bench, withBench } from './bench.test.support.js';
import { FLEET_PROFILES } from './profile.js';

const SLOW = { latencyMs: 20, jitterMs: 0, bandwidthBytesPerS: 8_000, lossRatio: 0 };

const candidate = (bench: Bench) => bench.imageOf(bench.releases.candidate());

const fired = (bench: Bench, fault?: string) => bench.eventsOf('fault-fired').filter((event) => fault === undefined || event.fault === fault);

const endWell = async (bench: Bench): Promise<void> => {
	await bench.end(bench.deploy(candidate(bench)));
	await bench.sleep(600_000);
};

for (const tear of TEAR_MODES) {
	test.serial(`a power cut at a flash operation, torn '${tear}', fires once, at that operation, and says so`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			const before = bench.device.flash.operations;
			bench.device.arm({ kind: 'power-cut', moment: { at: 'operation', operation: 7, tear, tearSeed: 3 }, offMs: 2_000 });
			await endWell(bench);
			const [evidence, ...more] = fired(bench);
			t.deepEqual(more, []);
			t.is(evidence?.fault, 'power-cut');
			t.regex(evidence?.detail ?? '', new RegExp(`^operation ${before + 7}, (program|erase) of \\d+ bytes at \\d+, ${tear}$`));
			const [off, on] = bench.eventsOf('device-power').slice(1);
			t.is(off?.power, 'off');
			t.is(off?.at, evidence?.at);
			t.is(on?.power, 'on');
			t.is((on?.at ?? 0) - (off?.at ?? 0), 2_000);
			t.is(on?.cause, 'power-loss');
			t.is(bench.device.tally.powerLosses, 1);
			t.is(bench.device.running?.version, '2.0.0+0');
		}),
	);
}

for (const message of [0, 1, 5, 12]) {
	test.serial(`a power cut at message ${message} fires once, with that message`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			const before = bench.device.tally.messages;
			bench.device.arm({ kind: 'power-cut', moment: { at: 'message', message }, offMs: 2_000 });
			const job = bench.deploy(candidate(bench));
			await bench.until(() => bench.device.state === 'off', 'the cut');
			t.is(bench.device.tally.messages - before, message + 1);
			await bench.end(job);
			t.is(fired(bench).length, 1);
			t.is(bench.device.tally.powerLosses, 1);
		}),
	);
}

test.serial('a power cut at a moment fires once, then', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const { nowMs } = bench.clock;
		bench.device.arm({ kind: 'power-cut', moment: { at: 'time', afterMs: 1_234 }, offMs: 2_000 });
		await bench.sleep(600_000);
		t.deepEqual(
			fired(bench).map(({ at, fault }) => ({ at: at - nowMs, fault })),
			[{ at: 1_234, fault: 'power-cut' }],
		);
		t.is(bench.device.state, 'idle');
	}),
);

test.serial('a power cut that finds the device dark waits until it is back', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		bench.device.arm({ kind: 'power-cut', moment: { at: 'time', afterMs: 100 }, offMs: 60_000 });
		await bench.sleep(1_000);
		t.false(bench.device.powered);
		bench.device.arm({ kind: 'power-cut', moment: { at: 'time', afterMs: 100 }, offMs: 1_000 });
		await bench.sleep(50_000);
		t.is(fired(bench).length, 1);
		await bench.sleep(60_000);
		const [first, second, ...more] = fired(bench);
		t.deepEqual(more, []);
		t.true((second?.at ?? 0) >= (first?.at ?? 0) + 60_000);
		t.is(bench.device.tally.powerLosses, 2);
	}),
);

const CUTS: Readonly<Record<string, DeviceFault>> = {
	operation: { kind: 'power-cut', moment: { at: 'operation', operation: 2, tear: 'half' }, offMs: 1_000 },
	message: { kind: 'power-cut', moment: { at: 'message', message: 3 }, offMs: 1_000 },
	time: { kind: 'power-cut', moment: { at: 'time', afterMs: 1_500 }, offMs: 1_000 },
};

for (const [first, armedFirst] of Object.entries(CUTS)) {
	for (const [second, armedSecond] of Object.entries(CUTS)) {
		test.serial(`a power cut by ${first}, then armed by ${second}, fires once, as the second says`, (t) =>
			withBench({ link: SLOW }, async (bench) => {
				await bench.start();
				bench.device.arm(armedFirst);
				bench.device.arm(armedSecond);
				await endWell(bench);
				t.is(fired(bench).length, 1);
				t.is(bench.device.tally.powerLosses, 1);
				t.regex(fired(bench)[0]?.detail ?? '', second === 'operation' ? /^operation / : second === 'message' ? /message/ : /^at a moment$/);
				t.is(bench.eventsOf('fault-armed').length, 2);
			}),
		);
	}
}

test.serial('a supply that sags spoils one program, says so once, and resets the device, which fetches again what was spoiled', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const wanted = candidate(bench);
		const job = bench.deploy(wanted);
		await bench.until(() => bench.device.download.received >= 4, 'four blocks');
		bench.device.arm({ kind: 'brown-out', operation: 1 });
		await bench.end(job);
		await bench.sleep(600_000);
		t.deepEqual(
			fired(bench).map(({ fault }) => fault),
			['brown-out'],
		);
		t.deepEqual(
			bench.eventsOf('device-boot').map(({ cause }) => cause),
			['power-on', 'brown-out', 'update'],
		);
		t.is(bench.status(job), 'SUCCEEDED');
		t.deepEqual(bench.slotBytes('b').subarray(0, wanted.bytes.length), Buffer.from(wanted.bytes));
	}),
);

for (const [kind, label] of [
	['link-reset', 'a reset'],
	['link-half-open', 'half-open silence'],
] as const) {
	for (const after of [{ messages: 0 }, { messages: 4 }, { bytes: 1 }, { bytes: 9_999 }]) {
		test.serial(`${label} after ${JSON.stringify(after)} fires once, and the device finds a new connection`, (t) =>
			withBench({ link: SLOW }, async (bench) => {
				await bench.start();
				bench.device.arm({ kind, after });
				const bytes = bench.links[0]?.bytesToDevice ?? 0;
				await endWell(bench);
				const [evidence, ...more] = fired(bench);
				t.deepEqual(more, []);
				t.is(evidence?.fault, kind);
				t.is(evidence?.detail, 'messages' in after ? `after ${after.messages} messages` : `after ${after.bytes} bytes`);
				if ('bytes' in after) t.is((bench.links[0]?.bytesToDevice ?? 0) - bytes, after.bytes);
				t.true(bench.links.length >= 3);
				t.is(bench.device.running?.version, '2.0.0+0');
			}),
		);
	}
}

test.serial('a link fault armed on a dark device takes hold of its next connection', (t) =>
	withBench({}, async (bench) => {
		bench.device.arm({ kind: 'link-reset', after: { messages: 3 } });
		await bench.start();
		t.is(fired(bench, 'link-reset').length, 1);
		t.is(bench.sessions.length, 2);
	}),
);

test.serial('a link that is reset for a reason of its own is no evidence of the reset that is armed', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		bench.device.arm({ kind: 'link-reset', after: { messages: 5 } });
		bench.links.at(-1)?.reset();
		await bench.sleep(1);
		t.deepEqual(fired(bench), []);
		await bench.until(() => !bench.device.atRest, 'the loss');
		await bench.rest();
		await endWell(bench);
		t.deepEqual(
			fired(bench).map(({ detail }) => detail),
			['after 5 messages'],
		);
	}),
);

test.serial('a reader that stalls in a download says so once, and the download goes on', (t) =>
	withBench({ link: SLOW }, async (bench) => {
		await bench.start();
		const job = bench.deploy(candidate(bench));
		bench.device.arm({ kind: 'stalled-reader', afterMs: 1_500, forMs: 20_000 });
		await bench.sleep(2_000);
		const { received } = bench.device.download;
		await bench.sleep(15_000);
		t.is(bench.device.download.received, received);
		await bench.end(job);
		t.deepEqual(
			fired(bench).map(({ fault }) => fault),
			['stalled-reader'],
		);
		t.is(bench.status(job), 'SUCCEEDED');
	}),
);

test.serial('a link fault that is armed again is replaced: the first has no effect, seen or unseen', (t) =>
	withBench({ link: SLOW }, async (bench) => {
		await bench.start();
		bench.device.arm({ kind: 'link-reset', after: { messages: 3 } });
		bench.device.arm({ kind: 'stalled-reader', afterMs: 1_500, forMs: 5_000 });
		const first = bench.deploy(candidate(bench));
		await bench.until(() => bench.device.download.received >= 14, 'most blocks');
		t.is(bench.sessions.length, 1);
		t.deepEqual(
			fired(bench).map(({ fault }) => fault),
			['stalled-reader'],
		);
		await bench.end(first);
		const armedAt = bench.clock.nowMs;
		bench.device.arm({ kind: 'stalled-reader', afterMs: 500, forMs: 3_600_000 });
		bench.device.arm({ kind: 'link-half-open', after: { messages: 12 } });
		const second = bench.deploy({ ...bench.imageOf(bench.releases.installed()) });
		await bench.end(second);
		t.deepEqual(
			fired(bench).map(({ fault }) => fault),
			['stalled-reader', 'link-half-open'],
		);
		t.true((fired(bench, 'link-half-open')[0]?.at ?? 0) < armedAt + 20_000);
	}),
);

for (const [how, jump, afterMs] of [
	['to 2106', { toEpochMs: 2 ** 32 * 1_000 }, 2 ** 32 * 1_000],
	['back by an hour', { byMs: -3_600_000 }, undefined],
] as const) {
	test.serial(`a clock that jumps ${how} does so once, where there is power, and says from where`, (t) =>
		withBench({ profile: FLEET_PROFILES[1] as (typeof FLEET_PROFILES)[number] }, async (bench) => {
			await bench.start();
			bench.device.arm({ kind: 'power-cut', moment: { at: 'time', afterMs: 1 }, offMs: 60_000 });
			bench.device.arm({ kind: 'clock-jump', afterMs: 1_000, ...jump });
			await bench.sleep(59_000);
			t.is(fired(bench, 'clock-jump').length, 0);
			await bench.sleep(3_000);
			t.is(fired(bench, 'clock-jump').length, 1);
			const at = fired(bench, 'clock-jump')[0]?.at ?? 0;
			const expected = afterMs === undefined ? bench.clock.epochMs - 3_600_000 : afterMs + bench.clock.nowMs - at;
			t.is(bench.device.wallClock.epochMs, expected);
		}),
	);
}
