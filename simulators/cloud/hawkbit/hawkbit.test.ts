import test, { type ExecutionContext } from 'ava';
import { DdiDevice, type DdiDeviceOptions, type DdiMemory, type DdiOutcome } from '../../../harness/protocols/hawkbit-ddi/index.js';
import { RealClock } from '../../../harness/time/index.js';
import { type ArtifactSink, createArtifact, createHttpPort, MemorySink } from '../artifacts/index.js';
import { openHawkbit } from './hawkbit.js';
import { runDevice } from './run-device.js';

/** Polls of a second take ten milliseconds. */
const clock = new RealClock({ speed: 100 });
const IMAGE = createArtifact(
	'image.bin',
	Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31) ^ (index >> 8)),
);
const http = createHttpPort();

const opened = async (t: ExecutionContext, { confirmations = false, image = IMAGE } = {}) => {
	const server = await openHawkbit({ clock, sleepMs: 1000, gatewayToken: 'gate' });
	t.teardown(() => server[Symbol.asyncDispose]());
	const target = server.addTarget('dev1', { token: 'secret', confirmations });
	server.publish({ name: 'os:2', modules: [{ part: 'os', name: 'os', version: '2', artifacts: [image] }] });
	const root = server.rootUrl('dev1');
	const ask = async (method: 'GET' | 'PUT' | 'POST', rest: string, change: { readonly body?: unknown; readonly headers?: Record<string, string> } = {}) => {
		const body = change.body === undefined ? undefined : Buffer.from(typeof change.body === 'string' ? change.body : JSON.stringify(change.body));
		const headers = { authorization: 'TargetToken secret', ...(body && { 'content-type': 'application/json' }), ...change.headers };
		const answer = await http({ method, url: root + rest, headers, ...(body && { body }) }, { signal: new AbortController().signal });
		const pieces: Uint8Array[] = [];
		for await (const piece of answer.body) pieces.push(piece);
		const text = Buffer.concat(pieces).toString();
		return { status: answer.status, headers: answer.headers, text, json: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : undefined };
	};
	return { server, target, root, ask };
};

const closed = (finished: string) => ({ status: { execution: 'closed', result: { finished } } });

test.serial('the server shows what is due, answers conditions, and gives out files with their digests', async (t) => {
	const { server, target, root, ask } = await opened(t, { confirmations: true });
	const base = async () => Object.keys((await ask('GET', '')).json._links);
	t.deepEqual((await ask('GET', '')).json, { config: { polling: { sleep: '00:00:01' } }, _links: { configData: { href: `${root}/configData` } } });
	t.is((await ask('PUT', '/configData', { body: { mode: 'merge', data: { hw: 'r1' } } })).status, 200);
	t.is(target.attributes.get('hw'), 'r1');
	const { headers } = await ask('GET', '');
	t.is((await ask('GET', '', { headers: { 'if-none-match': headers.etag ?? '' } })).status, 304);
	const { id } = server.assign('dev1', { distribution: 'os:2' });
	t.deepEqual(await base(), ['confirmationBase']);
	t.is((await ask('GET', `/deploymentBase/${id}`)).status, 404);
	t.is((await ask('GET', `/confirmationBase/${id}`)).json.confirmation.chunks[0].name, 'os');
	t.is((await ask('POST', `/confirmationBase/${id}/feedback`, { body: { confirmation: 'confirmed' } })).status, 200);
	t.deepEqual(await base(), ['deploymentBase']);
	await ask('POST', `/deploymentBase/${id}/feedback`, { body: { status: { execution: 'proceeding', result: { finished: 'none' }, details: ['a', 'b'] } } });
	const { json } = await ask('GET', `/deploymentBase/${id}?actionHistory=2`);
	t.deepEqual(json.actionHistory, { status: 'RUNNING', messages: ['b', 'a'] });
	t.is((await ask('GET', `/deploymentBase/${id}`)).json.actionHistory, undefined);
	const [artifact] = json.deployment.chunks[0].artifacts;
	t.deepEqual([artifact.size, artifact.hashes], [IMAGE.bytes.length, IMAGE.hashes]);
	const at = (href: string) => href.slice(root.length);
	const part = await ask('GET', at(artifact._links.download.href), { headers: { range: 'bytes=0-9' } });
	t.deepEqual([part.status, part.headers['content-range']], [206, `bytes 0-9/${IMAGE.bytes.length}`]);
	t.is((await ask('GET', at(artifact._links['md5sum-http'].href))).text, `${IMAGE.hashes.md5}  image.bin`);
	t.is((await ask('GET', at(artifact._links.download.href).replace('/image.bin', ''))).json.length, 1);
	target.cancel(id);
	t.deepEqual(await base(), ['cancelAction']);
	t.deepEqual((await ask('GET', `/cancelAction/${id}`)).json, { id, cancelAction: { stopId: id } });
	t.is((await ask('POST', `/cancelAction/${id}/feedback`, { body: { status: { execution: 'rejected', result: { finished: 'none' } } } })).status, 200);
	t.deepEqual(await base(), ['deploymentBase'], 'a device that refuses goes on');
	await ask('POST', `/deploymentBase/${id}/feedback`, { body: closed('success') });
	t.deepEqual(await base(), ['installedBase']);
	t.is((await ask('GET', `/installedBase/${id}`)).json.id, id);
	t.is((await ask('POST', '/confirmationBase/activateAutoConfirm')).status, 200);
	t.is(server.assign('dev1', { distribution: 'os:2' }).state, 'running');
});

