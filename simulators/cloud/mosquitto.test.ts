import { connect } from 'node:net';
import test from 'ava';
import { ExternalBroker } from './external-broker.js';
import { openMosquitto, whyNoMosquitto } from './mosquitto.js';

const CLIENTS = 120;

test('a mosquitto that complains of its clients for long goes on', async (t) => {
	const missing = await whyNoMosquitto();
	if (missing !== null) {
		t.log(`SKIPPED: ${missing}`);
		t.pass();
		return;
	}
	await using mosquitto = await openMosquitto();
	const knock = (): Promise<void> =>
		new Promise((resolve) => {
			const socket = connect({ host: '127.0.0.1', port: mosquitto.port });
			socket.on('error', () => {});
			socket.once('close', () => resolve());
			socket.resume().end(Buffer.from([0x10, 0x02, 0x00, 0x00]));
		});
	for (let count = 0; count < CLIENTS; count++) await knock();
	await using broker = new ExternalBroker(
		{ onMessage: () => t.fail('nobody said anything') },
		{ host: '127.0.0.1', port: mosquitto.port, ...mosquitto.service, onLost: (error) => t.fail(error.message) },
	);
	await broker.start();
	await t.notThrowsAsync(new Promise<void>((resolve) => broker.probe(resolve)));
});
