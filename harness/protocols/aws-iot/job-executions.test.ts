import test from 'ava';
import fc from 'fast-check';
import { JOB_STATUSES, type JobStatus } from './job-execution.js';
import { type JobChange, JobExecutions, type JobExecutionsOptions } from './job-executions.js';

const T1 = '$aws/things/t1/jobs/';
const DOCUMENT = { release: 'r2', files: [1, 2] };

type Fields = Record<string, unknown>;

/** A service with one thing, as a device sees it: requests in, [topic below the thing's jobs, fields] out. */
const createService = (options: Partial<JobExecutionsOptions> = {}) => {
	const changes: JobChange[] = [];
	const world = { nowS: 1000 };
	const jobs = new JobExecutions({ nowS: () => world.nowS, onChange: (change) => changes.push(change), ...options });
	const read = (outgoing: ReturnType<JobExecutions['handle']>): [string, Fields][] =>
		outgoing.map(({ thing, topic, payload }) => [topic.replace(`$aws/things/${thing}/jobs/`, ''), JSON.parse(payload.toString()) as Fields]);
	return {
		jobs,
		changes,
		world,
		read,
		create: (jobId: string, things = ['t1']) => read(jobs.create({ jobId, document: DOCUMENT, things })),
		ask: (rest: string, fields: unknown = {}) => read(jobs.handle('t1', T1 + rest, Buffer.from(JSON.stringify(fields)))),
		raw: (rest: string, payload: Uint8Array | string) => read(jobs.handle('t1', T1 + rest, Buffer.from(payload))),
	};
};

const execution = (jobId: string, change: Fields = {}): Fields => ({
	jobId,
	thingName: 't1',
	status: 'QUEUED',
	statusDetails: {},
	queuedAt: 1000,
	lastUpdatedAt: 1000,
	versionNumber: 1,
	executionNumber: 1,
	jobDocument: DOCUMENT,
	...change,
});
const summary = (jobId: string, change: Fields = {}): Fields => ({
	jobId,
	queuedAt: 1000,
	lastUpdatedAt: 1000,
	versionNumber: 1,
	executionNumber: 1,
	...change,
});

test('a created job is announced on notify, and on notify-next where it is next', (t) => {
	const { create } = createService();
	t.deepEqual(create('j1'), [
		['notify', { timestamp: 1000, jobs: { QUEUED: [summary('j1')] } }],
		['notify-next', { timestamp: 1000, execution: execution('j1') }],
	]);
	t.deepEqual(create('j2'), [['notify', { timestamp: 1000, jobs: { QUEUED: [summary('j1'), summary('j2')] } }]]);
});

test('get lists what is queued and in progress', (t) => {
	const { create, ask, world } = createService();
	t.deepEqual(ask('get', { clientToken: 'c' }), [['get/accepted', { inProgressJobs: [], queuedJobs: [], timestamp: 1000, clientToken: 'c' }]]);
	create('j1');
	create('j2');
	world.nowS = 1005;
	ask('start-next');
	t.deepEqual(ask('get'), [
		[
			'get/accepted',
			{ inProgressJobs: [summary('j1', { startedAt: 1005, lastUpdatedAt: 1005, versionNumber: 2 })], queuedJobs: [summary('j2')], timestamp: 1005 },
		],
	]);
});

test('lists hold at most 15 summaries', (t) => {
	const { create, ask } = createService();
	const pushes = Array.from({ length: 20 }, (_, index) => create(`j${index}`));
	t.is((pushes.at(-1)?.[0]?.[1] as { jobs: { QUEUED: unknown[] } } | undefined)?.jobs.QUEUED.length, 15);
	t.is((ask('get')[0]?.[1].queuedJobs as unknown[] | undefined)?.length, 15);
});

test('start-next starts the oldest queued execution and gives it again as it is', (t) => {
	const { create, ask, world } = createService();
	create('j1');
	world.nowS = 1003;
	const started = execution('j1', { status: 'IN_PROGRESS', statusDetails: { step: 'a' }, startedAt: 1003, lastUpdatedAt: 1003, versionNumber: 2 });
	t.deepEqual(ask('start-next', { clientToken: 'x', statusDetails: { step: 'a' } }), [
		['start-next/accepted', { execution: started, timestamp: 1003, clientToken: 'x' }],
	]);
	world.nowS = 1004;
	t.deepEqual(ask('start-next', { statusDetails: { step: 'b' } }), [['start-next/accepted', { execution: started, timestamp: 1004 }]]);
});

