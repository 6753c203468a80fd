import test from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { createJudge } from '../../harness/invariants/index.js';
import type { Rung } from '../../harness/scenario/index.js';
import { whyNoMosquitto } from '../cloud/index.js';
import { openSimulatedFleet } from './open-fleet.js';

const MINUTE_MS = 60_000;

const RUNGS: Readonly<Record<string, Rung>> = {
	memory: { speed: 40, transport: 'memory' },
	tcp: { speed: 40, transport: 'tcp' },
	tls: { speed: 40, transport: 'tls' },
	'tcp at a mosquitto': { speed: 40, transport: 'tcp', broker: 'mosquitto' },
	'tls at a mosquitto, in MQTT 5, with faults at the device': { speed: 40, transport: 'tls', broker: 'mosquitto', mqtt: 5, faults: 'device' },
};

for (const [name, rung] of Object.entries(RUNGS)) {
	test.serial(`a fleet in real time over ${name} takes an update over a lossy link, and no invariant is broken`, async (t) => {
		const missing = rung.broker === 'mosquitto' ? await whyNoMosquitto() : null;
		if (missing !== null) {
			t.log(`SKIPPED: ${missing}`);
			t.pass();
			return;
		}
		const events: BlackstartEvent[] = [];
		const fleet = await openSimulatedFleet(
			{
				seed: 'real',
				options: { devices: 6, keys: [], rung },
				record: (event) => events.push(event),
				abort: (error) => t.fail(String(error)),
			},
			{ link: { latencyMs: 40, jitterMs: 20, bandwidthBytesPerS: 0, lossRatio: 0.05 }, referenceShare: 0.5 },
		);
		try {
			await fleet.ready({ withinMs: 30 * MINUTE_MS });
			fleet.arm(fleet.devices[0]!, { kind: 'link-reset', after: { messages: 6 } });
			fleet.arm(fleet.devices[1]!, { kind: 'link-half-open', after: { messages: 9 } });
			if (rung.transport === 'tls') fleet.showCertificate(fleet.devices[2]!, 'rotated');
			else t.throws(() => fleet.showCertificate(fleet.devices[2]!, 'rotated'), { instanceOf: RangeError, message: /should need 'tls'/ });
			await fleet.deploy(fleet.releases.candidate());
			await fleet.settle({ withinMs: 60 * MINUTE_MS });
			await fleet.finish();
			t.deepEqual(
				fleet.devices.map(({ outcome }) => outcome),
				fleet.devices.map(() => 'updated'),
			);
		} finally {
			await fleet[Symbol.asyncDispose]();
		}
		const judge = createJudge();
		for (const event of events) judge.observe(event);
		t.deepEqual(
			judge.finish().flatMap(({ invariant, violations }) => violations.map(({ message }) => `${invariant}: ${message}`)),
			[],
		);
		const fired = events.flatMap((event) => (event.kind === 'fault-fired' ? [event.fault] : []));
		t.true(fired.includes('link-reset') && fired.includes('link-half-open'));
		const instants = events.flatMap((event) => ('at' in event ? [event.at] : []));
		t.true(instants.every(Number.isInteger));
	});
}
