import { generateKeyPairSync } from 'node:crypto';
import test from 'ava';
import { DeviceDeployment } from './device-deployment.js';
import { type MenderArtifact, openMenderArtifact, packMenderArtifact } from './mender-artifact.js';
import { MenderDevice, type MenderDeviceOptions } from './mender-device.js';
import { MenderError } from './mender-error.js';
import {
	parseAttributes,
	parseAuthRequest,
	parseIdentity,
	parseMenderDeployment,
	parseMenderLog,
	parseNextRequest,
	parseStatusReport,
} from './mender-messages.js';
import { menderPath, parseMenderPath } from './mender-path.js';
import { isRequestSigned, signRequest } from './request-signature.js';
import { issueToken, readToken } from './mender-token.js';
import { packTar, unpackTar } from './tar.js';
import { VECTOR, VECTOR_KEY } from './mender-artifact.test.support.js';

const json = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));
const pemOf = (key: { export(options: object): string | Buffer }): string => key.export({ type: 'spki', format: 'pem' }).toString();
const EC = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const ED = generateKeyPairSync('ed25519');

test('a request is signed by the key that it names, of any kind that Mender knows, and by no other', (t) => {
	const body = json({ id_data: '{"mac":"1"}' });
	for (const { privateKey, publicKey } of [EC, ED, generateKeyPairSync('rsa', { modulusLength: 1024 })]) {
		const signature = signRequest(body, privateKey);
		const pubkey = pemOf(publicKey);
		t.true(isRequestSigned(body, { signature, pubkey }), publicKey.asymmetricKeyType);
		t.false(isRequestSigned(json({}), { signature, pubkey }));
		t.false(isRequestSigned(body, { signature: Buffer.from('no').toString('base64'), pubkey }));
		t.false(isRequestSigned(body, { signature, pubkey: 'no key' }));
	}
	t.false(isRequestSigned(body, { signature: signRequest(body, EC.privateKey), pubkey: pemOf(ED.publicKey) }));
	t.false(isRequestSigned(body, { signature: '', pubkey: pemOf(generateKeyPairSync('x25519').publicKey) }));
});

test('a token holds until its end, for the server that issued it', (t) => {
	const token = issueToken({ jti: '1', sub: 'dev', exp: 100 }, ED.privateKey);
	t.like(readToken(token, { publicKey: ED.publicKey, nowS: 99 }), { jti: '1', sub: 'dev', exp: 100 });
	t.is(readToken(token, { publicKey: ED.publicKey, nowS: 100 }), undefined);
	t.is(readToken(token, { publicKey: generateKeyPairSync('ed25519').publicKey, nowS: 0 }), undefined);
	const [header, , signature] = token.split('.');
	for (const forged of [
		`${header}.${Buffer.from('{"sub":"other","exp":999}').toString('base64url')}.${signature}`,
		`${Buffer.from('{"alg":"none"}').toString('base64url')}.${token.split('.')[1]}.`,
		`${token}.x`,
		'',
	])
		t.is(readToken(forged, { publicKey: ED.publicKey, nowS: 0 }), undefined);
});

const ARTIFACT: MenderArtifact = {
	artifactName: 'release-2',
	deviceTypes: ['board'],
	payloadType: 'single-file',
	files: [
		{ name: 'image.bin', bytes: Buffer.alloc(3000, 7) },
		{ name: 'empty', bytes: new Uint8Array(0) },
	],
};