test('start-next with nothing pending is accepted without an execution', (t) => {
	t.deepEqual(createService().ask('start-next', { clientToken: 'x' }), [['start-next/accepted', { timestamp: 1000, clientToken: 'x' }]]);
});

test('describe gives an execution by its id and the next by $next, with or without its document', (t) => {
	const { create, ask } = createService();
	t.deepEqual(ask('$next/get', { clientToken: 'e' }), [['$next/get/accepted', { timestamp: 1000, clientToken: 'e' }]]);
	create('j1');
	create('j2');
	t.deepEqual(ask('j2/get', { clientToken: 'd' }), [['j2/get/accepted', { execution: execution('j2'), timestamp: 1000, clientToken: 'd' }]]);
	t.deepEqual(ask('$next/get', { executionNumber: 1 }), [['$next/get/accepted', { execution: execution('j1'), timestamp: 1000 }]]);
	const { jobDocument: _document, ...bare } = execution('j1');
	t.deepEqual(ask('j1/get', { includeJobDocument: false }), [['j1/get/accepted', { execution: bare, timestamp: 1000 }]]);
});

test('update answers with the state and document that were asked for', (t) => {
	const { create, ask } = createService();
	create('j1');
	t.deepEqual(ask('j1/update', { status: 'IN_PROGRESS', clientToken: 'u' }), [['j1/update/accepted', { timestamp: 1000, clientToken: 'u' }]]);
	t.deepEqual(
		ask('j1/update', { status: 'IN_PROGRESS', statusDetails: { p: '50' }, expectedVersion: 2, includeJobExecutionState: true, includeJobDocument: true }),
		[
			[
				'j1/update/accepted',
				{ executionState: { status: 'IN_PROGRESS', statusDetails: { p: '50' }, versionNumber: 3 }, jobDocument: DOCUMENT, timestamp: 1000 },
			],
		],
	);
	t.deepEqual(ask('j1/update', { status: 'IN_PROGRESS', includeJobExecutionState: true })[0]?.[1].executionState, {
		status: 'IN_PROGRESS',
		statusDetails: { p: '50' },
		versionNumber: 4,
	});
});

test('the last execution to end empties notify and notify-next', (t) => {
	const { create, ask } = createService();
	create('j1');
	t.deepEqual(ask('j1/update', { status: 'SUCCEEDED' }), [
		['j1/update/accepted', { timestamp: 1000 }],
		['notify', { timestamp: 1000, jobs: {} }],
		['notify-next', { timestamp: 1000 }],
	]);
});

test('an execution that ends hands notify-next to the one after it', (t) => {
	const { create, ask } = createService();
	create('j1');
	create('j2');
	const topics = ask('j1/update', { status: 'FAILED' });
	t.deepEqual(topics.slice(1), [
		['notify', { timestamp: 1000, jobs: { QUEUED: [summary('j2')] } }],
		['notify-next', { timestamp: 1000, execution: execution('j2') }],
	]);
});

test('an execution that is not next ends without notify-next', (t) => {
	const { create, ask } = createService();
	create('j1');
	create('j2');
	t.deepEqual(
		ask('j2/update', { status: 'REJECTED' }).map(([topic]) => topic),
		['j2/update/accepted', 'notify'],
	);
});

test('starting a later execution makes it next, which is told on notify-next alone', (t) => {
	const { create, ask } = createService();
	create('j1');
	create('j2');
	const answers = ask('j2/update', { status: 'IN_PROGRESS' });
	t.deepEqual(
		answers.map(([topic]) => topic),
		['j2/update/accepted', 'notify-next'],
	);
	t.is((answers[1]?.[1].execution as Fields | undefined)?.jobId, 'j2');
	t.is((ask('start-next')[0]?.[1].execution as Fields | undefined)?.jobId, 'j2');
});

