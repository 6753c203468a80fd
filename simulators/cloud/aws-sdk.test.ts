import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { RealClock } from '../../harness/time/index.js';
import { type Authority, createAuthority, issueIdentity } from './certificate.js';
import { type Cloud, openCloud } from './cloud.js';

const DAY_MS = 86_400_000;
const CHILD = fileURLToPath(new URL('./aws-sdk.test.child.js', import.meta.url));
const SECRET = 'a secret of its own';

type Step = { readonly step: string } & Readonly<Record<string, unknown>>;

/** A service on a real port, and what its observer saw. */
const openService = async (transport: 'tcp' | 'tls') => {
	const statuses: string[] = [];
	const waiting: (() => void)[] = [];
	const cloud = await openCloud({
		clock: new RealClock(),
		credentials: (_thing, password) => Buffer.from(SECRET).equals(password),
		observer: {
			onJobStatus: ({ jobId, status, versionNumber }) => {
				statuses.push(`${jobId} ${status} ${versionNumber}`);
				if (jobId === 'job-1' && status === 'SUCCEEDED') for (const go of waiting.splice(0)) go();
			},
		},
	});
	const now = Date.now();
	const validity = { fromEpochMs: now - DAY_MS, untilEpochMs: now + DAY_MS };
	const authority = transport === 'tls' ? createAuthority('bench root', validity) : undefined;
	const server = authority && issueIdentity(authority, { ...validity, name: 'service', hosts: ['localhost', '127.0.0.1'] });
	const door = await cloud.listenTcp({
		host: '127.0.0.1',
		port: 0,
		...(server === undefined ? {} : { tls: { ...server, clientAuthority: authority?.certificate ?? '' } }),
	});
	return { cloud, statuses, door, authority, validity, onFirstDone: (go: () => void) => waiting.push(go) };
};

const runDevice = async (options: {
	readonly port: number;
	readonly client: 'v1' | 'v2';
	readonly authority: Authority | undefined;
	readonly cloud: Cloud;
}) => {
	const { port, client, authority, cloud } = options;
	const now = Date.now();
	const thing = `sdk-${client}`;
	const identity = authority && issueIdentity(authority, { name: thing, fromEpochMs: now - DAY_MS, untilEpochMs: now + DAY_MS });
	const orders = { port, thing, client, ...(identity === undefined ? { password: SECRET } : { tls: { ...identity, authority: authority?.certificate } }) };
	const child = execa(process.execPath, [CHILD, JSON.stringify(orders)], { timeout: 30_000, reject: false, lines: true });
	const steps: Step[] = [];
	for await (const line of child) {
		const step = JSON.parse(line) as Step;
		steps.push(step);
		if (step.step !== 'cut me') continue;
		cloud.stop({ sessions: 'lost' });
		await cloud.start();
	}
	const { exitCode, stderr } = await child;
	return { steps, exitCode, stderr };
};