test.serial('what is not to be answered has its status and says why, and the server goes on', async (t) => {
	const { server, target, ask } = await opened(t);
	const { id } = server.assign('dev1', { distribution: 'os:2' });
	const feedback = `/deploymentBase/${id}/feedback`;
	const rows: readonly (readonly [number, string, Promise<{ status: number; text: string }>])[] = [
		[401, 'token', ask('GET', '', { headers: { authorization: 'TargetToken wrong' } })],
		[401, 'token', ask('GET', '', { headers: { authorization: 'GatewayToken secret' } })],
		[401, 'token', ask('GET', '', { headers: { authorization: '' } })],
		[404, 'there is no', ask('GET', '/nothing')],
		[404, 'no action 999', ask('POST', '/deploymentBase/999/feedback', { body: closed('success') })],
		[404, 'not to be cancelled', ask('GET', `/cancelAction/${id}`)],
		[404, 'no other.bin', ask('GET', '/softwaremodules/1/artifacts/other.bin')],
		[404, 'no image.bin', ask('GET', '/softwaremodules/99/artifacts/image.bin')],
		[405, 'only PUT', ask('POST', '/configData', { body: {} })],
		[405, 'nobody asked', ask('POST', `/cancelAction/${id}/feedback`, { body: closed('success') })],
		[400, 'feedback.status', ask('POST', feedback, { body: {} })],
		[400, 'expected JSON', ask('POST', feedback, { body: '{"status":' })],
		[400, 'path', ask('GET', '/%zz')],
		[413, 'bytes', ask('POST', feedback, { body: `"${'x'.repeat(1 << 20)}"` })],
		[400, 'expected a map in CBOR', ask('POST', feedback, { body: '{"status":', headers: { 'content-type': 'application/cbor' } })],
		[415, 'content-type', ask('POST', feedback, { body: closed('none'), headers: { 'content-type': 'text/plain' } })],
	];
	for (const [status, words, answer] of rows) {
		const got = await answer;
		t.is(got.status, status, got.text);
		t.true(got.text.includes(words), `${got.text} has ${words}`);
	}
	t.deepEqual([target.action(id)?.state, target.action(id)?.history.length], ['running', 0], 'none of it changed the action');
	t.is((await ask('POST', feedback, { body: closed('failure') })).status, 200);
	t.is((await ask('POST', feedback, { body: closed('success') })).status, 410);
	t.is(target.action(id)?.state, 'error');
	const stranger = await http(
		{ method: 'GET', url: server.rootUrl('new'), headers: { authorization: 'GatewayToken gate' } },
		{ signal: new AbortController().signal },
	);
	t.is(stranger.status, 200);
	t.is(server.target('new').controllerId, 'new');
	t.throws(() => server.publish({ name: 'os:2', modules: [] }), { message: /^distribution: os:2/ });
	t.throws(() => server.assign('dev1', { distribution: 'os:3' }), { message: 'distribution: there is no os:3' });
});