const REJECTIONS: readonly [string, string, unknown, string][] = [
	['an operation that does not exist', 'j1/delete', { clientToken: 'k' }, 'InvalidTopic'],
	['an update of $next', '$next/update', { status: 'SUCCEEDED', clientToken: 'k' }, 'InvalidTopic'],
	['a job id with a space', 'j 1/get', { clientToken: 'k' }, 'InvalidTopic'],
	['a notification by the device itself', 'notify-next', { clientToken: 'k' }, 'InvalidTopic'],
	['an unknown job', 'j9/get', { clientToken: 'k' }, 'ResourceNotFound'],
	['an unknown job in an update', 'j9/update', { status: 'SUCCEEDED', clientToken: 'k' }, 'ResourceNotFound'],
	['another execution number', 'j1/get', { executionNumber: 2, clientToken: 'k' }, 'ResourceNotFound'],
	['another execution number in an update', 'j1/update', { status: 'SUCCEEDED', executionNumber: 2, clientToken: 'k' }, 'ResourceNotFound'],
	['an update without a status', 'j1/update', { clientToken: 'k' }, 'InvalidRequest'],
	['a status that is none', 'j1/update', { status: 'DONE', clientToken: 'k' }, 'InvalidRequest'],
	['a status that is a number', 'j1/update', { status: 4, clientToken: 'k' }, 'InvalidRequest'],
	['details that are a list', 'j1/update', { status: 'SUCCEEDED', statusDetails: ['a'], clientToken: 'k' }, 'InvalidRequest'],
	['a detail that is a number', 'j1/update', { status: 'SUCCEEDED', statusDetails: { a: 1 }, clientToken: 'k' }, 'InvalidRequest'],
	['a detail that is too long', 'j1/update', { status: 'SUCCEEDED', statusDetails: { a: 'x'.repeat(1025) }, clientToken: 'k' }, 'InvalidRequest'],
	['a detail with a control character', 'j1/update', { status: 'SUCCEEDED', statusDetails: { a: '\u0007' }, clientToken: 'k' }, 'InvalidRequest'],
	['a detail key with a space', 'j1/update', { status: 'SUCCEEDED', statusDetails: { 'a b': 'x' }, clientToken: 'k' }, 'InvalidRequest'],
	['a version that is no whole number', 'j1/update', { status: 'SUCCEEDED', expectedVersion: 1.5, clientToken: 'k' }, 'InvalidRequest'],
	['a version that is text', 'j1/update', { status: 'SUCCEEDED', expectedVersion: '1', clientToken: 'k' }, 'InvalidRequest'],
	['a flag that is a number', 'j1/get', { includeJobDocument: 1, clientToken: 'k' }, 'InvalidRequest'],
	['a step timeout of 0', 'start-next', { stepTimeoutInMinutes: 0, clientToken: 'k' }, 'InvalidRequest'],
	['a step timeout above a week', 'start-next', { stepTimeoutInMinutes: 10_081, clientToken: 'k' }, 'InvalidRequest'],
];
for (const [title, topic, fields, code] of REJECTIONS) {
	test(`${title} is rejected with ${code} and the client's token, and changes nothing`, (t) => {
		const { create, ask, changes } = createService();
		create('j1');
		const [answer, ...more] = ask(topic, fields);
		t.is(answer?.[0], `${topic}/rejected`);
		t.like(answer?.[1], { code, clientToken: 'k', timestamp: 1000 });
		t.regex(String(answer?.[1].message), /./);
		t.false('executionState' in (answer?.[1] ?? {}));
		t.deepEqual(more, []);
		t.is(changes.length, 1);
	});
}

const UNREADABLE: readonly [string, Uint8Array | string, string][] = [
	['nothing', '', 'InvalidJson'],
	['half an object', '{"clientToken":"k"', 'InvalidJson'],
	['bytes that are no UTF-8', new Uint8Array([0x7b, 0xff, 0x7d]), 'InvalidJson'],
	['a list', '[]', 'InvalidRequest'],
	['null', 'null', 'InvalidRequest'],
	['a text', '"x"', 'InvalidRequest'],
	['a token that is a number', '{"clientToken":1}', 'InvalidRequest'],
	['a token of 65 characters', JSON.stringify({ clientToken: 'x'.repeat(65) }), 'InvalidRequest'],
	['more than 128 KiB', `{"a":"${'x'.repeat(131_072)}"}`, 'InvalidRequest'],
];
for (const [title, payload, code] of UNREADABLE) {
	test(`${title} as payload is rejected with ${code} on every operation`, (t) => {
		const { create, raw } = createService();
		create('j1');
		for (const topic of ['get', 'start-next', 'j1/get', '$next/get', 'j1/update']) {
			const answers = raw(topic, payload);
			t.deepEqual(
				answers.map(([name, fields]) => [name, fields.code]),
				[[`${topic}/rejected`, code]],
			);
			t.false('clientToken' in (answers[0]?.[1] ?? {}));
		}
	});
}

