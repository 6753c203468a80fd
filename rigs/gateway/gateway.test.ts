import { createHash } from 'node:crypto';
import test, { type ExecutionContext } from 'ava';
import { RealClock } from '../../harness/time/index.js';
import { openCloud } from '../../simulators/cloud/index.js';
import { encodeUpdateDocument } from '../../simulators/device/index.js';
import { GatewaySession } from './index.js';
import { readJobFile } from './job-file.js';

const BOARD = 'esp-1';
const IMAGE = Uint8Array.from({ length: 20_000 }, (_, index) => (index * 31 + (index >> 7)) & 0xff);
const DIGEST = createHash('sha256').update(IMAGE).digest('hex');

/** A service on a port of this machine that knows one board, and how its gateway gets there. */
const openService = async (t: ExecutionContext) => {
	const cloud = await openCloud({ clock: new RealClock(), credentials: (thing, password) => thing === BOARD && Buffer.from(password).toString() === 'key' });
	const { port } = await cloud.listenTcp({ host: '127.0.0.1', port: 0 });
	t.teardown(() => cloud[Symbol.asyncDispose]());
	let jobs = 0;
	const offer = ({ digest = DIGEST, publish = true }: { readonly digest?: string; readonly publish?: boolean } = {}): string => {
		const jobId = `job-${++jobs}`;
		if (publish) cloud.publishFile(jobId, [{ fileId: 0, bytes: IMAGE }]);
		const file = { stream: jobId, fileId: 0, sizeBytes: IMAGE.length, version: '2.0.0', hardware: 'esp32', digest, keySets: [] };
		cloud.createJob({ jobId, document: encodeUpdateDocument(file), things: [BOARD] });
		return jobId;
	};
	const open = async (options: { readonly password?: string; readonly withinMs?: number; readonly signal?: AbortSignal } = {}) => {
		const session = await GatewaySession.open({ url: `mqtt://127.0.0.1:${port}`, thing: BOARD, password: 'key', withinMs: 5000, ...options });
		t.teardown(() => session[Symbol.asyncDispose]());
		return session;
	};
	return { cloud, offer, open };
};

test('a board gets its image through the gateway as a device in the field does, and the service learns what came of it', async (t) => {
	const { cloud, offer, open } = await openService(t);
	const session = await open();
	await t.throwsAsync(session.takeImage(), {
		name: 'GatewayError',
		code: 'no-job',
		message: 'gateway of esp-1: a job was expected, the service has none for it',
	});
	const jobId = offer();
	const offered = await session.takeImage();
	t.is(offered.jobId, jobId);
	t.is(offered.version, '2.0.0');
	t.true(Buffer.from(offered.bytes).equals(IMAGE));
	t.is(cloud.newestJob(BOARD)?.status, 'IN_PROGRESS');
	await session.report({
		version: '2.0.0',
		hardware: 'esp32',
		digest: DIGEST,
		boots: 2,
		resetCause: 'update',
		watchdogResets: 0,
		errors: 0,
		temperatureC: 20,
		freeMemoryBytes: 0,
	});
	await session.conclude(jobId, { status: 'SUCCEEDED' });
	t.is(cloud.newestJob(BOARD)?.status, 'SUCCEEDED');
	t.is(cloud.believedVersion(BOARD), '2.0.0');
	await t.throwsAsync(session.conclude(jobId, { status: 'FAILED', reason: 'late' }), {
		code: 'refused',
		message: /^gateway of esp-1: job job-1 was to end FAILED, the service says /,
	});
	t.is(cloud.newestJob(BOARD)?.status, 'SUCCEEDED', 'what has ended stays');
});

test('other bytes than the job says are not handed on, and the job fails with the reason', async (t) => {
	const { cloud, offer, open } = await openService(t);
	const session = await open();
	const jobId = offer({ digest: 'a'.repeat(64) });
	await t.throwsAsync(session.takeImage(), {
		code: 'digest',
		message: `gateway of esp-1: aaaaaaaaaaaa was expected of stream ${jobId}, got ${DIGEST.slice(0, 12)}`,
	});
	const job = cloud.newestJob(BOARD);
	t.is(job?.status, 'FAILED');
	t.regex(String(job?.statusDetails['reason']), /aaaaaaaaaaaa was expected/);
});

test('a stream that is not there, a stranger and a call-off end in time with what they are', async (t) => {
	const { offer, open } = await openService(t);
	await t.throwsAsync(open({ password: 'guess' }), { name: 'GatewayError', code: 'unreachable', message: /^gateway of esp-1: mqtt:\/\/127\.0\.0\.1:\d+: / });
	await t.throwsAsync(GatewaySession.open({ url: 'mqtt://127.0.0.1:1', thing: BOARD, password: 'key', withinMs: 2000 }), {
		code: 'unreachable',
		message: /ECONNREFUSED/,
	});
	offer({ publish: false });
	await t.throwsAsync((await open({ withinMs: 2000 })).takeImage(), { code: 'refused', message: /^gateway of esp-1: stream job-1 refused: / });
	const calling = new AbortController();
	const session = await open({ signal: calling.signal });
	calling.abort();
	await t.throwsAsync(session.takeImage(), { code: 'aborted', message: 'gateway of esp-1: a job: it was called off' });
});

const DOCUMENT = { afr_ota: { protocols: ['MQTT'], streamname: 's', files: [{ fileid: 0, filesize: 9, version: '1', sha256: DIGEST }] } };
test('a document that a gateway cannot read is refused by the member that is wrong', (t) => {
	t.deepEqual(readJobFile(DOCUMENT), { stream: 's', fileId: 0, sizeBytes: 9, version: '1', digest: DIGEST });
	const file = DOCUMENT.afr_ota.files[0];
	const withFile = (change: object) => ({ afr_ota: { ...DOCUMENT.afr_ota, files: [{ ...file, ...change }] } });
	for (const [document, says] of [
		[undefined, /^job document: an object: /],
		[{ afr_ota: { ...DOCUMENT.afr_ota, protocols: ['HTTP'] } }, /^job document: afr_ota\.protocols: /],
		[{ afr_ota: { ...DOCUMENT.afr_ota, files: [file, file] } }, /^job document: afr_ota\.files: /],
		[withFile({ filesize: 0 }), /^job document: afr_ota\.files\.0\.filesize: /],
		[withFile({ filesize: 2 ** 30 }), /^job document: afr_ota\.files\.0\.filesize: /],
		[withFile({ sha256: DIGEST.toUpperCase() }), /^job document: afr_ota\.files\.0\.sha256: /],
	] as const)
		t.throws(() => readJobFile(document), { name: 'GatewayError', code: 'document', message: says });
});