/** A device with flash that outlives it: what it downloaded, what it remembers, how often it installed. */
const createDeviceUnderTest = (root: string) => {
	const sink = new MemorySink();
	const flash = { memory: {} as DdiMemory, sink, installs: 0 };
	const powerOn = (change: Partial<DdiDeviceOptions> & { readonly sinkOf?: () => ArtifactSink; readonly install?: () => DdiOutcome } = {}) => {
		const { install, sinkOf = () => sink, ...options } = change;
		const device = new DdiDevice({ rootUrl: root, attributes: { hw: 'r1' }, memory: flash.memory, ...options });
		const power = new AbortController();
		const ended = runDevice(device, {
			http,
			clock,
			token: 'secret',
			signal: power.signal,
			sinkOf,
			askDuringDownloadMs: 500,
			limits: { attempts: 4, idleMs: 20_000, retryWaitMs: 10 },
			install: () => {
				flash.installs++;
				return install?.() ?? { result: 'success', details: ['installed'] };
			},
		});
		const powerOff = async () => {
			flash.memory = device.memory;
			power.abort();
			await ended;
		};
		return { device, powerOff };
	};
	return { flash, powerOn };
};

const until = (condition: () => boolean, label: string) => clock.until(condition, { withinMs: 1_000_000, label });

for (const format of ['json', 'cbor'] as const) {
	test.serial(`in ${format} a device reports itself, confirms, downloads over two cuts by Range, installs once and says so`, async (t) => {
		const { server, target, root } = await opened(t, { confirmations: true });
		const action = server.assign('dev1', { distribution: 'os:2' });
		server.faults.add({ kind: 'cut', afterBytes: 100_000 }, { times: 2 });
		const { flash, powerOn } = createDeviceUnderTest(root);
		const { powerOff } = powerOn({ format });
		await until(() => action.state === 'finished', 'success');
		t.is(target.attributes.get('hw'), 'r1');
		t.true(Buffer.concat([...flash.sink.pieces()]).equals(IMAGE.bytes));
		t.deepEqual(
			server.calls.filter(({ path }) => path.endsWith('image.bin')).map(({ range }) => range),
			[undefined, 'bytes=100000-', 'bytes=200000-'],
		);
		t.deepEqual(
			action.history.map(({ state }) => state),
			['running', 'download', 'downloaded', 'finished'],
		);
		await powerOff();
		t.is(flash.installs, 1);
		const bodies = server.calls.flatMap(({ body }) => (body === '' ? [] : [body]));
		t.true(bodies.length >= 4 && bodies.every((body) => body.startsWith('{') === (format === 'json')), 'every body is of this form');
	});
}

test.serial('an image with another digest is reported as failed and never installed', async (t) => {
	const { server, root } = await opened(t, { image: { ...IMAGE, hashes: { ...IMAGE.hashes, sha256: '0'.repeat(64) } } });
	const action = server.assign('dev1', { distribution: 'os:2' });
	const { flash, powerOn } = createDeviceUnderTest(root);
	const { powerOff } = powerOn();
	await until(() => action.state === 'error', 'failure');
	await powerOff();
	t.regex(action.history.at(-1)?.messages[0] ?? '', /sha256 0+ was wanted/);
	t.deepEqual([flash.installs, flash.sink.sizeBytes], [0, 0]);
});

test.serial('an action that is cancelled in mid-download is stopped and acknowledged; one that is put off is taken later', async (t) => {
	const { server, target, root } = await opened(t);
	const first = server.assign('dev1', { distribution: 'os:2' });
	server.faults.add({ kind: 'stall', afterBytes: 100_000 });
	let isBusy = true;
	const { flash, powerOn } = createDeviceUnderTest(root);
	const { powerOff } = powerOn({ decide: ({ id }) => (isBusy && id !== first.id ? { kind: 'later', reason: 'the motor runs' } : { kind: 'install' }) });
	await until(() => flash.sink.sizeBytes > 0, 'the download to begin');
	target.cancel(first.id);
	await until(() => first.state === 'canceled', 'the cancellation');
	t.is(flash.installs, 0);
	const second = server.assign('dev1', { distribution: 'os:2' });
	await until(() => second.state === 'warning', 'a refusal for now');
	isBusy = false;
	await until(() => second.state === 'finished', 'success');
	await powerOff();
	t.is(flash.installs, 1);
	const { powerOff: off } = powerOn({ decide: () => ({ kind: 'never', reason: 'other hardware' }) });
	const third = server.assign('dev1', { distribution: 'os:2' });
	await until(() => third.state === 'error', 'a refusal for good');
	await off();
	t.deepEqual([flash.installs, third.history.at(-1)?.messages], [1, ['other hardware']]);
});