test('members that are null count as absent', (t) => {
	const { create, ask } = createService();
	create('j1');
	t.deepEqual(ask('j1/update', { status: 'IN_PROGRESS', expectedVersion: null, statusDetails: null, clientToken: null }), [
		['j1/update/accepted', { timestamp: 1000 }],
	]);
});

test('a wrong expected version is rejected with the state as it is, for every version around it', (t) => {
	const { create, ask } = createService();
	create('j1');
	ask('j1/update', { status: 'IN_PROGRESS', statusDetails: { a: 'b' } });
	ask('j1/update', { status: 'IN_PROGRESS' });
	for (const expectedVersion of [0, 1, 2, 4, 5]) {
		const [answer] = ask('j1/update', { status: 'SUCCEEDED', expectedVersion, clientToken: 'v' });
		t.like(answer?.[1], { code: 'VersionMismatch', clientToken: 'v', executionState: { status: 'IN_PROGRESS', statusDetails: { a: 'b' }, versionNumber: 3 } });
	}
	t.is(ask('j1/update', { status: 'SUCCEEDED', expectedVersion: 3 })[0]?.[0], 'j1/update/accepted');
});

/** Brings a fresh execution of j1 into a status. */
const bringTo = (service: ReturnType<typeof createService>, status: JobStatus): void => {
	service.create('j1');
	if (status === 'QUEUED') return;
	if (status === 'CANCELED') service.jobs.cancel('j1');
	else if (status === 'REMOVED') service.jobs.remove('j1');
	else if (status === 'TIMED_OUT') {
		service.ask('start-next', { stepTimeoutInMinutes: 1 });
		service.jobs.expire(1060);
	} else service.ask('j1/update', { status });
};

test('of all changes from every status to every status a device can make exactly those from QUEUED and IN_PROGRESS to what it may set', (t) => {
	const settable = ['IN_PROGRESS', 'SUCCEEDED', 'FAILED', 'REJECTED'];
	for (const from of JOB_STATUSES) {
		for (const to of JOB_STATUSES) {
			const service = createService();
			bringTo(service, from);
			const before = service.jobs.execution('t1', 'j1');
			t.is(before?.status, from);
			const version = before?.versionNumber ?? 0;
			const [answer] = service.ask('j1/update', { status: to });
			const allowed = (from === 'QUEUED' || from === 'IN_PROGRESS') && settable.includes(to);
			t.is(answer?.[0], allowed ? 'j1/update/accepted' : 'j1/update/rejected', `${from} to ${to}`);
			t.is(service.jobs.execution('t1', 'j1')?.status, allowed ? to : from);
			t.is(service.jobs.execution('t1', 'j1')?.versionNumber, allowed ? version + 1 : version);
			if (!allowed) t.like(answer?.[1], { code: 'InvalidStateTransition', executionState: { status: from, versionNumber: version } });
		}
	}
});

for (const status of JOB_STATUSES.filter((known) => known !== 'QUEUED' && known !== 'IN_PROGRESS')) {
	test(`describing an execution that is ${status} is rejected with TerminalStateReached, and it is pending no more`, (t) => {
		const service = createService();
		bringTo(service, status);
		t.like(service.ask('j1/get', { clientToken: 'z' })[0]?.[1], { code: 'TerminalStateReached', clientToken: 'z' });
		t.deepEqual(service.ask('$next/get'), [['$next/get/accepted', { timestamp: 1000 }]]);
		t.is(service.changes.at(-1)?.status, status);
	});
}

