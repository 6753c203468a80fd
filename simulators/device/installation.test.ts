import test from 'ava';
import type { ReleaseImage } from '../../harness/firmware/index.js';
import { type Bench, isRequest, withBench } from './bench.test.support.js';
import { FLEET_PROFILES } from './profile.js';

/** What must be so after a job that was refused: the device runs on, nothing was tried, and the other slot is as it was. */
const assertRefused = (t: import('ava').ExecutionContext, bench: Bench, job: string, reason: RegExp): void => {
	t.is(bench.status(job), 'FAILED');
	t.regex(bench.reason(job) ?? '', reason);
	t.is(bench.device.running?.version, '1.0.0+0');
	t.is(bench.device.state, 'idle');
	t.deepEqual(bench.eventsOf('device-trial-requested'), []);
	t.is(bench.eventsOf('device-boot').length, 1);
	t.is(bench.eventsOf('device-refused').length, 1);
	t.is(bench.cloud.lastReport(bench.device.id)?.version, '1.0.0+0');
};

const image = (bench: Bench): ReleaseImage => bench.imageOf(bench.releases.candidate());

const LONG = 'x'.repeat(5_000);
/** Members of the file that are missing or wrong, and the member that the service must hear of. */
const WRONG_FILES: readonly { readonly title: string; readonly file: Record<string, unknown>; readonly says: RegExp }[] = [
	...['fileid', 'filesize', 'version', 'hardware', 'sha256'].flatMap((name) => [
		{ title: `no ${name}`, file: { [name]: undefined }, says: new RegExp(`^job document: ${name}: `) },
		{ title: `a list as ${name}`, file: { [name]: [] }, says: new RegExp(`^job document: ${name}: `) },
		{ title: `null as ${name}`, file: { [name]: null }, says: new RegExp(`^job document: ${name}: `) },
	]),
	...['fileid', 'filesize'].flatMap((name) =>
		['12', -1, 1.5, 2 ** 53].map((value) => ({
			title: `${JSON.stringify(value)} as ${name}`,
			file: { [name]: value },
			says: new RegExp(`^job document: ${name}: `),
		})),
	),
	{ title: 'an empty version', file: { version: '' }, says: /^job document: version: / },
	{ title: 'a digest that is cut short', file: { sha256: 'ab12' }, says: /^job document: sha256: / },
	{ title: 'a digest that is no hex', file: { sha256: 'z'.repeat(64) }, says: /^job document: sha256: / },
	{ title: 'a digest of five thousand characters', file: { sha256: LONG }, says: /^job document: sha256: / },
	{ title: 'hardware of five thousand characters', file: { hardware: LONG }, says: /^the image is for xxx/ },
	{ title: 'a version of five thousand characters', file: { version: LONG, hardware: 7 }, says: /^job document: hardware: / },
	{ title: 'an empty image', file: { filesize: 0 }, says: /^the image is empty/ },
	{ title: 'another hardware', file: { hardware: 'toaster-r9' }, says: /^the image is for toaster-r9, this is sensor-r1$/ },
	{ title: 'an image larger than the slot', file: { filesize: 64 * 1024 + 1 }, says: /^the image of 65537 bytes does not fit the slot of 65536$/ },
	{ title: 'an image of 2^52 bytes', file: { filesize: 2 ** 52 }, says: /does not fit the slot/ },
];

for (const { title, file, says } of WRONG_FILES) {
	test.serial(`a job with ${title} is refused before a byte is asked for or an operation spent on its slot`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			bench.device.flash.startJournal();
			const job = bench.deploy(image(bench), { file });
			await bench.end(job);
			assertRefused(t, bench, job, says);
			t.false(bench.sent.some(({ topic }) => topic.includes('/streams/')));
			const { outcome } = bench.device.profile.layout;
			const elsewhere = bench.device.flash
				.stopJournal()
				.filter(({ offsetBytes }) => offsetBytes < outcome.offsetBytes || offsetBytes >= outcome.offsetBytes + outcome.sizeBytes);
			t.deepEqual(elsewhere, []);
			t.true((bench.reason(job) as string).length <= 256);
		}),
	);
}

