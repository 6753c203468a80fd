import test from 'ava';
import { JobExecutions } from './job-executions.js';
import { JobsClient, type JobsReply } from './jobs-client.js';

const T1 = '$aws/things/t1/jobs/';

/** A client whose requests reach a service at once and whose answers wait in `inbox`. */
const createPair = () => {
	const jobs = new JobExecutions({ nowS: () => 1000 });
	const inbox: { topic: string; payload: Uint8Array }[] = [];
	const sent: string[] = [];
	const client = new JobsClient({
		thing: 't1',
		tokenPrefix: 'b1-',
		send: (topic, payload) => {
			sent.push(topic);
			inbox.push(...jobs.handle('t1', topic, payload));
		},
	});
	const replies: JobsReply[] = [];
	return {
		jobs,
		client,
		inbox,
		sent,
		replies,
		done: (reply: JobsReply) => replies.push(reply),
		deliver: () => {
			for (const { topic, payload } of inbox.splice(0)) client.receive(topic, payload);
		},
		receive: (rest: string, fields: unknown) => client.receive(T1 + rest, Buffer.from(typeof fields === 'string' ? fields : JSON.stringify(fields))),
	};
};

test('a device takes a job, reports and ends it, and learns that nothing is next', (t) => {
	const { jobs, client, deliver, done, replies, inbox } = createPair();
	const next: unknown[] = [];
	client.onNextChanged = (execution) => next.push(execution?.jobId);
	inbox.push(...jobs.create({ jobId: 'j1', document: { a: 1 }, things: ['t1'] }));
	deliver();
	client.startNext({ statusDetails: { step: 'begin' } }, done);
	client.update('j1', { status: 'IN_PROGRESS', expectedVersion: 2, includeJobExecutionState: true }, done);
	client.describe('j1', done);
	client.describe('$next', done);
	client.update('j1', { status: 'SUCCEEDED', expectedVersion: 3 }, done);
	deliver();
	const state = { status: 'IN_PROGRESS', statusDetails: { step: 'begin' } };
	const execution = { jobId: 'j1', ...state, versionNumber: 3, executionNumber: 1, jobDocument: { a: 1 } };
	t.deepEqual(replies, [
		{ accepted: true, execution: { ...execution, versionNumber: 2 } },
		{ accepted: true, execution: undefined, executionState: { ...state, versionNumber: 3 } },
		{ accepted: true, execution },
		{ accepted: true, execution },
		{ accepted: true, execution: undefined },
	] as JobsReply[]);
	t.deepEqual(next, ['j1', undefined]);
	// notify is not among the client's topics of interest: it came because the test delivers everything.
	t.deepEqual(client.stats, { malformed: 0, foreign: 2, retained: 0 });
});

test('a rejection gives its code and the state of the execution', (t) => {
	const { jobs, client, deliver, done, replies } = createPair();
	jobs.create({ jobId: 'j1', document: {}, things: ['t1'] });
	client.update('j1', { status: 'SUCCEEDED', expectedVersion: 7 }, done);
	client.describe('j9', done);
	deliver();
	t.like(replies, [
		{ accepted: false, code: 'VersionMismatch', executionState: { status: 'QUEUED', statusDetails: {}, versionNumber: 1 } },
		{ accepted: false, code: 'ResourceNotFound' },
	]);
	t.false('executionState' in (replies[1] ?? {}));
});

test('answers are matched by token and topic, each once, in any order', (t) => {
	const { client, receive } = createPair();
	const order: string[] = [];
	client.describe('j8', () => order.push('first'));
	client.describe('j9', () => order.push('second'));
	receive('j9/get/accepted', { clientToken: 'b1-1' });
	receive('j8/get/accepted', { clientToken: 'b1-9' });
	receive('j8/get/accepted', {});
	receive('j8/update/accepted', { clientToken: 'b1-1' });
	t.deepEqual(order, []);
	receive('j9/get/accepted', { clientToken: 'b1-2' });
	receive('j8/get/accepted', { clientToken: 'b1-1' });
	receive('j8/get/accepted', { clientToken: 'b1-1' });
	t.deepEqual(order, ['second', 'first']);
	t.is(client.stats.foreign, 5);
});

const MALFORMED: readonly [string, string, unknown][] = [
	['text that is no JSON', 'j1/get/accepted', '{'],
	['a list', 'j1/get/accepted', []],
	['an execution that is text', 'j1/get/accepted', { clientToken: 'b1-1', execution: 'j1' }],
	['an execution without an id', 'j1/get/accepted', { clientToken: 'b1-1', execution: { status: 'QUEUED', versionNumber: 1 } }],
	['an execution of an unknown status', 'j1/get/accepted', { clientToken: 'b1-1', execution: { jobId: 'j1', status: 'OK', versionNumber: 1 } }],
	['an execution without a version', 'j1/get/accepted', { clientToken: 'b1-1', execution: { jobId: 'j1', status: 'QUEUED' } }],
	['details that are a list', 'j1/get/accepted', { clientToken: 'b1-1', execution: { jobId: 'j1', status: 'QUEUED', versionNumber: 1, statusDetails: [] } }],
	['a rejection without a code', 'j1/get/rejected', { clientToken: 'b1-1' }],
	['a notification with a wrong execution', 'notify-next', { execution: { jobId: 1 } }],
];
for (const [title, topic, fields] of MALFORMED) {
	test(`${title} is counted as malformed and answers nothing`, (t) => {
		const { client, receive, replies, done } = createPair();
		client.onNextChanged = () => t.fail();
		client.describe('j1', done);
		t.true(receive(topic, fields));
		t.deepEqual(replies, []);
		t.deepEqual(client.stats, { malformed: 1, foreign: 0, retained: 0 });
	});
}

test('an empty execution and none at all both mean that nothing is next', (t) => {
	const { client, receive } = createPair();
	const next: unknown[] = [];
	client.onNextChanged = (execution) => next.push(execution);
	receive('notify-next', { timestamp: 1, execution: {} });
	receive('notify-next', { timestamp: 1 });
	t.deepEqual(next, [undefined, undefined]);
});

test('retained messages and forgotten requests have no effect; foreign topics are left to others', (t) => {
	const { client, deliver, done, replies, receive } = createPair();
	client.onNextChanged = () => t.fail();
	t.true(client.receive(`${T1}notify-next`, Buffer.from('{}'), { retained: true }));
	client.startNext({}, done);
	client.cancelPending();
	deliver();
	t.deepEqual(replies, []);
	t.deepEqual(client.stats, { malformed: 0, foreign: 1, retained: 1 });
	t.false(client.receive('$aws/things/t2/jobs/notify-next', Buffer.from('{}')));
	t.false(client.receive('$aws/things/t1/streams/s/data/cbor', Buffer.from('{}')));
	t.true(receive('get', {}));
});

test('of requests that are never answered only the last 32 are kept', (t) => {
	const { client, receive } = createPair();
	const answered: number[] = [];
	for (let request = 1; request <= 40; request++) client.describe('j1', () => answered.push(request));
	for (let request = 1; request <= 40; request++) receive('j1/get/accepted', { clientToken: `b1-${request}` });
	t.deepEqual(
		answered,
		Array.from({ length: 32 }, (_, index) => index + 9),
	);
});