test('cancelling takes queued executions, and those in progress only by force', (t) => {
	const { create, ask, jobs, read } = createService();
	create('j1', ['t1', 't2']);
	ask('start-next');
	t.deepEqual(
		read(jobs.cancel('j1')).map(([topic]) => topic),
		['notify', 'notify-next'],
	);
	t.is(jobs.execution('t1', 'j1')?.status, 'IN_PROGRESS');
	t.is(jobs.execution('t2', 'j1')?.status, 'CANCELED');
	jobs.cancel('j1', { force: true });
	t.is(jobs.execution('t1', 'j1')?.status, 'CANCELED');
	t.deepEqual(jobs.cancel('j1', { force: true }), []);
	t.throws(() => jobs.cancel('j9'), { instanceOf: RangeError });
});

test('removing a job from one thing leaves the others', (t) => {
	const { create, jobs } = createService();
	create('j1', ['t1', 't2']);
	jobs.remove('j1', { things: ['t1'] });
	t.is(jobs.execution('t1', 'j1')?.status, 'REMOVED');
	t.is(jobs.execution('t2', 'j1')?.status, 'QUEUED');
});

test('a job can go out to more things later, never twice to one', (t) => {
	const { create, jobs } = createService();
	create('j1', ['t1', 't1']);
	create('j1', ['t2']);
	t.is(jobs.execution('t2', 'j1')?.status, 'QUEUED');
	t.throws(() => create('j1', ['t3', 't2']), { instanceOf: RangeError, message: /t2 already has job j1/ });
	t.is(jobs.execution('t3', 'j1'), undefined);
});

test('a step timer that runs out turns the execution into TIMED_OUT, not a second sooner', (t) => {
	const { create, ask, jobs, read, world } = createService();
	create('j1');
	t.is(jobs.nextDeadlineS, undefined);
	ask('start-next', { stepTimeoutInMinutes: 2 });
	t.is(jobs.nextDeadlineS, 1120);
	t.deepEqual(jobs.expire(1119), []);
	world.nowS = 1120;
	t.deepEqual(read(jobs.expire(1120)), [
		['notify', { timestamp: 1120, jobs: {} }],
		['notify-next', { timestamp: 1120 }],
	]);
	t.is(jobs.execution('t1', 'j1')?.status, 'TIMED_OUT');
	t.is(jobs.nextDeadlineS, undefined);
});

