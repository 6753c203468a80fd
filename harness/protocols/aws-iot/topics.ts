import type { StreamFormat } from './stream-codec.js';

/**
 * Topics of AWS IoT Jobs and of MQTT file streams, all below `$aws/things/{thing}/`.
 *
 * | topic below the thing | from | meaning |
 * |---|---|---|
 * | `jobs/get`, `jobs/start-next` | device | list what is pending; take the next |
 * | `jobs/{jobId}/get`, `jobs/$next/get` | device | describe one execution |
 * | `jobs/{jobId}/update` | device | report a status |
 * | each of these + `/accepted` or `/rejected` | service | the answer |
 * | `jobs/notify`, `jobs/notify-next` | service | the pending list, or its head, changed |
 * | `streams/{streamId}/describe/{json,cbor}`, `…/get/…` | device | ask for the description, for blocks |
 * | `streams/{streamId}/description/…`, `…/data/…`, `…/rejected/…` | service | the answer |
 */
export type RequestTopic =
	| { readonly service: 'jobs'; readonly thing: string; readonly request: 'unknown' }
	| { readonly service: 'jobs'; readonly thing: string; readonly request: 'get-pending' | 'start-next' }
	| { readonly service: 'jobs'; readonly thing: string; readonly request: 'describe' | 'update'; readonly jobId: string }
	| {
			readonly service: 'streams';
			readonly thing: string;
			readonly request: 'describe' | 'get' | 'unknown';
			readonly streamId: string;
			readonly format: StreamFormat;
	  };

const THING_NAME = /^[a-zA-Z0-9:_-]{1,128}$/;
const JOB_ID = /^[a-zA-Z0-9_-]{1,64}$/;
const STREAM_ID = /^[a-zA-Z0-9_-]{1,128}$/;

/** 1-128 characters of letters, digits, `:`, `_` and `-`. */
export const isThingName = (name: string): boolean => THING_NAME.test(name);
/** 1-64 characters of letters, digits, `_` and `-`. */
export const isJobId = (jobId: string): boolean => JOB_ID.test(jobId);
/** 1-128 characters of letters, digits, `_` and `-`. */
export const isStreamId = (streamId: string): boolean => STREAM_ID.test(streamId);

export const assertThingName = (name: string): void => {
	if (!isThingName(name)) throw new RangeError(`thing: 1-128 of [a-zA-Z0-9:_-] were expected, got ${JSON.stringify(name)}`);
};

export const assertJobId = (jobId: string): void => {
	if (!isJobId(jobId)) throw new RangeError(`jobId: 1-64 of [a-zA-Z0-9_-] were expected, got ${JSON.stringify(jobId)}`);
};

export const assertStreamId = (streamId: string): void => {
	if (!isStreamId(streamId)) throw new RangeError(`streamId: 1-128 of [a-zA-Z0-9_-] were expected, got ${JSON.stringify(streamId)}`);
};

/** `jobsTopic('t1', 'start-next')` is `$aws/things/t1/jobs/start-next`. */
export const jobsTopic = (thing: string, rest: string): string => `$aws/things/${thing}/jobs/${rest}`;

/** `streamTopic('t1', 's1', 'data/cbor')` is `$aws/things/t1/streams/s1/data/cbor`. */
export const streamTopic = (thing: string, streamId: string, rest: string): string => `$aws/things/${thing}/streams/${streamId}/${rest}`;

/** Filters that match every answer to a thing's job requests, for brokers that send none unasked. */
export const jobAnswerFilters = (thing: string): readonly string[] =>
	['+', '+/+'].flatMap((request) => ['accepted', 'rejected'].map((answer) => jobsTopic(thing, `${request}/${answer}`)));

/** Filters that match every request of every thing, and none of the service's own answers. */
export const REQUEST_FILTERS: readonly string[] = [
	...['get', 'start-next', '+/get', '+/update'].map((rest) => jobsTopic('+', rest)),
	...['describe/+', 'get/+'].map((rest) => streamTopic('+', '+', rest)),
];

/** Reads the topic of a request; undefined where it belongs to neither service. `unknown`: in the service's namespace, but no request of it. */
export const parseRequestTopic = (topic: string): RequestTopic | undefined => {
	const levels = topic.split('/');
	const thing = levels[2] ?? '';
	if (levels[0] !== '$aws' || levels[1] !== 'things' || thing === '') return undefined;
	if (levels[3] === 'jobs') return parseJobsTopic(thing, levels);
	if (levels[3] === 'streams') return parseStreamTopic(thing, levels);
	return undefined;
};

const parseJobsTopic = (thing: string, levels: readonly string[]): RequestTopic => {
	const [, , , , first = '', second] = levels;
	if (levels.length === 5 && first === 'get') return { service: 'jobs', thing, request: 'get-pending' };
	if (levels.length === 5 && first === 'start-next') return { service: 'jobs', thing, request: 'start-next' };
	if (levels.length === 6 && second === 'get' && (first === '$next' || isJobId(first))) return { service: 'jobs', thing, request: 'describe', jobId: first };
	if (levels.length === 6 && second === 'update' && isJobId(first)) return { service: 'jobs', thing, request: 'update', jobId: first };
	return { service: 'jobs', thing, request: 'unknown' };
};

const parseStreamTopic = (thing: string, levels: readonly string[]): RequestTopic | undefined => {
	const [, , , , streamId = '', verb, format] = levels;
	if (levels.length !== 7 || !(format === 'json' || format === 'cbor')) return undefined;
	const request = verb === 'describe' || verb === 'get' ? verb : 'unknown';
	return { service: 'streams', thing, request: isStreamId(streamId) ? request : 'unknown', streamId, format };
};
