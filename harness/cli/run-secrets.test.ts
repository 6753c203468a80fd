import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { createRandom } from '../time/index.js';
import { makeFolder, readEvents, readVerdicts, startBlackstart } from './blackstart.test.support.js';

const SCENARIO = `import { scenario } from 'blackstart';
scenario('an update over the wire', { needs: ['fleet', 'update'] }, async ({ openFleet, expect, log }) => {
	const fleet = await openFleet({ devices: 3, referenceShare: 0.5, link: { latencyMs: 20, jitterMs: 0, bandwidthBytesPerS: 0, lossRatio: 0 } });
	await fleet.ready({ withinMs: 3_600_000 });
	fleet.arm(fleet.devices[0], { kind: 'link-reset', after: { messages: 9 } });
	await fleet.deploy(fleet.releases.candidate());
	await fleet.settle({ withinMs: 3_600_000 });
	log(JSON.stringify(fleet.devices));
	expect(fleet.devices.every(({ outcome }) => outcome === 'updated'), 'all were to be updated');
});
`;

test.serial('nothing in the folder of a run over TLS holds a secret of a device or a private key', async (t) => {
	const folder = makeFolder(t, { 'wire.mjs': SCENARIO });
	const { exitCode, all } = await startBlackstart(folder, [
		...['run', 'wire.mjs', '--seed', '7', '--time', 'real', '--speed', '100', '--transport', 'tls', '--out', 'run', '--timeout', '60s'],
	]);
	const run = join(folder, 'run');
	t.deepEqual(readVerdicts(run), { 'wire: an update over the wire': 'passed' }, all);
	t.is(exitCode, 0);
	const events = readEvents(run);
	const [seed] = events.flatMap((event) => (event.kind === 'world-opened' ? [event.seed] : []));
	const devices = events.flatMap((event) => (event.kind === 'device-provisioned' ? [event.device] : []));
	t.is(devices.length, 3);
	const secrets = devices.map((id) =>
		Buffer.from(
			createRandom(seed ?? '')
				.stream(`device/${id}`)
				.stream('password')
				.bytes(9),
		).toString('base64url'),
	);
	const files = readdirSync(run, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
	t.true(files.length > 4);
	for (const { parentPath, name } of files) {
		const text = readFileSync(join(parentPath, name), 'latin1');
		for (const secret of [...secrets, ...secrets.map((plain) => Buffer.from(plain).toString('base64'))])
			t.false(text.includes(secret), `${name} holds ${secret}`);
		t.false(text.includes('PRIVATE KEY'), name);
	}
});
