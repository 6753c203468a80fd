import test from 'ava';
import { jobsTopic, streamTopic } from '../../harness/protocols/index.js';
import { type Bench, isRequest, withBench } from './bench.test.support.js';
import { FLEET_PROFILES, type Profile } from './profile.js';

const METER = FLEET_PROFILES[1] as Profile;
const SLOW = { latencyMs: 20, jitterMs: 0, bandwidthBytesPerS: 8_000, lossRatio: 0 };

const candidate = (bench: Bench) => bench.imageOf(bench.releases.candidate());

const jobReports = (bench: Bench, job: string): readonly string[] =>
	bench.sent
		.filter(({ topic }) => topic === jobsTopic(bench.device.id, `${job}/update`))
		.map(({ payload }) => (JSON.parse(Buffer.from(payload).toString()) as { readonly status: string }).status);

test.serial('a job cancelled in the middle of its download is let go of without a word, and the running image is untouched', (t) =>
	withBench({ link: SLOW }, async (bench) => {
		await bench.start();
		const before = bench.slotBytes('a');
		const job = bench.deploy(candidate(bench));
		await bench.until(() => bench.device.download.received >= 5, 'five blocks');
		bench.cloud.cancelJob(job, { force: true });
		await bench.rest();
		await bench.sleep(3_600_000);
		t.is(bench.status(job), 'CANCELED');
		t.deepEqual(jobReports(bench, job), []);
		t.deepEqual(bench.slotBytes('a'), before);
		t.is(bench.device.state, 'idle');
		t.is(bench.eventsOf('device-boot').length, 1);
		t.deepEqual(bench.eventsOf('device-trial-requested'), []);
		const requests = bench.sent.length;
		await bench.sleep(3_600_000);
		t.is(bench.sent.length, requests);
	}),
);

test.serial('a job that is cancelled and replaced in the middle of its download gives way to the next', (t) =>
	withBench({ link: SLOW }, async (bench) => {
		await bench.start();
		const job = bench.deploy(candidate(bench));
		await bench.until(() => bench.device.download.received >= 5, 'five blocks');
		const next = bench.deploy(bench.imageOf(bench.releases.behaving('healthy')));
		bench.cloud.cancelJob(job, { force: true });
		await bench.end(next);
		t.is(bench.status(job), 'CANCELED');
		t.is(bench.status(next), 'SUCCEEDED');
		t.is(bench.device.running?.version, '2.1.0+0');
		t.deepEqual(jobReports(bench, job), []);
		t.is(bench.eventsOf('device-trial-requested').length, 1);
		t.is(bench.device.download.received, Math.ceil(bench.imageOf(bench.releases.behaving('healthy')).bytes.length / 4096));
	}),
);

for (const profile of FLEET_PROFILES) {
	for (const [phase, isReached] of [
		['between the request of its trial and the reboot', (bench: Bench) => bench.eventsOf('device-trial-requested').length > 0],
		['on trial', (bench: Bench) => bench.device.state === 'testing'],
	] as const) {
		test.serial(`a job cancelled ${phase} is not confirmed: a ${profile.name} goes back to the image it had`, (t) =>
			withBench({ profile }, async (bench) => {
				await bench.start();
				const before = bench.slotBytes('a');
				const job = bench.deploy(candidate(bench));
				await bench.until(() => isReached(bench), phase);
				bench.cloud.cancelJob(job, { force: true });
				await bench.until(() => bench.device.atRest && bench.eventsOf('device-boot').some(({ reverted }) => reverted), 'the revert');
				t.is(bench.device.running?.version, '1.0.0+0');
				t.is(bench.eventsOf('device-boot').at(-1)?.cause, 'self-test-failed');
				t.is(bench.status(job), 'CANCELED');
				t.is(bench.cloud.believedVersion(bench.device.id), '1.0.0+0');
				t.deepEqual(bench.eventsOf('device-confirmed'), []);
				t.deepEqual(bench.eventsOf('device-reported'), []);
				t.deepEqual(bench.slotBytes('a'), before);
				t.is(bench.device.outcome.pending(), null);
			}),
		);
	}
}

test.serial('a job that is told of again and again is taken once', (t) =>
	withBench({ link: SLOW }, async (bench) => {
		await bench.start();
		const wanted = candidate(bench);
		const before = bench.sent.filter((message) => isRequest(message, 'start-next')).length;
		const notify = (): void => {
			const execution = {
				jobId: 'job-1',
				status: 'QUEUED',
				queuedAt: 1,
				lastUpdatedAt: 1,
				versionNumber: 1,
				executionNumber: 1,
				jobDocument: bench.document('job-1', wanted),
			};
			bench.inject(jobsTopic(bench.device.id, 'notify-next'), { timestamp: 1, execution });
		};
		const job = bench.deploy(wanted);
		for (let again = 0; again < 5; again++) notify();
		await bench.until(() => bench.device.download.received >= 5, 'five blocks');
		for (let again = 0; again < 5; again++) notify();
		await bench.end(job);
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(bench.eventsOf('device-job').length, 1);
		t.is(bench.eventsOf('device-trial-requested').length, 1);
		t.is(bench.eventsOf('device-reported').length, 1);
		t.is(bench.device.download.received, Math.ceil(wanted.bytes.length / 4096));
		// One for the job, one after it ended.
		t.is(bench.sent.filter((message) => isRequest(message, 'start-next')).length, before + 2);
	}),
);

