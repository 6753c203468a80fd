import test from 'ava';
import { assertJobId, assertStreamId, assertThingName, isJobId, isStreamId, isThingName, jobsTopic, parseRequestTopic, streamTopic } from './topics.js';

const jobs = (request: string, jobId?: string) => ({ service: 'jobs', thing: 't1', request, ...(jobId === undefined ? {} : { jobId }) });
const streams = (request: string, format: string, streamId = 's1') => ({ service: 'streams', thing: 't1', request, streamId, format });

const TOPICS: readonly [string, object | undefined][] = [
	['$aws/things/t1/jobs/get', jobs('get-pending')],
	['$aws/things/t1/jobs/start-next', jobs('start-next')],
	['$aws/things/t1/jobs/j1/get', jobs('describe', 'j1')],
	['$aws/things/t1/jobs/$next/get', jobs('describe', '$next')],
	['$aws/things/t1/jobs/j1/update', jobs('update', 'j1')],
	['$aws/things/t1/jobs/get/get', jobs('describe', 'get')],
	['$aws/things/t1/jobs/$next/update', jobs('unknown')],
	['$aws/things/t1/jobs/j 1/get', jobs('unknown')],
	['$aws/things/t1/jobs/j1/get/accepted', jobs('unknown')],
	['$aws/things/t1/jobs/notify', jobs('unknown')],
	['$aws/things/t1/jobs/notify-next', jobs('unknown')],
	['$aws/things/t1/jobs', jobs('unknown')],
	['$aws/things/t1/jobs/', jobs('unknown')],
	['$aws/things/t1/streams/s1/describe/json', streams('describe', 'json')],
	['$aws/things/t1/streams/s1/get/cbor', streams('get', 'cbor')],
	['$aws/things/t1/streams/s1/data/cbor', streams('unknown', 'cbor')],
	['$aws/things/t1/streams/s 1/get/json', streams('unknown', 'json', 's 1')],
	['$aws/things/t1/streams/s1/get/xml', undefined],
	['$aws/things/t1/streams/s1/get', undefined],
	['$aws/things/t1/shadow/get', undefined],
	['$aws/things//jobs/get', undefined],
	['$aws/things', undefined],
	['things/t1/jobs/get', undefined],
	['', undefined],
];
for (const [topic, expected] of TOPICS) {
	test(`the topic ${JSON.stringify(topic)} is ${expected === undefined ? 'no request' : JSON.stringify(expected)}`, (t) => {
		t.deepEqual(parseRequestTopic(topic) as object | undefined, expected);
	});
}

test('topics are built as they are parsed', (t) => {
	t.is(jobsTopic('t1', 'j1/update'), '$aws/things/t1/jobs/j1/update');
	t.is(streamTopic('t1', 's1', 'get/json'), '$aws/things/t1/streams/s1/get/json');
});

const NAMES: readonly [string, { thing: boolean; job: boolean; stream: boolean }][] = [
	['a', { thing: true, job: true, stream: true }],
	['A_z-09', { thing: true, job: true, stream: true }],
	['a:b', { thing: true, job: false, stream: false }],
	['a'.repeat(64), { thing: true, job: true, stream: true }],
	['a'.repeat(65), { thing: true, job: false, stream: true }],
	['a'.repeat(128), { thing: true, job: false, stream: true }],
	['a'.repeat(129), { thing: false, job: false, stream: false }],
	['', { thing: false, job: false, stream: false }],
	['a/b', { thing: false, job: false, stream: false }],
	['a+', { thing: false, job: false, stream: false }],
	['ä', { thing: false, job: false, stream: false }],
	['a\n', { thing: false, job: false, stream: false }],
];
test('names of things, jobs and streams keep to their rules', (t) => {
	for (const [name, { thing, job, stream }] of NAMES) {
		t.deepEqual({ thing: isThingName(name), job: isJobId(name), stream: isStreamId(name) }, { thing, job, stream }, JSON.stringify(name));
		for (const [assertName, allowed] of [
			[assertThingName, thing],
			[assertJobId, job],
			[assertStreamId, stream],
		] as const) {
			if (allowed) t.notThrows(() => assertName(name));
			else t.throws(() => assertName(name), { instanceOf: RangeError, message: /were expected, got/ });
		}
	}
});
