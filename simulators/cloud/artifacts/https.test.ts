import test, { type ExecutionContext } from 'ava';
import { createRandom, RealClock } from '../../../harness/time/index.js';
import { type Oddity, RunAuthority } from '../run-authority.js';
import { openCuttingProxy } from '../peer/index.js';
import { createArtifact } from './artifact.js';
import type { ArtifactFault } from './artifact-fault.js';
import { type ArtifactServerOptions, openArtifactServer } from './artifact-server.js';
import { MemorySink } from './artifact-sink.js';
import { downloadArtifact } from './download-artifact.js';
import { DownloadError, type DownloadProblem } from './download-error.js';
import { createHttpPort } from './http-port.js';

const clock = new RealClock();
const IMAGE = createArtifact('image.bin', createRandom('https image').bytes(200_000));
const LIMITS = { attempts: 3, idleMs: 2000, retryWaitMs: 1, totalMs: 10_000 };
const authority = new RunAuthority();
const http = createHttpPort({ authority: authority.certificate });

const opened = async (t: ExecutionContext, tls: ArtifactServerOptions['tls'] = authority.serverNamed('127.0.0.1')) => {
	const server = await openArtifactServer({ clock, ...(tls && { tls }) });
	t.teardown(() => server[Symbol.asyncDispose]());
	return { server, url: server.put(IMAGE) };
};

const download = async (url: string, sink = new MemorySink()) => {
	const { problems } = await downloadArtifact({ url, sizeBytes: IMAGE.bytes.length, digest: IMAGE.hashes.sha256, sink, http, clock, limits: LIMITS }).catch(
		(error: unknown) => (error instanceof DownloadError ? error : Promise.reject(error)),
	);
	return { problems, isWhole: Buffer.concat([...sink.pieces()]).equals(IMAGE.bytes) };
};

test.serial('a server is believed by the certificate of the run alone: in date, in its name, of its authority; and nothing is asked of another', async (t) => {
	const right = await opened(t);
	t.regex(right.url, /^https:/);
	t.deepEqual(await download(right.url), { problems: [], isWhole: true });
	for (const oddity of ['expired', 'not-yet-valid', 'wrong-name', 'stranger'] satisfies Oddity[]) {
		const { server, url } = await opened(t, authority.oddServer('127.0.0.1', oddity));
		t.deepEqual(await download(url), { problems: ['untrusted'], isWhole: false }, oddity);
		t.deepEqual(server.requests, [], oddity);
	}
	const home = await opened(t);
	const away = await opened(t, authority.oddServer('127.0.0.1', 'stranger'));
	home.server.faults.add({ kind: 'redirect-to', location: away.url });
	t.deepEqual(await download(home.url), { problems: ['untrusted'], isWhole: false }, 'by way of a redirect');
	await t.throwsAsync(
		createHttpPort()({ method: 'GET', url: right.url }, { signal: new AbortController().signal }),
		undefined,
		'nor by the system’s authorities',
	);
});

test.serial('from https a redirect leads to https alone', async (t) => {
	const { server, url } = await opened(t);
	const plain = await openArtifactServer({ clock });
	t.teardown(() => plain[Symbol.asyncDispose]());
	server.faults.add({ kind: 'redirect-to', location: plain.put(IMAGE) });
	t.deepEqual(await download(url), { problems: ['unsafe-redirect'], isWhole: false });
	t.is(plain.requests.length, 0);
	const mirror = await opened(t);
	server.faults.add({ kind: 'redirect-to', location: mirror.url });
	t.deepEqual(await download(url), { problems: [], isWhole: true });
	plain.faults.add({ kind: 'redirect-to', location: mirror.url });
	t.deepEqual(await download(`http://127.0.0.1:${plain.port}/image.bin`), { problems: [], isWhole: true }, 'from http to https is a gain');
});

/** What a server does wrong once, over TLS. */
const ROWS: readonly (readonly [fault: ArtifactFault, problems: readonly DownloadProblem[]])[] = [
	[{ kind: 'cut', afterBytes: 50_000 }, ['cut']],
	[{ kind: 'length-too-long', byBytes: 10 }, ['wrong-length']],
	[{ kind: 'length-too-short', byBytes: 10 }, ['wrong-length']],
	[{ kind: 'endless' }, ['too-long']],
	[{ kind: 'html' }, ['not-an-image']],
	[{ kind: 'no-range' }, []],
	[{ kind: 'flipped-bit', atByte: 4096 }, ['wrong-range']],
];

test.serial('what goes wrong once over TLS costs no more than over plain HTTP, and a cut link is resumed by Range under the ETag', async (t) => {
	const { server, url } = await opened(t);
	for (const [fault, problems] of ROWS) {
		server.faults.add(fault);
		t.deepEqual(await download(url), { problems, isWhole: true }, fault.kind);
	}
	const cuts = [60_000, 70_000];
	const proxy = await openCuttingProxy({ port: server.port, cuts, clock });
	t.teardown(() => proxy[Symbol.asyncDispose]());
	const before = server.requests.length;
	t.deepEqual(await download(url.replace(String(server.port), String(proxy.port))), { problems: ['cut', 'cut'], isWhole: true });
	const [whole, ...resumed] = server.requests.slice(before);
	t.deepEqual([whole?.range, cuts], [undefined, []]);
	for (const { range, ifRange } of resumed) t.deepEqual([/^bytes=\d+-$/.test(range ?? ''), ifRange], [true, IMAGE.etag]);
});