test.serial('a refused request for work and a new connection do not become two installations of one job', (t) =>
	// The download takes longer than any wait before the device asks again.
	withBench({ link: { ...SLOW, bandwidthBytesPerS: 900 } }, async (bench) => {
		await bench.start();
		let refused = false;
		bench.onSend = (message) => {
			if (refused || !isRequest(message, 'start-next')) return true;
			refused = true;
			bench.refuse(message, 'InternalError');
			// The connection goes while the device waits before it asks again.
			bench.clock.after(50, () => bench.device.arm({ kind: 'link-reset', after: { messages: 0 } }));
			return false;
		};
		const job = bench.deploy(candidate(bench));
		await bench.end(job);
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(bench.eventsOf('device-job').length, 1);
		t.is(bench.device.download.received, Math.ceil(candidate(bench).bytes.length / 4096));
		t.is(bench.device.download.resumes, 0);
	}),
);

for (const code of ['VersionMismatch', 'RequestThrottled', 'InternalError']) {
	for (const request of ['get', 'update'] as const) {
		test.serial(`a report of success that is answered ${code} to its ${request} is made again until it is taken, once`, (t) =>
			withBench({}, async (bench) => {
				await bench.start();
				const job = bench.deploy(candidate(bench));
				let refusals = 0;
				bench.onSend = (message) => {
					if (refusals >= 3 || bench.device.outcome.pending() === null || !isRequest(message, request)) return true;
					refusals++;
					bench.refuse(message, code);
					return false;
				};
				await bench.end(job);
				t.is(refusals, 3);
				t.is(bench.status(job), 'SUCCEEDED');
				t.is(bench.eventsOf('device-reported').length, 1);
				t.is(bench.eventsOf('device-boot').length, 2);
				t.is(bench.device.outcome.pending(), null);
			}),
		);
	}
}

for (const code of ['TerminalStateReached', 'InvalidStateTransition', 'ResourceNotFound']) {
	test.serial(`a report that is answered ${code} is not made again: nobody waits for it`, (t) =>
		withBench({}, async (bench) => {
			await bench.start();
			const job = bench.deploy(bench.imageOf(bench.releases.behaving('crashes-at-boot')));
			let refusals = 0;
			let asked = 0;
			bench.onSend = (message) => {
				if (refusals > 0 && isRequest(message, 'get')) asked++;
				if (bench.device.outcome.pending() === null || !isRequest(message, 'update')) return true;
				refusals++;
				bench.cloud.removeJob(job);
				bench.refuse(message, code);
				return false;
			};
			await bench.until(() => refusals > 0 && bench.device.atRest, 'the refusal');
			await bench.sleep(3_600_000);
			t.is(refusals, 1);
			t.is(asked, 0);
			t.deepEqual(bench.eventsOf('device-reported'), []);
			t.is(bench.device.outcome.pending(), null);
			t.is(bench.device.running?.version, '1.0.0+0');
		}),
	);
}

for (const [phase, isReached] of [
	['that asks for work', (bench: Bench) => bench.sent.some((message) => isRequest(message, 'start-next'))],
	['in the middle of a download', (bench: Bench) => bench.device.download.received >= 5],
	['that has requested a trial', (bench: Bench) => bench.eventsOf('device-trial-requested').length > 0],
	['on trial', (bench: Bench) => bench.device.state === 'testing'],
	['that has just confirmed', (bench: Bench) => bench.eventsOf('device-confirmed').length > 0],
] as const) {
	test.serial(`a service that goes deaf for five minutes on a device ${phase} delays the update and spoils nothing`, (t) =>
		withBench({ link: SLOW }, async (bench) => {
			await bench.start();
			bench.sent.length = 0;
			const job = bench.deploy(candidate(bench));
			await bench.until(() => isReached(bench), phase);
			bench.cloud.setServiceDown(true);
			await bench.sleep(300_000);
			t.not(bench.status(job), 'SUCCEEDED');
			bench.cloud.setServiceDown(false);
			await bench.end(job);
			t.is(bench.status(job), 'SUCCEEDED');
			t.is(bench.device.running?.version, '2.0.0+0');
			t.is(bench.eventsOf('device-boot').length, 2);
			t.is(bench.eventsOf('device-reported').length, 1);
			t.is(bench.cloud.believedVersion(bench.device.id), '2.0.0+0');
		}),
	);
}