const WRONG_DOCUMENTS: readonly { readonly title: string; readonly change: (ota: Record<string, unknown>) => unknown; readonly says: RegExp }[] = [
	{ title: 'nothing in it', change: () => ({}), says: /^job document: / },
	{ title: 'another sort of work in it', change: () => ({ operation: 'reboot' }), says: /^job document: / },
	{ title: 'text in place of its update', change: () => ({ afr_ota: 'please' }), says: /^job document: / },
	{ title: 'null in place of its update', change: () => ({ afr_ota: null }), says: /^job document: / },
	{ title: 'no protocols', change: ({ protocols, ...rest }) => ({ afr_ota: rest, protocols }), says: /protocols/ },
	{ title: 'another protocol', change: (ota) => ({ afr_ota: { ...ota, protocols: ['CoAP'] } }), says: /protocols/ },
	{ title: 'a URL that is missing', change: (ota) => ({ afr_ota: { ...ota, protocols: ['HTTP'] } }), says: /update_data_url/ },
	{ title: 'no files', change: ({ files, ...rest }) => ({ afr_ota: rest, files }), says: /files/ },
	{ title: 'an empty list of files', change: (ota) => ({ afr_ota: { ...ota, files: [] } }), says: /files/ },
	{ title: 'two files', change: (ota) => ({ afr_ota: { ...ota, files: [...(ota['files'] as []), ...(ota['files'] as [])] } }), says: /files/ },
	{ title: 'null for a file', change: (ota) => ({ afr_ota: { ...ota, files: [null] } }), says: /^job document: / },
	{ title: 'no stream', change: ({ streamname, ...rest }) => ({ afr_ota: rest, streamname }), says: /streamname/ },
	...['', 7, 'a/b', 'a+', '#', 'a b', 's'.repeat(129), LONG].map((streamname) => ({
		title: `the stream ${JSON.stringify(streamname).slice(0, 20)}`,
		change: (ota: Record<string, unknown>) => ({ afr_ota: { ...ota, streamname } }),
		says: /^job document: streamname: /,
	})),
];

for (const { title, change, says } of WRONG_DOCUMENTS) {
	test.serial(`a job document with ${title} is refused, and the device works on`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			const wanted = image(bench);
			const job = bench.deploy(wanted, { document: change(bench.document('job-1', wanted)['afr_ota'] as Record<string, unknown>) });
			await bench.end(job);
			assertRefused(t, bench, job, says);
			const next = bench.deploy(wanted);
			await bench.until(() => bench.status(next) === 'SUCCEEDED', 'the next job to succeed');
			t.is(bench.device.running?.digest, wanted.digest);
		}),
	);
}

test.serial('an image whose digest is another than the job names is refused once it is in flash', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const before = bench.slotBytes('a');
		const job = bench.deploy(image(bench), { file: { sha256: '0'.repeat(64) } });
		await bench.end(job);
		assertRefused(t, bench, job, /^the bytes in flash have digest [0-9a-f]{12}, the job names 000000000000$/);
		t.deepEqual(bench.slotBytes('a'), before);
	}),
);

for (const { title, sizeBytes } of [
	{ title: 'a part of a block more than the stream holds', sizeBytes: (bytes: number) => bytes + 1 },
	{ title: 'a whole block more than the stream holds', sizeBytes: (bytes: number) => bytes + 4096 },
	{ title: 'a part of a block less than the stream holds', sizeBytes: (bytes: number) => bytes - 1 },
	{ title: 'a whole block less than the stream holds', sizeBytes: (bytes: number) => bytes - 4096 },
]) {
	test.serial(`a job that declares ${title} ends in a refusal, not in a wait for ever`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			const wanted = bench.imageOf(bench.releases.candidate({ sizeBytes: 20_000 }));
			const job = bench.deploy(wanted, { file: { filesize: sizeBytes(wanted.bytes.length) } });
			await bench.until(() => bench.status(job) === 'FAILED', 'the job to fail', 3_600_000);
			await bench.end(job);
			assertRefused(t, bench, job, /^(stream: |the bytes in flash have digest )/);
		}),
	);
}

for (const [kind, fileId] of [
	['a file that the stream does not hold', 1],
	['a file number that no stream can hold', 4_000_000_000],
] as const) {
	test.serial(`a job that names ${kind} is refused`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			const job = bench.deploy(image(bench), { file: { fileid: fileId } });
			await bench.end(job);
			assertRefused(t, bench, job, /^stream: (ResourceNotFound|InvalidRequest) /);
		}),
	);
}

test.serial('a stream that is published again with other bytes in the middle of a download does not end up in flash as a mixture that runs', (t) =>
	withBench({ link: { latencyMs: 20, jitterMs: 0, bandwidthBytesPerS: 8_000, lossRatio: 0 } }, async (bench) => {
		await bench.start();
		const before = bench.slotBytes('a');
		const wanted = image(bench);
		const job = bench.deploy(wanted);
		await bench.until(() => bench.device.download.received >= 6, 'six blocks');
		bench.cloud.publishFile(job, [{ fileId: 0, bytes: wanted.bytes.map((byte) => byte ^ 0x10) }]);
		await bench.end(job);
		assertRefused(t, bench, job, /^the bytes in flash have digest /);
		t.deepEqual(bench.slotBytes('a'), before);
	}),
);

test.serial('a stream that is published again with the same bytes in the middle of a download makes no difference', (t) =>
	withBench({ link: { latencyMs: 20, jitterMs: 0, bandwidthBytesPerS: 8_000, lossRatio: 0 } }, async (bench) => {
		await bench.start();
		const wanted = image(bench);
		const job = bench.deploy(wanted);
		await bench.until(() => bench.device.download.received >= 6, 'six blocks');
		bench.cloud.publishFile(job, [{ fileId: 0, bytes: wanted.bytes.slice() }]);
		await bench.until(() => bench.status(job) === 'SUCCEEDED', 'the job to succeed');
		t.is(bench.device.download.received, Math.ceil(wanted.bytes.length / 4096));
	}),
);