for (const transport of ['tcp', 'tls'] as const) {
	test(`the Jobs client v1 of the AWS SDK completes a job over ${transport}, and its rejected update names VersionMismatch`, async (t) => {
		const { cloud, statuses, door, authority } = await openService(transport);
		cloud.createJob({ jobId: 'job-1', document: { release: 'r2' }, things: ['sdk-v1'] });
		const { steps, exitCode, stderr } = await runDevice({ port: door.port, client: 'v1', authority, cloud });
		t.is(exitCode, 0, `${JSON.stringify(steps.at(-1))} ${stderr.join('\n')}`);
		t.like(steps, [
			{ step: 'connected' },
			{ step: 'pending', message: { queuedJobs: [{ jobId: 'job-1', versionNumber: 1 }], inProgressJobs: [] } },
			{
				step: 'started',
				message: { clientToken: 'token-1', execution: { jobId: 'job-1', status: 'IN_PROGRESS', versionNumber: 2, jobDocument: { release: 'r2' } } },
			},
			{ step: 'described', message: { execution: { jobId: 'job-1', thingName: 'sdk-v1', versionNumber: 2 } } },
			{ step: 'rejected', message: { code: 'VersionMismatch', executionState: { status: 'IN_PROGRESS', versionNumber: 2 } } },
			{ step: 'updated', message: { executionState: { status: 'SUCCEEDED', versionNumber: 3 } } },
			{ step: 'next' },
			{ step: 'finished' },
		]);
		t.is(steps.length, 8);
		t.deepEqual(statuses, ['job-1 QUEUED 1', 'job-1 IN_PROGRESS 2', 'job-1 SUCCEEDED 3']);
		t.is(cloud.stats.refusedConnections + cloud.stats.refusedPublishes + cloud.stats.refusedSubscriptions, 0);
		await cloud[Symbol.asyncDispose]();
	});

	test(`the Jobs client V2 of the AWS SDK finishes its job over ${transport} after its connection was cut, and hears of the next`, async (t) => {
		const { cloud, statuses, door, authority, onFirstDone } = await openService(transport);
		cloud.createJob({ jobId: 'job-1', document: { release: 'r2' }, things: ['sdk-v2'] });
		onFirstDone(() => setImmediate(() => cloud.createJob({ jobId: 'job-2', document: { release: 'r3' }, things: ['sdk-v2'] })));
		const { steps, exitCode, stderr } = await runDevice({ port: door.port, client: 'v2', authority, cloud });
		t.is(exitCode, 0, `${JSON.stringify(steps.at(-1))} ${stderr.join('\n')}`);
		t.like(
			steps.filter(({ step }) => step !== 'error'),
			[
				{ step: 'connected' },
				{ step: 'pending', message: { queuedJobs: [{ jobId: 'job-1' }] } },
				{ step: 'started', message: { execution: { jobId: 'job-1', versionNumber: 2 } } },
				{ step: 'described', message: { execution: { jobDocument: { release: 'r2' } } } },
				{ step: 'rejected', message: { code: 'VersionMismatch', executionState: { status: 'IN_PROGRESS', versionNumber: 2 } } },
				{ step: 'cut me' },
				{ step: 'interrupted' },
				{ step: 'resumed' },
				{ step: 'updated', message: { executionState: { status: 'SUCCEEDED', versionNumber: 3 } } },
				{ step: 'next', message: { execution: { jobId: 'job-2', jobDocument: { release: 'r3' } } } },
				{ step: 'finished' },
			],
		);
		t.deepEqual(statuses, ['job-1 QUEUED 1', 'job-1 IN_PROGRESS 2', 'job-1 SUCCEEDED 3', 'job-2 QUEUED 1', 'job-2 SUCCEEDED 2']);
		t.is(cloud.stats.connections, 2);
		await cloud[Symbol.asyncDispose]();
	});
}

test('a wrong secret, and a certificate of another thing, are refused', async (t) => {
	const plain = await openService('tcp');
	const child = await execa(process.execPath, [CHILD, JSON.stringify({ port: plain.door.port, thing: 'sdk-v1', client: 'v1', password: 'wrong' })], {
		reject: false,
	});
	t.is(child.exitCode, 1);
	t.true(plain.cloud.stats.refusedConnections > 0);
	await plain.cloud[Symbol.asyncDispose]();
	const tls = await openService('tls');
	const authority = tls.authority;
	if (authority === undefined) return t.fail();
	const identity = issueIdentity(authority, { ...tls.validity, name: 'somebody-else' });
	const orders = { port: tls.door.port, thing: 'sdk-v1', client: 'v1', tls: { ...identity, authority: authority.certificate } };
	const other = await execa(process.execPath, [CHILD, JSON.stringify(orders)], { reject: false });
	t.is(other.exitCode, 1);
	t.true(tls.cloud.stats.refusedConnections > 0);
	t.is(tls.cloud.stats.connections, 0);
	await tls.cloud[Symbol.asyncDispose]();
});