test.serial('what is retained on its topics has no effect', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		const wanted = candidate(bench);
		const sent = bench.sent.length;
		const execution = {
			jobId: 'job-of-old',
			status: 'QUEUED',
			queuedAt: 1,
			lastUpdatedAt: 1,
			versionNumber: 1,
			executionNumber: 1,
			jobDocument: bench.document('job-of-old', wanted),
		};
		bench.inject(jobsTopic(bench.device.id, 'notify-next'), { timestamp: 1, execution }, { retained: true });
		bench.inject(jobsTopic(bench.device.id, 'start-next/accepted'), { timestamp: 1, clientToken: '1-1', execution }, { retained: true });
		await bench.sleep(600_000);
		t.is(bench.sent.length, sent);
		t.is(bench.device.state, 'idle');
		t.deepEqual(bench.eventsOf('device-job'), []);
	}),
);

test.serial('junk, malformed blocks and messages for other things change nothing about a download', (t) =>
	withBench({ profile: METER, link: SLOW }, async (bench) => {
		await bench.start();
		const wanted = candidate(bench);
		const before = bench.slotBytes('a');
		const job = bench.deploy(wanted);
		const { id } = bench.device;
		let junk = 0;
		bench.onReceive = (topic) => {
			if (!topic.includes('/data/')) return true;
			const payloads = [
				Buffer.alloc(0),
				Buffer.from('not CBOR at all'),
				Buffer.from([0xa0]),
				Buffer.from([0xbf, 0x61, 0x69, 0x00]),
				// {"f": 0, "i": 3, "l": 4, "p": 4 bytes}: too short for a block.
				Buffer.from([0xa4, 0x61, 0x66, 0, 0x61, 0x69, 3, 0x61, 0x6c, 4, 0x61, 0x70, 0x44, 1, 2, 3, 4]),
				// Block 200, which the file does not have, and file 9.
				Buffer.from([0xa4, 0x61, 0x66, 0, 0x61, 0x69, 0x18, 200, 0x61, 0x6c, 4, 0x61, 0x70, 0x44, 1, 2, 3, 4]),
				Buffer.from([0xa4, 0x61, 0x66, 9, 0x61, 0x69, 3, 0x61, 0x6c, 4, 0x61, 0x70, 0x44, 1, 2, 3, 4]),
				Buffer.from(Array.from({ length: 300 }, (_, index) => (index * 37) & 0xff)),
			];
			const payload = payloads[junk++ % payloads.length] as Buffer;
			const receive = bench.onReceive;
			bench.onReceive = () => true;
			bench.inject(streamTopic(id, job, 'data/cbor'), payload);
			bench.inject(streamTopic(id, job, 'rejected/cbor'), Buffer.from([0xff]));
			bench.inject(streamTopic(id, 'job-7', 'data/cbor'), payload);
			bench.inject(streamTopic('device-2', job, 'data/cbor'), payload);
			bench.inject(streamTopic(id, job, 'data/json'), payload);
			bench.inject(jobsTopic('device-2', 'notify-next'), { timestamp: 1 });
			bench.inject(jobsTopic(id, 'notify-next'), payload);
			bench.inject(jobsTopic(id, 'notify-next'), { timestamp: 1, execution: { jobId: 7 } });
			bench.inject(jobsTopic(id, `${job}/update/accepted`), { timestamp: 1, clientToken: 'of-nobody' });
			bench.inject('', payload);
			bench.inject('some/where/else', payload);
			bench.onReceive = receive;
			return true;
		};
		await bench.end(job);
		t.true(junk >= Math.ceil(wanted.bytes.length / METER.download.blockSizeBytes));
		t.is(bench.status(job), 'SUCCEEDED');
		t.is(bench.device.running?.digest, wanted.digest);
		t.deepEqual(bench.slotBytes('b').subarray(0, wanted.bytes.length), Buffer.from(wanted.bytes));
		t.deepEqual(bench.slotBytes('a'), before);
	}),
);

test.serial('a wrong password keeps it out, trying again at longer intervals up to a minute', (t) =>
	withBench({}, async (bench) => {
		await bench.start();
		bench.deploy(bench.imageOf(bench.releases.behaving('cannot-connect')));
		await bench.until(() => bench.device.running?.behaviour === 'cannot-connect', 'the trial');
		const before = bench.sessions.length;
		await bench.sleep(500_000);
		const tries = bench.sessions.length - before;
		t.true(tries >= 9 && tries <= 60, `${tries} tries`);
		t.is(bench.cloud.connectedThings, 0);
	}),
);