test.serial('a stream that vanishes is reported by its own words', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const job = bench.deploy(image(bench), {
			document: { ...bench.document('job-of-nobody', image(bench)) },
		});
		await bench.end(job);
		assertRefused(t, bench, job, /^stream: ResourceNotFound /);
	}),
);

for (const code of ['RequestThrottled', 'InternalError']) {
	test.serial(`a stream that answers ${code} for a while is asked again, and the job is not given up`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			let refusals = 0;
			bench.onSend = ({ topic }) => {
				if (!topic.includes('/streams/') || refusals >= 3) return true;
				refusals++;
				const rejected = topic.replace('/get/', '/rejected/');
				// CBOR of {"o": code, "m": "busy"}.
				const payload = Buffer.concat([
					Buffer.from([0xa2, 0x61, 0x6f, 0x60 + code.length]),
					Buffer.from(code),
					Buffer.from([0x61, 0x6d, 0x64]),
					Buffer.from('busy'),
				]);
				bench.clock.after(20, () => bench.inject(rejected, payload));
				return false;
			};
			const job = bench.deploy(image(bench));
			await bench.until(() => bench.status(job) === 'SUCCEEDED' || bench.status(job) === 'FAILED', 'the job to end');
			t.is(bench.status(job), 'SUCCEEDED');
			t.is(refusals, 3);
			t.is(bench.device.download.received, Math.ceil(image(bench).bytes.length / 4096));
		}),
	);
}

test.serial('the image that runs already is reported as there, and nothing is downloaded', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const job = bench.deploy(bench.imageOf(bench.releases.installed()));
		await bench.end(job);
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(bench.reason(job), 'this image runs already');
		t.is(bench.device.download.received, 0);
		t.is(bench.eventsOf('device-boot').length, 1);
	}),
);

test.serial('a lower version with the same security counter is taken: that is what a rollback is', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const healthy = bench.deploy(bench.imageOf(bench.releases.behaving('healthy')));
		await bench.until(() => bench.status(healthy) === 'SUCCEEDED', 'the newer version');
		await bench.rest();
		t.is(bench.device.running?.version, '2.1.0+0');
		const back = bench.deploy(bench.imageOf(bench.releases.installed()));
		await bench.until(() => bench.status(back) === 'SUCCEEDED', 'the older version');
		await bench.rest();
		t.is(bench.device.running?.version, '1.0.0+0');
		t.is(bench.eventsOf('device-confirmed').length, 2);
		t.is(bench.device.counter.read(), 5);
	}),
);

test.serial('a lower security counter is refused, whatever the version says', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const candidate = bench.deploy(image(bench));
		await bench.until(() => bench.status(candidate) === 'SUCCEEDED', 'the candidate');
		t.is(bench.device.counter.read(), 6);
		const back = bench.deploy(bench.imageOf(bench.releases.behaving('healthy')));
		await bench.until(() => bench.status(back) === 'FAILED', 'the refusal');
		t.is(bench.reason(back), "downgrade refused: the image's security counter is 5, this device's 6");
		t.is(bench.device.running?.version, '2.0.0+0');
	}),
);

test.serial('an image that cannot read the settings that this one has migrated is refused before its trial', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const migrating = bench.deploy(bench.imageOf(bench.releases.behaving('migrates-settings')));
		await bench.until(() => bench.status(migrating) === 'SUCCEEDED', 'the migration');
		await bench.rest();
		const back = bench.deploy(bench.imageOf(bench.releases.installed()));
		await bench.end(back);
		t.is(bench.status(back), 'FAILED');
		t.regex(bench.reason(back) ?? '', /^settings: /);
		t.is(bench.device.running?.behaviour, 'migrates-settings');
		t.deepEqual(bench.settingsSchemas, [2]);
		t.is(bench.eventsOf('device-trial-requested').length, 1);
	}),
);

for (const profile of FLEET_PROFILES) {
	test.serial(`a download on a ${profile.name} that loses its link costs only the missing blocks, and at most a window twice`, (t) =>
		withBench({ profile, link: { latencyMs: 50, jitterMs: 0, bandwidthBytesPerS: 6_000, lossRatio: 0 } }, async (bench) => {
			await bench.start();
			const wanted = image(bench);
			const job = bench.deploy(wanted);
			const { blockSizeBytes, windowBlocks } = profile.download;
			const blocks = Math.ceil(wanted.bytes.length / blockSizeBytes);
			await bench.until(() => bench.device.download.received >= Math.floor(blocks / 2), 'half of the blocks');
			bench.device.arm({ kind: 'link-reset', after: { messages: 0 } });
			await bench.until(() => bench.status(job) === 'SUCCEEDED', 'the job to succeed');
			t.is(bench.device.download.resumes, 1);
			t.true(bench.device.download.received >= blocks && bench.device.download.received <= blocks + windowBlocks);
			t.true(bench.sent.filter((message) => isRequest(message, 'start-next')).length >= 2);
		}),
	);
}
