import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import type { BlackstartEvent } from '../../harness/events/index.js';
import { openMosquitto, RunAuthority, SERVICE_NAME, whyNoMosquitto } from '../cloud/index.js';
import { readAccount, readServiceTls, readThingTls } from './broker-account.js';
import { openSimulatedFleet } from './open-fleet.js';

const HOUR_MS = 3_600_000;

const makeFolder = (t: ExecutionContext): string => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-account-'));
	t.teardown(() => rmSync(folder, { recursive: true, force: true }));
	return folder;
};

test('what is wrong with the files of a broker of the user is told by the name of its variable', (t) => {
	const folder = makeFolder(t);
	const [pem, text] = [join(folder, 'a.pem'), join(folder, 'a.txt')];
	writeFileSync(pem, '-----BEGIN CERTIFICATE-----\n');
	writeFileSync(text, 'nothing\n');
	t.throws(() => readServiceTls({ BLACKSTART_BROKER_CA: text }), {
		instanceOf: TypeError,
		message: /^BLACKSTART_BROKER_CA: a file of PEM was expected, .* holds none/,
	});
	t.throws(() => readServiceTls({ BLACKSTART_BROKER_CERTIFICATE: pem }), {
		message: /^BLACKSTART_BROKER_CERTIFICATE: it goes with BLACKSTART_BROKER_KEY, which is missing/,
	});
	const things = { BLACKSTART_BROKER_THING_CERTIFICATE: join(folder, '{thing}.pem'), BLACKSTART_BROKER_THING_KEY: pem };
	t.throws(() => readThingTls('t1', { serverName: 'b', env: things }), { message: /^BLACKSTART_BROKER_THING_CERTIFICATE: .*ENOENT.*t1\.pem/ });
	t.throws(() => readAccount({ BLACKSTART_BROKER_PASSWORD: 'x' }), { message: /^BLACKSTART_BROKER_PASSWORD: .* BLACKSTART_BROKER_USERNAME, which is missing/ });
	t.deepEqual(readThingTls('t1', { serverName: 'b', env: {} }), { serverName: 'b' });
});

test.serial('a fleet takes an update at an mqtts broker of the user, each device by the certificate that lies there for it', async (t) => {
	const missing = await whyNoMosquitto();
	if (missing !== null) {
		t.log(`SKIPPED: ${missing}`);
		t.pass();
		return;
	}
	const folder = makeFolder(t);
	const authority = new RunAuthority();
	const mosquitto = await openMosquitto({ tls: authority.doorTls({ server: authority.serverNamed('127.0.0.1') }) });
	t.teardown(() => mosquitto[Symbol.asyncDispose]());
	mkdirSync(join(folder, 'things'));
	const names = ['device-00001', 'device-00002'];
	for (const name of [SERVICE_NAME, ...names]) {
		const { certificate, key } = authority.identityOf(name);
		writeFileSync(join(folder, 'things', `${name}.pem`), certificate);
		writeFileSync(join(folder, 'things', `${name}.key`), key);
	}
	writeFileSync(join(folder, 'ca.pem'), authority.certificate);
	const place = (file: string): string => join(folder, file);
	Object.assign(process.env, {
		BLACKSTART_BROKER_CA: place('ca.pem'),
		BLACKSTART_BROKER_CERTIFICATE: place(`things/${SERVICE_NAME}.pem`),
		BLACKSTART_BROKER_KEY: place(`things/${SERVICE_NAME}.key`),
		BLACKSTART_BROKER_THING_CERTIFICATE: place('things/{thing}.pem'),
		BLACKSTART_BROKER_THING_KEY: place('things/{thing}.key'),
	});
	t.teardown(() => {
		for (const name of Object.keys(process.env)) if (name.startsWith('BLACKSTART_BROKER_')) delete process.env[name];
	});
	const events: BlackstartEvent[] = [];
	const fleet = await openSimulatedFleet(
		{
			seed: 'mqtts',
			options: { devices: 2, keys: [], rung: { speed: 40, transport: 'tls', broker: `mqtts://127.0.0.1:${mosquitto.port}`, mqtt: 5 } },
			record: (event) => events.push(event),
			abort: (error) => t.fail(String(error)),
		},
		{ referenceShare: 0.5 },
	);
	try {
		await fleet.ready({ withinMs: HOUR_MS });
		t.deepEqual(
			fleet.devices.map(({ id }) => id),
			names,
		);
		t.throws(() => fleet.showCertificate(fleet.devices[0]!, 'rotated'), { instanceOf: RangeError });
		await fleet.deploy(fleet.releases.candidate());
		await fleet.settle({ withinMs: HOUR_MS });
		t.true(fleet.devices.every(({ outcome }) => outcome === 'updated'));
	} finally {
		await fleet[Symbol.asyncDispose]();
	}
	t.false(events.some((event) => JSON.stringify(event).includes('PRIVATE KEY')));
});