test('an artifact is read as it was packed; one that is unsigned, of a stranger or changed is refused, wherever a byte differs', (t) => {
	const bytes = packMenderArtifact(ARTIFACT, { signer: EC.privateKey });
	const opened = openMenderArtifact(bytes, { verifier: EC.publicKey });
	t.deepEqual(opened, { ...ARTIFACT, files: ARTIFACT.files.map(({ name, bytes: content }) => ({ name, bytes: Buffer.from(content) })) });
	t.deepEqual(openMenderArtifact(bytes), opened);
	t.is(openMenderArtifact(packMenderArtifact(ARTIFACT), { verifier: EC.publicKey }), 'unsigned');
	t.is(openMenderArtifact(bytes, { verifier: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey }), 'wrong-signature');
	const other = unpackTar(packMenderArtifact({ ...ARTIFACT, deviceTypes: ['other'], files: [{ name: 'image.bin', bytes: Buffer.alloc(3000, 8) }] }), {
		place: 'x',
	});
	for (const swapped of ['header.tar.gz', 'data/0000.tar.gz']) {
		const files = unpackTar(bytes, { place: 'x' }).map((file) => (file.name === swapped ? (other.find(({ name }) => name === swapped) ?? file) : file));
		t.deepEqual(openMenderArtifact(packTar(files), { verifier: EC.publicKey }), 'wrong-checksum', `${swapped} of another artifact`);
	}
	let refused = 0;
	for (let at = 0; at < bytes.length; at += 37) {
		const changed = Buffer.from(bytes);
		changed[at] = (changed[at] ?? 0) ^ 0x10;
		let found: ReturnType<typeof openMenderArtifact> | 'malformed';
		try {
			found = openMenderArtifact(changed, { verifier: EC.publicKey });
		} catch (error) {
			t.true(error instanceof MenderError, String(error));
			found = 'malformed';
		}
		// What pads a block, and what gzip's head says of time and system, is summed by nobody.
		if (typeof found === 'string') refused++;
		else t.deepEqual(found, opened, `byte ${at}`);
	}
	t.true(refused > 40, `${refused} refused`);
	for (const end of [0, 511, 512, 2000, bytes.length - 1024]) t.throws(() => openMenderArtifact(bytes.subarray(0, end)), { instanceOf: MenderError });
});

test("an artifact of Debian's mender-artifact is read, and its signature holds", (t) => {
	const opened = openMenderArtifact(VECTOR, { verifier: VECTOR_KEY });
	t.like(opened, { artifactName: 'release-9', deviceTypes: ['board-a', 'board-b'], payloadType: 'single-file' });
	t.deepEqual(typeof opened === 'string' ? [] : opened.files.map(({ name, bytes }) => [name, Buffer.from(bytes).toString()]), [['image.txt', 'an image\n']]);
	t.is(openMenderArtifact(VECTOR, { verifier: EC.publicKey }), 'wrong-signature');
});

test('a tar archive that is not whole or holds more than files is refused', (t) => {
	const archive = packTar([{ name: 'a', bytes: Buffer.from('abc') }]);
	t.deepEqual(unpackTar(archive, { place: 'x' }), [{ name: 'a', bytes: archive.subarray(512, 515) }]);
	const link = Buffer.from(archive);
	link.write('2', 156);
	link.write('000000\0 ', 148);
	const sum = link.subarray(0, 512).reduce((total, byte, at) => total + (at >= 148 && at < 156 ? 0x20 : byte), 0);
	link.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
	t.throws(() => unpackTar(link, { place: 'x' }), { message: 'x: "a" is no regular file' });
	t.throws(() => unpackTar(archive.subarray(0, 513), { place: 'x' }), { message: /^x: "a" has 3 bytes/ });
	t.throws(() => packTar([{ name: 'n'.repeat(101), bytes: new Uint8Array(0) }]), { instanceOf: TypeError });
});

