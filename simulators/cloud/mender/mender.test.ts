import { generateKeyPairSync } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import {
	type MenderDeployment,
	MenderDevice,
	type MenderDeviceOptions,
	MenderError,
	type MenderMemory,
	type MenderOutcome,
	menderPath,
	openMenderArtifact,
	packMenderArtifact,
	signRequest,
} from '../../../harness/protocols/mender/index.js';
import { createRandom, RealClock } from '../../../harness/time/index.js';
import { createArtifact, createHttpPort, DownloadError, downloadArtifact, learnSize, MemorySink } from '../artifacts/index.js';
import { openMenderServer, runMenderDevice } from './index.js';

/** Polls of a second take ten milliseconds. */
const clock = new RealClock({ speed: 100 });
const http = createHttpPort();
const SIGNER = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const KEY = generateKeyPairSync('ed25519').privateKey;
const IMAGE = createRandom('mender image').bytes(200_000);

const packed = (artifactName: string, { signer = SIGNER.privateKey, deviceTypes = ['board'] } = {}) =>
	createArtifact(
		`${artifactName}.mender`,
		packMenderArtifact({ artifactName, deviceTypes, payloadType: 'single-file', files: [{ name: 'image.bin', bytes: IMAGE }] }, { signer }),
	);

const opened = async (t: ExecutionContext, { linkLifeMs = 86_400_000, tokenLifeMs = 86_400_000 } = {}) => {
	const server = await openMenderServer({ clock, linkLifeMs, tokenLifeMs });
	t.teardown(() => server[Symbol.asyncDispose]());
	const account = server.devices.account('{"mac":"1"}');
	server.publish('release-2', [{ deviceTypes: ['board'], artifact: packed('release-2') }]);
	/** A device whose flash outlives it: what it downloaded, what it remembers, what is installed. */
	const flash = { memory: {} as MenderMemory, sink: new MemorySink(), running: 'release-1', staged: undefined as string | undefined, installs: 0 };
	const download = async ({ artifact: { source } }: MenderDeployment, signal: AbortSignal) => {
		const { sink } = flash;
		const sizeBytes = await learnSize(source.uri, { http, clock, signal });
		if (sizeBytes === undefined) return { problem: `${source.uri}: no size` };
		try {
			await downloadArtifact({ url: source.uri, sizeBytes, sink, http, clock, signal, limits: { attempts: 3, retryWaitMs: 10 } });
			return 'whole' as const;
		} catch (error) {
			if (error instanceof DownloadError) return { problem: error.message };
			throw error;
		}
	};
	const install = ({ artifact }: MenderDeployment): MenderOutcome | 'to-be-run' => {
		flash.installs++;
		const found = openMenderArtifact(Buffer.concat([...flash.sink.pieces()]), { verifier: SIGNER.publicKey });
		flash.sink.clear();
		if (typeof found === 'string') return { result: 'failure', log: [`${artifact.artifact_name}: ${found}`] };
		flash.staged = found.artifactName;
		return 'to-be-run';
	};
	const discard = () => {
		flash.staged = undefined;
	};
	const powerOn = (change: Partial<MenderDeviceOptions> = {}) => {
		const device = new MenderDevice({
			serverUrl: server.url,
			identity: { mac: '1' },
			key: KEY,
			deviceType: 'board',
			artifactName: flash.running,
			memory: flash.memory,
			pollMs: 1000,
			retryMs: 1000,
			epochMs: () => clock.epochMs,
			...change,
		});
		const power = new AbortController();
		const ended = runMenderDevice(device, { http, clock, signal: power.signal, download, install, discard });
		const powerOff = async () => {
			flash.memory = device.memory;
			power.abort();
			await ended;
		};
		return { device, ended, powerOff };
	};
	return { server, account, flash, powerOn };
};

const until = (condition: () => boolean, label: string) => clock.until(condition, { withinMs: 1_000_000, label });

test.serial('a device is let in, downloads over two cuts by Range, restarts, and reports a success once', async (t) => {
	const { server, account, flash, powerOn } = await opened(t);
	const deployment = server.deploy(account, { artifactName: 'release-2' });
	const before = powerOn();
	await until(() => account.keys.size > 0, 'the first request');
	t.is(deployment.status, 'pending');
	server.devices.accept(account);
	for (const fault of [undefined, { kind: 'cut', afterBytes: 80_000 }, { kind: 'cut', afterBytes: 50_000 }] as const) server.faults.add(fault);
	server.refusals.push(503);
	t.is(await before.ended, 'restart');
	await before.powerOff();
	t.deepEqual([flash.staged, deployment.status], ['release-2', 'rebooting']);
	flash.running = 'release-2';
	const after = powerOn({ outcome: { result: 'success', log: [] } });
	await until(() => deployment.isFinished, 'the outcome');
	await until(() => account.attributes.some(({ value }) => value === 'release-2'), 'the new attributes');
	await after.powerOff();
	t.deepEqual(deployment.history, ['downloading', 'installing', 'rebooting', 'success']);
	t.deepEqual(
		server.calls.filter(({ path }) => path.startsWith('/download/')).map(({ range }) => range),
		['bytes=0-0', undefined, 'bytes=80000-', 'bytes=130000-'],
	);
	t.is(flash.installs, 1);
});

