import { createConnection } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { GOOD_LINK } from '../../../harness/faults/index.js';
import { createRandom, RealClock } from '../../../harness/time/index.js';
import { createLink, openFaultProxy } from '../../network/index.js';
import { createArtifact } from './artifact.js';
import { ARTIFACT_FAULT_KINDS, type ArtifactFault } from './artifact-fault.js';
import { openArtifactServer } from './artifact-server.js';
import { MemorySink } from './artifact-sink.js';
import { parseContentRange, parseRange } from './byte-range.js';
import { type DownloadOptions, downloadArtifact } from './download-artifact.js';
import { DownloadError } from './download-error.js';
import { createHttpPort, type HttpPort } from './http-port.js';

const clock = new RealClock();
const SIZE = 300_000;
const IMAGE = createArtifact(
	'image.bin',
	Uint8Array.from({ length: SIZE }, (_, index) => (index * 31) ^ (index >> 8)),
);
const LIMITS = { attempts: 4, idleMs: 200, retryWaitMs: 1, mostRetryWaitMs: 5, totalMs: 5000 };

const opened = async (t: ExecutionContext) => {
	const server = await openArtifactServer({ clock });
	t.teardown(() => server[Symbol.asyncDispose]());
	const url = server.put(IMAGE);
	const sink = new MemorySink();
	const download = (change: Partial<DownloadOptions> = {}) =>
		downloadArtifact({ url, sizeBytes: SIZE, digest: IMAGE.hashes.sha256, sink, http: createHttpPort(), clock, limits: LIMITS, ...change });
	const kept = () => Buffer.concat([...sink.pieces()]);
	const ranges = () => server.requests.map(({ range }) => range ?? 'whole');
	return { server, url, sink, download, kept, ranges };
};

/** What a fault costs that is there once, and whether a download with the fault in every answer ends whole. */
const ROWS: readonly (readonly [fault: ArtifactFault, once: readonly string[], ever: string])[] = [
	[{ kind: 'redirects', hops: 5, status: 307 }, [], 'whole'],
	[{ kind: 'redirects', hops: 6 }, ['too-many-redirects'], 'too-many-redirects'],
	[{ kind: 'redirect-loop' }, [], 'too-many-redirects'],
	[{ kind: 'redirect-to', location: 'file:///etc/passwd' }, ['unsafe-redirect'], 'unsafe-redirect'],
	[{ kind: 'redirect-to', location: 'http://[' }, ['refused'], 'refused'],
	[{ kind: 'status', status: 503, retryAfterS: 90_000 }, ['busy'], 'busy'],
	[{ kind: 'status', status: 404 }, ['refused'], 'refused'],
	[{ kind: 'status', status: 204 }, ['refused'], 'refused'],
	[{ kind: 'status', status: 416 }, ['wrong-range'], 'wrong-range'],
	[{ kind: 'cut', afterBytes: 100_000 }, ['cut'], 'whole'],
	[{ kind: 'cut', afterBytes: 0 }, ['cut'], 'cut'],
	[{ kind: 'stall', afterBytes: 100_000 }, ['silent'], 'whole'],
	[{ kind: 'length-too-long', byBytes: 10 }, ['wrong-length'], 'wrong-length'],
	[{ kind: 'length-too-short', byBytes: 10 }, ['wrong-length'], 'wrong-length'],
	[{ kind: 'no-length' }, [], 'whole'],
	[{ kind: 'endless' }, ['too-long'], 'too-long'],
	[{ kind: 'slow', bytesPerS: 3_000_000 }, [], 'whole'],
	[{ kind: 'html' }, ['not-an-image'], 'not-an-image'],
	[{ kind: 'no-range' }, [], 'whole'],
	[{ kind: 'other-range', byBytes: 10 }, [], 'whole'],
	[{ kind: 'if-range-ignored' }, [], 'whole'],
	[{ kind: 'unsteady-etag' }, [], 'whole'],
	[{ kind: 'no-etag' }, [], 'whole'],
	[{ kind: 'flipped-bit', atByte: 4096 }, ['wrong-range'], 'wrong-digest'],
	[{ kind: 'encoded' }, ['encoded'], 'encoded'],
];

test.serial(
	'every fault of a server once, and in every answer: the image is whole, or the download ends with its reason and keeps nothing wrong',
	async (t) => {
		t.deepEqual([...new Set(ROWS.map(([{ kind }]) => kind))].sort(), [...ARTIFACT_FAULT_KINDS].sort());
		const { server, sink, download, kept } = await opened(t);
		for (const [fault, once, ever] of ROWS) {
			const name = JSON.stringify(fault);
			for (const times of [fault.kind === 'redirects' ? 1 + fault.hops : 1, 1000]) {
				sink.clear();
				server.faults.clear();
				server.faults.add(fault, { times });
				const { problems, error } = await download().then(
					(done) => ({ ...done, error: undefined }),
					(error: unknown) => (error instanceof DownloadError ? { problems: error.problems, error } : Promise.reject(error)),
				);
				if (times < 1000) t.deepEqual(problems, once, `${name} once`);
				else t.is(error?.code ?? 'whole', ever, `${name} in every answer`);
				if (!error) t.true(kept().equals(IMAGE.bytes), name);
				else
					t.true(
						IMAGE.bytes.subarray(0, sink.sizeBytes).every((byte, index) => index % 997 !== 0 || byte === kept()[index]),
						`${name} keeps what is right`,
					);
				t.true(sink.sizeBytes <= SIZE);
			}
		}
	},
);