test('what is malformed is refused by the name of its place, and paths are those of the API', (t) => {
	const rows: readonly [(body: Uint8Array) => unknown, Uint8Array, string][] = [
		[parseAuthRequest, Buffer.from('{'), 'authRequest'],
		[parseAuthRequest, json({ id_data: '{}' }), 'authRequest.pubkey'],
		[parseAttributes, json([{ name: 'a', value: { b: 1 } }]), 'attributes.0.value'],
		[parseAttributes, json([{ name: 'a', value: [1, 'b'] }]), 'attributes.0.value'],
		[parseNextRequest, json({ device_provides: { artifact_name: 'a' } }), 'next.device_provides'],
		[parseStatusReport, json({ status: 'aborted' }), 'status.status'],
		[parseMenderLog, json({ messages: [{ level: 'x', message: 'y' }] }), 'log.messages.0.timestamp'],
		[parseMenderDeployment, json({ id: '1', artifact: { artifact_name: 'a', source: {} } }), 'deployment.artifact.source.uri'],
		[(body) => parseIdentity(Buffer.from(body).toString()), Buffer.from('[]'), 'authRequest.id_data'],
	];
	for (const [parse, body, place] of rows) t.is(t.throws(() => parse(body), { instanceOf: MenderError })?.place, place);
	t.is(parseIdentity('{"b":2,"a":"x"}'), parseIdentity('{"a":"x","b":2}'));
	for (const resource of [
		{ kind: 'auth-requests' },
		{ kind: 'attributes' },
		{ kind: 'next', version: 1 },
		{ kind: 'next', version: 2 },
		{ kind: 'status', deploymentId: 'a-1' },
		{ kind: 'log', deploymentId: 'a-1' },
	] as const)
		t.deepEqual(parseMenderPath(menderPath(resource)), resource);
	for (const path of ['/', '/api/devices/v3/deployments/device/deployments/next', '/api/devices/v1/deployments/device/deployments/a/other'])
		t.is(parseMenderPath(path), undefined);
});

test('an aborted deployment takes no status, and of two ends that are reported the last counts', (t) => {
	const deployment = new DeviceDeployment({ id: '1', artifactName: 'release-2' });
	t.is(deployment.takeStatus({ status: 'downloading' }), 204);
	t.is(deployment.takeStatus({ status: 'downloading' }), 204);
	t.true(deployment.abort());
	t.false(deployment.abort());
	t.is(deployment.takeStatus({ status: 'success' }), 409);
	t.deepEqual(deployment.history, ['downloading', 'aborted']);
	const other = new DeviceDeployment({ id: '2', artifactName: 'release-2' });
	other.takeStatus({ status: 'failure' });
	t.is(other.takeStatus({ status: 'success' }), 204);
	t.is(other.status, 'success');
});

const DEPLOYMENT = { id: 'd1', artifact: { artifact_name: 'release-2', source: { uri: 'http://store/a' }, device_types_compatible: ['board'] } };

const powered = (change: Partial<MenderDeviceOptions> = {}) => {
	const device = new MenderDevice({
		serverUrl: 'http://host/',
		identity: { mac: '1' },
		key: ED.privateKey,
		deviceType: 'board',
		artifactName: 'release-1',
		memory: { token: 'abc' },
		pollMs: 1000,
		retryMs: 10,
		epochMs: () => 0,
		...change,
	});
	const reply = (status: number, body: unknown = '') => device.answered({ status, body: typeof body === 'string' ? Buffer.from(body) : json(body) });
	const bodyOf = () => (device.step.kind === 'request' ? JSON.parse(Buffer.from(device.step.body ?? []).toString() || 'null') : undefined);
	return { device, reply, bodyOf };
};

test('a device asks for admission until it is let in, and again where its token is refused', (t) => {
	const { device, reply, bodyOf } = powered({ memory: {} });
	for (const status of [401, 500]) {
		t.like(device.step, { kind: 'request', what: 'authenticate', method: 'POST' });
		const { step } = device;
		if (step.kind === 'request')
			t.true(isRequestSigned(step.body ?? Buffer.alloc(0), { signature: step.headers['x-men-signature'] ?? '', pubkey: bodyOf().pubkey }));
		reply(status);
		t.deepEqual(device.step, { kind: 'wait', forMs: 10 });
		device.waited();
	}
	reply(200, 'a b');
	device.waited();
	reply(200, 'token.1');
	t.like(device.step, { what: 'attributes', method: 'PUT', headers: { authorization: 'Bearer token.1' } });
	reply(200);
	t.like(device.step, { what: 'next', url: 'http://host/api/devices/v2/deployments/device/deployments/next' });
	reply(401);
	device.waited();
	t.like(device.step, { what: 'authenticate' });
	reply(200, 'token.2');
	t.like(device.step, { what: 'next', headers: { authorization: 'Bearer token.2' } });
	reply(404);
	t.like(device.step, {
		what: 'next',
		method: 'GET',
		url: 'http://host/api/devices/v1/deployments/device/deployments/next?device_type=board&artifact_name=release-1',
	});
	reply(204);
	t.deepEqual(device.step, { kind: 'wait', forMs: 1000 });
	t.throws(() => device.discarded(), { instanceOf: TypeError });
});