test('a step timer is set anew by an update, stopped by -1 and by the end', (t) => {
	const { create, ask, jobs, world } = createService();
	create('j1');
	create('j2');
	ask('j1/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 1 });
	ask('j2/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 5 });
	world.nowS = 1030;
	ask('j1/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: 1 });
	t.is(jobs.execution('t1', 'j1')?.deadlineS, 1090);
	ask('j1/update', { status: 'IN_PROGRESS' });
	t.is(jobs.execution('t1', 'j1')?.deadlineS, 1090);
	ask('j1/update', { status: 'IN_PROGRESS', stepTimeoutInMinutes: -1 });
	t.deepEqual(jobs.expire(1200), []);
	t.is(jobs.nextDeadlineS, 1300);
	ask('j2/update', { status: 'SUCCEEDED' });
	t.is(jobs.nextDeadlineS, undefined);
});

for (const code of ['RequestThrottled', 'InternalError'] as const) {
	test(`a service that is made to refuse answers every request with ${code} and changes nothing`, (t) => {
		const { create, ask, changes } = createService({ refuse: () => code });
		create('j1');
		for (const topic of ['get', 'start-next', 'j1/get', 'j1/update']) {
			t.like(ask(topic, { status: 'SUCCEEDED', clientToken: 'r' }), [[`${topic}/rejected`, { code, clientToken: 'r' }]]);
		}
		t.is(changes.length, 1);
	});
}

test('a request on a topic of another thing, or of no job, is not answered', (t) => {
	const { jobs } = createService();
	t.deepEqual(jobs.handle('t1', '$aws/things/t2/jobs/get', Buffer.from('{}')), []);
	t.deepEqual(jobs.handle('t1', 'elsewhere', Buffer.from('{}')), []);
});

test('wrong use of create is an error that names the argument', (t) => {
	const { jobs } = createService();
	t.throws(() => jobs.create({ jobId: 'a b', document: {}, things: [] }), { instanceOf: RangeError, message: /^jobId/ });
	t.throws(() => jobs.create({ jobId: 'j', document: {}, things: ['a/b'] }), { instanceOf: RangeError, message: /^thing/ });
	t.throws(() => jobs.create({ jobId: 'j', document: 'text', things: [] }), { instanceOf: TypeError, message: /^document/ });
});

test('whatever a device sends, the service answers within the rules (seed 1)', (t) => {
	const topics = fc.constantFrom('get', 'start-next', 'j1/get', '$next/get', 'j1/update', 'j2/update', 'x', 'j1/update/accepted', 'j1/\u0000/get');
	const field = fc.constantFrom(
		'status',
		'statusDetails',
		'expectedVersion',
		'executionNumber',
		'clientToken',
		'includeJobDocument',
		'stepTimeoutInMinutes',
		'__proto__',
	);
	const value = fc.oneof(fc.constantFrom(...JOB_STATUSES, -1, 1, 2, {}, { a: 'b' }, true, null), fc.jsonValue());
	const payload = fc.oneof(
		fc.uint8Array({ maxLength: 64 }),
		fc.json().map((text) => Buffer.from(text)),
		fc.dictionary(field, value).map((fields) => Buffer.from(JSON.stringify(fields))),
	);
	fc.assert(
		fc.property(fc.array(fc.tuple(topics, payload), { maxLength: 12 }), (requests) => {
			const { create, jobs, read, changes } = createService();
			create('j1');
			create('j2');
			for (const [topic, bytes] of requests) {
				const before = changes.length;
				const [answer, ...pushes] = read(jobs.handle('t1', T1 + topic, bytes));
				const accepted = answer?.[0] === `${topic}/accepted`;
				if (!accepted && answer?.[0] !== `${topic}/rejected`) return false;
				if (!accepted && (pushes.length > 0 || changes.length !== before)) return false;
				if (pushes.some(([name]) => name !== 'notify' && name !== 'notify-next')) return false;
			}
			const versions = new Map<string, number>();
			return changes.every(({ jobId, versionNumber }) => {
				const follows = versionNumber === (versions.get(jobId) ?? 0) + 1;
				versions.set(jobId, versionNumber);
				return follows;
			});
		}),
		{ seed: 1, numRuns: 500 },
	);
	t.pass();
});

test('a snapshot brings back every execution as it was, tells of what is another now, and is changed by nothing', (t) => {
	const { jobs, changes, create, ask } = createService();
	create('a');
	ask('start-next', { stepTimeoutInMinutes: 5 });
	const snapshot = jobs.snapshot();
	ask('a/update', { status: 'SUCCEEDED' });
	create('b', ['t1', 't2']);
	changes.length = 0;
	for (let time = 0; time < 2; time++) {
		jobs.restore(snapshot);
		t.is(jobs.execution('t1', 'a')?.status, 'IN_PROGRESS');
		t.is(jobs.execution('t1', 'b'), undefined);
		t.is(jobs.nextDeadlineS, 1300);
		t.is(ask('a/update', { status: 'FAILED' })[0]?.[0], 'a/update/accepted');
	}
	t.deepEqual(
		changes.slice(0, 3).map(({ thing, jobId, status, by }) => [thing, jobId, status, by]),
		[
			['t1', 'a', 'IN_PROGRESS', 'service'],
			['t1', 'b', 'REMOVED', 'service'],
			['t2', 'b', 'REMOVED', 'service'],
		],
	);
	t.notThrows(() => create('b'));
});

test("another party's change shows in the version alone, and an execution that has ended takes none", (t) => {
	const { jobs, create, ask } = createService();
	create('a');
	jobs.touch('t1', 'a');
	t.is(ask('a/update', { status: 'SUCCEEDED', expectedVersion: 1 })[0]?.[1].code, 'VersionMismatch');
	t.is(ask('a/update', { status: 'SUCCEEDED', expectedVersion: 2 })[0]?.[0], 'a/update/accepted');
	jobs.touch('t1', 'a');
	jobs.touch('t1', 'unknown');
	t.is(jobs.execution('t1', 'a')?.versionNumber, 3);
});

test('a job is cancelled on the things that are named', (t) => {
	const { jobs, create } = createService();
	create('a', ['t1', 't2']);
	jobs.cancel('a', { things: ['t2'] });
	t.deepEqual(
		['t1', 't2'].map((thing) => jobs.execution(thing, 'a')?.status),
		['QUEUED', 'CANCELED'],
	);
});