test.serial('what is not to be installed fails and says why: a stranger signed it, its link is over, its bytes are wrong', async (t) => {
	const { server, account, flash, powerOn } = await opened(t);
	server.publish('release-3', [
		{ deviceTypes: ['board'], artifact: packed('release-3', { signer: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey }) },
	]);
	server.publish('release-4', [{ deviceTypes: ['other'], artifact: packed('release-4', { deviceTypes: ['other'] }) }]);
	const first = server.deploy(account, { artifactName: 'release-3' });
	const none = server.deploy(account, { artifactName: 'release-4' });
	const same = server.deploy(account, { artifactName: 'release-2' });
	const { powerOff } = powerOn({ artifactName: 'release-2' });
	await until(() => account.keys.size > 0, 'the first request');
	server.devices.accept(account);
	await until(() => first.isFinished && none.isFinished && same.isFinished, 'all ends');
	await powerOff();
	t.deepEqual([first.status, none.status, same.status], ['failure', 'noartifact', 'already-installed']);
	t.deepEqual(
		first.log.map(({ message }) => message),
		['release-3: wrong-signature'],
	);
	t.is(flash.staged, undefined);
	const short = await opened(t, { linkLifeMs: 0, tokenLifeMs: 3000 });
	const late = short.server.deploy(short.account, { artifactName: 'release-2' });
	const device = short.powerOn();
	await until(() => short.account.keys.size > 0, 'the first request');
	short.server.devices.accept(short.account);
	await until(() => late.isFinished, 'the end');
	await until(() => short.account.tokenIds.size > 1, 'a second token, since the first is over');
	await device.powerOff();
	t.is(late.status, 'failure');
	t.regex(late.log[0]?.message ?? '', /no size/);
	t.is(short.server.calls.find(({ path }) => path.startsWith('/download/'))?.status, 403);
});

test.serial('an abort between download and restart leaves nothing of the update; a decommissioned device is out', async (t) => {
	const { server, account, flash, powerOn } = await opened(t);
	const deployment = server.deploy(account, { artifactName: 'release-2' });
	for (const fault of [undefined, { kind: 'stall', afterBytes: 80_000 }] as const) server.faults.add(fault);
	const first = powerOn();
	await until(() => account.keys.size > 0, 'the first request');
	server.devices.accept(account);
	await until(() => flash.sink.sizeBytes === 80_000, 'the stall');
	await first.powerOff();
	deployment.abort();
	const second = powerOn();
	await until(() => server.calls.at(-1)?.status === 204 && server.calls.at(-1)?.path.endsWith('/next') === true, 'nothing to do');
	t.deepEqual([deployment.status, flash.staged, flash.installs], ['aborted', undefined, 0]);
	const next = server.deploy(account, { artifactName: 'release-2' });
	server.devices.decommission(account);
	await until(() => server.calls.at(-1)?.status === 401, 'a refusal');
	await second.powerOff();
	t.deepEqual([next.status, flash.installs], ['decommissioned', 0]);
});

test.serial('what is not to be answered has its status and says why', async (t) => {
	const { server, account } = await opened(t);
	const pubkey = 'none';
	const ask = async (
		method: 'GET' | 'POST' | 'PUT',
		path: string,
		{ body = '', headers = {} }: { readonly body?: string; readonly headers?: Record<string, string> } = {},
	) => {
		const answer = await http({ method, url: server.url + path, headers, body: Buffer.from(body) }, { signal: new AbortController().signal });
		const pieces: Uint8Array[] = [];
		for await (const piece of answer.body) pieces.push(piece);
		return { status: answer.status, text: Buffer.concat(pieces).toString() };
	};
	const auth = JSON.stringify({ id_data: '{"mac":"1"}', pubkey });
	const rows: readonly (readonly [number, string, Promise<{ status: number; text: string }>])[] = [
		[404, 'there is no', ask('GET', '/nothing')],
		[405, 'only POST', ask('GET', menderPath({ kind: 'auth-requests' }))],
		[400, 'authRequest', ask('POST', menderPath({ kind: 'auth-requests' }), { body: '{' })],
		[401, 'signature', ask('POST', menderPath({ kind: 'auth-requests' }), { body: auth })],
		[401, 'signature', ask('POST', menderPath({ kind: 'auth-requests' }), { body: auth, headers: { 'x-men-signature': signRequest(Buffer.from(auth), KEY) } })],
		[401, 'unauthorized', ask('GET', `${menderPath({ kind: 'next', version: 1 })}?artifact_name=a&device_type=b`, { headers: { authorization: 'Bearer x' } })],
		[403, 'not signed', ask('GET', '/download/release-2/release-2.mender?expire=2100-01-01T00:00:00Z&signature=x')],
		[413, 'bytes', ask('PUT', menderPath({ kind: 'attributes' }), { body: 'x'.repeat((1 << 20) + 1) })],
	];
	for (const [status, words, answer] of rows) {
		const got = await answer;
		t.is(got.status, status, got.text);
		t.true(got.text.includes(words), `${got.text} has ${words}`);
	}
	t.deepEqual([account.keys.size, account.tokenIds.size], [0, 0], 'nobody was let in');
	t.throws(() => server.devices.account('[]'), { instanceOf: MenderError });
	t.throws(() => server.devices.accept(account), { message: /has sent no key/ });
	t.throws(() => server.deploy(account, { artifactName: 'none' }), { message: 'artifactName: there is no release none' });
	t.throws(() => server.publish('release-2', []), { message: /^artifactName: release-2/ });
	const known = server.devices.account('{"mac":"2"}');
	server.devices.preauthorize(known, 'KEY');
	t.truthy(server.devices.admit({ idData: '{"mac":"2"}', pubkey: 'KEY\r\n' }));
	t.is(server.devices.admit({ idData: '{"mac":"2"}', pubkey: 'OTHER' }), undefined);
	t.deepEqual([...known.keys.values()], ['accepted', 'pending']);
});