test.serial(
	'power lost in a download goes on at its byte; lost in an installation, what the bootloader says is told once and nothing is installed again',
	async (t) => {
		const { server, root } = await opened(t);
		const action = server.assign('dev1', { distribution: 'os:2' });
		server.faults.add({ kind: 'stall', afterBytes: 100_000 });
		const { flash, powerOn } = createDeviceUnderTest(root);
		const first = powerOn();
		await until(() => flash.sink.sizeBytes === 100_000, 'the stall');
		await first.powerOff();
		t.is(flash.memory.stage, 'downloading');
		const cut = { now: () => {} };
		const second = powerOn({
			install: () => {
				cut.now();
				return { result: 'success', details: [] };
			},
		});
		const off = new Promise<void>((resolve, reject) => {
			cut.now = () => void second.powerOff().then(resolve, reject);
		});
		await off;
		t.is(server.calls.find(({ range }) => range !== undefined)?.range, 'bytes=100000-');
		t.deepEqual([flash.memory.stage, flash.installs, action.state], ['installing', 1, 'downloaded']);
		const third = powerOn({ outcome: { result: 'failure', details: ['rolled back'] } });
		await until(() => action.state === 'error', 'the outcome');
		await until(() => third.device.memory.settled !== undefined, 'the answer to it');
		await third.powerOff();
		t.deepEqual([flash.installs, flash.memory.settled?.actionId], [1, action.id]);
		const answers = server.calls.filter(({ path, body }) => path.endsWith('/feedback') && body.includes('closed'));
		t.deepEqual(
			answers.map(({ status }) => status),
			[200],
		);
	},
);

test('a device tells an outcome until the server has it, installs no action twice, and follows no link elsewhere', (t) => {
	const root = 'http://host/DEFAULT/controller/v1/dev1';
	const outcome: DdiOutcome = { result: 'success', details: [] };
	const device = new DdiDevice({ rootUrl: root, memory: { actionId: '7', stage: 'over', outcome }, retryMs: 10 });
	const reply = (status: number, body: unknown = {}) => device.answered({ status, body: Buffer.from(JSON.stringify(body)) });
	for (const problem of [500, 503, 401, 429]) {
		t.like(device.step, { kind: 'tell', what: 'outcome', url: `${root}/deploymentBase/7/feedback` });
		reply(problem);
		t.deepEqual(device.step, { kind: 'wait', forMs: 10 });
		t.is(device.memory.outcome, outcome);
		device.waited();
	}
	device.failed();
	device.waited();
	reply(200);
	t.deepEqual(device.memory, { settled: { actionId: '7', outcome } });
	device.waited();
	const base = (links: object) => reply(200, { config: { polling: { sleep: '00:00:02' } }, _links: links });
	base({ deploymentBase: { href: `${root}/deploymentBase/7?c=1` } });
	t.like(device.step, { kind: 'tell', what: 'outcome' }, 'a server that lost it hears it again');
	reply(410);
	device.waited();
	for (const href of ['http://elsewhere/DEFAULT/controller/v1/dev1/deploymentBase/8', 'file:///etc/passwd', `${root}/deploymentBase/x`, '']) {
		base({ deploymentBase: { href } });
		t.is(device.step.kind, 'wait', href);
		device.waited();
		t.like(device.step, { kind: 'ask', what: 'base' });
	}
	base({ cancelAction: { href: `${root}/cancelAction/9` } });
	reply(200, { id: '9', cancelAction: { stopId: '9' } });
	t.like(device.step, { kind: 'tell', what: 'cancelled', url: `${root}/cancelAction/9/feedback` });
	reply(200);
	t.deepEqual(device.step, { kind: 'wait', forMs: 2000 }, 'a server that goes on asking is no busy loop');
	t.throws(() => device.downloaded('whole'), { instanceOf: TypeError, message: 'download: the step is wait' });
});