/** What is met while a cut download goes on by Range, and the ranges asked for. */
const RESUMED: readonly (readonly [fault: ArtifactFault, problems: readonly string[], ranges: readonly string[]])[] = [
	[{ kind: 'no-etag' }, ['cut'], ['whole', 'bytes=100000-']],
	[{ kind: 'no-range' }, ['cut'], ['whole', 'bytes=100000-']],
	[{ kind: 'unsteady-etag' }, ['cut'], ['whole', 'bytes=100000-']],
	[{ kind: 'other-range', byBytes: 7 }, ['cut', 'wrong-range'], ['whole', 'bytes=100000-', 'bytes=100000-']],
	[{ kind: 'html' }, ['cut', 'not-an-image'], ['whole', 'bytes=100000-', 'bytes=100000-']],
	[{ kind: 'status', status: 500 }, ['cut', 'busy'], ['whole', 'bytes=100000-', 'bytes=100000-']],
	[{ kind: 'flipped-bit', atByte: 9 }, ['cut', 'wrong-range'], ['whole', 'bytes=100000-', 'whole']],
	[{ kind: 'length-too-long', byBytes: 9 }, ['cut', 'wrong-length'], ['whole', 'bytes=100000-', 'bytes=100000-']],
	[{ kind: 'endless' }, ['cut', 'too-long'], ['whole', 'bytes=100000-', 'whole']],
	[{ kind: 'status', status: 416 }, ['cut', 'wrong-range'], ['whole', 'bytes=100000-', 'whole']],
];

test.serial('a download that was cut goes on at its byte, and survives what the server does wrong with that', async (t) => {
	for (const [fault, problems, wanted] of RESUMED) {
		const { server, download, kept, ranges } = await opened(t);
		server.faults.add({ kind: 'cut', afterBytes: 100_000 });
		server.faults.add(fault);
		const done = await download();
		t.deepEqual([done.problems, ranges()], [problems, wanted], fault.kind);
		t.true(kept().equals(IMAGE.bytes), fault.kind);
		t.is(server.requests[1]?.ifRange, IMAGE.etag);
	}
});

test.serial('an image that changes in the middle is begun anew where the server honours If-Range, and never mixed where it does not', async (t) => {
	const other = createArtifact(
		'image.bin',
		IMAGE.bytes.map((byte) => byte ^ 0xff),
	);
	const honest = await opened(t);
	honest.server.faults.add({ kind: 'cut', afterBytes: 100_000 });
	await t.throwsAsync(honest.download({ limits: { ...LIMITS, attempts: 1, totalMs: 1 } }), { instanceOf: DownloadError });
	honest.server.faults.clear();
	honest.server.put(other);
	await honest.download({ digest: other.hashes.sha256 });
	t.true(honest.kept().equals(other.bytes));

	const mixing = await opened(t);
	mixing.sink.append(IMAGE.bytes.subarray(0, 100_000));
	mixing.sink.validator = IMAGE.etag;
	mixing.server.put(other);
	mixing.server.faults.add({ kind: 'if-range-ignored' });
	const { problems } = await mixing.download({ digest: other.hashes.sha256 });
	t.deepEqual([problems, mixing.ranges()], [['wrong-range'], ['bytes=100000-', 'whole']]);
	t.true(mixing.kept().equals(other.bytes));
	mixing.sink.clear();
	await t.throwsAsync(mixing.download(), { code: 'wrong-digest' }, 'the release that was promised is gone');
	t.is(mixing.sink.sizeBytes, 0);
});

test.serial('a download is called off at once, ends by its deadline under a slow body, and continues from what a restarted device kept', async (t) => {
	const { server, sink, download, kept, ranges } = await opened(t);
	server.faults.add({ kind: 'slow', bytesPerS: 100_000 }, { times: 2 });
	const controller = new AbortController();
	const cancelled = download({ signal: controller.signal });
	await clock.until(() => sink.sizeBytes > 0, { withinMs: 3000, label: 'the first bytes' });
	controller.abort();
	await t.throwsAsync(cancelled, { code: 'cancelled' });
	await t.throwsAsync(download({ limits: { ...LIMITS, totalMs: 150 } }), { code: 'out-of-time' });
	const keptBytes = sink.sizeBytes;
	t.true(keptBytes > 0 && keptBytes < SIZE);
	await download();
	t.is(ranges().at(-1), `bytes=${keptBytes}-`);
	t.true(kept().equals(IMAGE.bytes));
	await download();
	t.is(server.requests.length, 3, 'what is whole is verified and not asked for again');
	await t.throwsAsync(download({ signal: AbortSignal.abort(), sink: new MemorySink() }), { code: 'cancelled' });
});