test('a deployment is downloaded, installed, run and told once, over a restart and lost answers', (t) => {
	const { device, reply, bodyOf } = powered();
	reply(200);
	reply(200, DEPLOYMENT);
	t.deepEqual(bodyOf(), { status: 'downloading' });
	device.failed();
	device.waited();
	reply(204);
	t.like(device.step, { kind: 'download' });
	device.downloaded('whole');
	t.deepEqual(bodyOf(), { status: 'installing' });
	reply(503);
	device.waited();
	reply(204);
	device.installing();
	t.is(device.memory.stage, 'installing');
	device.installed('to-be-run');
	t.deepEqual(bodyOf(), { status: 'rebooting' });
	reply(204);
	t.deepEqual(device.step, { kind: 'restart', deploymentId: 'd1' });
	const outcome = { result: 'success', log: [] } as const;
	const after = powered({ memory: device.memory, outcome, artifactName: 'release-2' });
	t.deepEqual(after.bodyOf(), { status: 'success' });
	after.device.failed();
	after.device.waited();
	after.reply(204);
	t.deepEqual(after.device.memory, { token: 'abc', settled: { deploymentId: 'd1', outcome } });
	after.device.waited();
	after.reply(200);
	after.reply(200, DEPLOYMENT);
	t.deepEqual(after.bodyOf(), { status: 'success' }, 'a server that lost it hears it again, and nothing is installed');
});

test('an abort is heard at the next report: nothing is installed, and what was is thrown away', (t) => {
	const { device, reply } = powered();
	reply(200);
	reply(200, DEPLOYMENT);
	reply(409);
	t.deepEqual([device.step.kind, device.memory], ['wait', { token: 'abc' }]);
	device.waited();
	reply(200, DEPLOYMENT);
	reply(204);
	device.downloaded('whole');
	reply(204);
	device.installing();
	device.installed('to-be-run');
	reply(409);
	t.deepEqual(device.step, { kind: 'discard', deploymentId: 'd1' });
	device.discarded();
	t.deepEqual([device.step.kind, device.memory], ['wait', { token: 'abc' }]);
});

test('what a device will not or could not install it reports as a failure, with its log before it', (t) => {
	const other = powered({ deviceType: 'other' });
	other.reply(200);
	other.reply(200, DEPLOYMENT);
	t.regex(other.bodyOf().messages[0].message, /for board; this device is other/);
	other.reply(500);
	other.device.waited();
	other.reply(204);
	t.deepEqual(other.bodyOf(), { status: 'failure' });
	const cut = powered();
	cut.reply(200);
	cut.reply(200, DEPLOYMENT);
	cut.reply(204);
	cut.device.downloaded({ problem: 'the link is over' });
	t.is(cut.bodyOf().messages[0].message, 'the link is over');
	const lost = powered({ memory: { token: 'abc', deploymentId: 'd1', stage: 'installing' } });
	t.regex(lost.bodyOf().messages[0].message, /did not come to its end/);
	const garbled = powered();
	garbled.reply(200);
	garbled.reply(200, { id: 'd1' });
	t.deepEqual(garbled.device.step, { kind: 'wait', forMs: 10 });
});
