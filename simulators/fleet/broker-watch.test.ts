import test from 'ava';
import { openVirtualWorld, RealClock } from '../../harness/time/index.js';
import { ExternalBroker, openMosquitto, whyNoMosquitto } from '../cloud/index.js';
import { BrokerWatch } from './broker-watch.js';

for (const { title, roundTripsMs, speed, says } of [
	{ title: 'that answers soon is not to blame', roundTripsMs: [20, 4_999, 20], speed: 1, says: undefined },
	{ title: 'that took longer than any device waits is', roundTripsMs: [20, 5_200, 20], speed: 1, says: /held a message back for 5200 ms, in which 5200 ms/ },
	{ title: 'that answers no more is', roundTripsMs: [20, Number.POSITIVE_INFINITY], speed: 10, says: /held a message back for \d{4} ms, in which \d{5} ms/ },
	{ title: 'is not to blame for what waking a process takes, however fast time goes', roundTripsMs: [6_000], speed: 100, says: undefined },
] as const) {
	test.serial(`a broker ${title}`, async (t) => {
		using world = openVirtualWorld({ seed: '1' });
		const { clock } = world;
		const left: number[] = [...roundTripsMs];
		const watch = new BrokerWatch({
			clock,
			speed,
			probe: (done) => {
				const afterMs = left.shift() ?? 1;
				if (Number.isFinite(afterMs)) clock.after(afterMs, done);
			},
		});
		await world.run(() => clock.sleep(60_000));
		const told = watch.finish();
		if (says === undefined) t.is(told, undefined);
		else t.regex(told ?? '', says);
	});
}

test.serial('a mosquitto that stands still is found out by a message that does not come back', async (t) => {
	const missing = await whyNoMosquitto();
	if (missing !== null) {
		t.log(`SKIPPED: ${missing}`);
		t.pass();
		return;
	}
	const mosquitto = await openMosquitto();
	const broker = new ExternalBroker(
		{ onMessage: () => t.fail('nobody said anything') },
		{
			host: '127.0.0.1',
			port: mosquitto.port,
			...mosquitto.service,
			onLost: (error) => t.fail(error.message),
			close: async () => mosquitto[Symbol.asyncDispose](),
		},
	);
	try {
		await broker.start();
		await new Promise<void>((resolve) => broker.probe(resolve));
		const clock = new RealClock({ speed: 100 });
		process.kill(mosquitto.processId, 'SIGSTOP');
		const watch = new BrokerWatch({ clock, speed: 100, probe: (done) => broker.probe(done) });
		await clock.sleep(40_000);
		process.kill(mosquitto.processId, 'SIGCONT');
		t.regex(watch.finish() ?? '', /^the broker held a message back for \d{3,} ms/);
	} finally {
		process.kill(mosquitto.processId, 'SIGCONT');
		await broker[Symbol.asyncDispose]();
	}
});