test.serial('credentials go to their own server alone; a redirect elsewhere is followed without them', async (t) => {
	const home = await opened(t);
	const away = await opened(t);
	home.server.faults.add({ kind: 'redirect-to', location: away.url });
	await home.download({ headers: { Authorization: 'TargetToken secret' } });
	t.deepEqual([home.server.requests[0]?.authorization, away.server.requests[0]?.authorization], ['TargetToken secret', undefined]);
});

test('a redirect from https to http is refused, to another https followed', async (t) => {
	const asked: string[] = [];
	const locations = ['https://mirror.test/image.bin', 'http://plain.test/image.bin'];
	const http: HttpPort = async ({ url }) => {
		asked.push(url);
		return { status: 302, headers: { location: locations[asked.length - 1] }, body: (async function* () {})() };
	};
	const sink = new MemorySink();
	await t.throwsAsync(downloadArtifact({ url: 'https://safe.test/image.bin', sizeBytes: SIZE, digest: IMAGE.hashes.sha256, sink, http, clock }), {
		code: 'unsafe-redirect',
	});
	t.deepEqual(asked, ['https://safe.test/image.bin', 'https://mirror.test/image.bin']);
});

test.serial('through the fault proxy: links cut at a byte, half-open and reset, and the image is whole', async (t) => {
	const { server, download, kept, ranges } = await opened(t);
	await using proxy = await openFaultProxy({ broker: { host: '127.0.0.1', port: server.port }, onError: (error) => t.fail(error.message) });
	const cuts = [{ bytes: 90_000, how: 'reset' } as const, { bytes: 120_000, how: 'half-open' } as const, { bytes: 10, how: 'reset' } as const];
	const dial = () => {
		const link = createLink({ clock, random: createRandom('artifact'), conditions: { ...GOOD_LINK, latencyMs: 1, jitterMs: 0 } });
		const cut = cuts.shift();
		if (cut) link.cutAfter({ bytes: cut.bytes }, cut.how);
		return proxy.join(link);
	};
	const { problems } = await download({ http: createHttpPort({ dial }) });
	t.deepEqual(problems, ['cut', 'silent', 'cut']);
	t.true(kept().equals(IMAGE.bytes));
	t.regex(ranges().at(-1) ?? '', /^bytes=\d+-$/);
});

test.serial('a server answers conditions and ranges by the standard, and other methods not at all', async (t) => {
	const { url, server } = await opened(t);
	const http = createHttpPort();
	const ask = async (headers: Record<string, string>, method: 'GET' | 'HEAD' | 'PUT' = 'GET') => {
		const controller = new AbortController();
		const answer = await http({ method, url, headers }, { signal: controller.signal });
		let sizeBytes = 0;
		for await (const piece of answer.body) sizeBytes += piece.length;
		return [answer.status, sizeBytes, answer.headers['content-range']];
	};
	for (const [headers, answer] of [
		[{}, [200, SIZE, undefined]],
		[{ range: 'bytes=0-9' }, [206, 10, `bytes 0-9/${SIZE}`]],
		[{ range: 'bytes=-5' }, [206, 5, `bytes ${SIZE - 5}-${SIZE - 1}/${SIZE}`]],
		[{ range: `bytes=${SIZE}-` }, [416, 0, `bytes */${SIZE}`]],
		[{ range: 'bytes=0-1,3-4' }, [200, SIZE, undefined]],
		[{ range: 'bytes=9-', 'if-range': IMAGE.etag }, [206, SIZE - 9, `bytes 9-${SIZE - 1}/${SIZE}`]],
		[{ range: 'bytes=9-', 'if-range': '"other"' }, [200, SIZE, undefined]],
		[{ 'if-none-match': `"x", ${IMAGE.etag}` }, [304, 0, undefined]],
	] as const)
		t.deepEqual(await ask(headers), answer, JSON.stringify(headers));
	t.deepEqual(await ask({}, 'HEAD'), [200, 0, undefined]);
	t.deepEqual(await ask({}, 'PUT'), [405, 0, undefined]);
	t.deepEqual(parseContentRange('bytes 1-0/5'), undefined);
	t.deepEqual(parseContentRange('bytes 0-1/*'), { start: 0, end: 1, totalBytes: undefined });
	t.is(parseRange('bytes=5-4', 10), 'whole');
	t.is(parseRange('bytes=-0', 10), 'unsatisfiable');
	const socket = createConnection(server.port, '127.0.0.1');
	socket.on('error', () => {});
	socket.end('NONSENSE\r\n\r\n');
	t.deepEqual(await ask({ range: 'bytes=0-0' }), [206, 1, `bytes 0-0/${SIZE}`], 'a stranger’s nonsense harms nobody else');
});
