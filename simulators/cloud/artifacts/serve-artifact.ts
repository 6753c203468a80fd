import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { Clock } from '../../../harness/time/index.js';
import type { Artifact } from './artifact.js';
import type { ArtifactFault } from './artifact-fault.js';
import { parseRange } from './byte-range.js';
import { sendBody } from './send-body.js';

export interface ServeOptions {
	readonly artifact: Artifact;
	readonly clock: Clock;
	/** What is to go wrong in this answer. */
	readonly fault?: ArtifactFault | undefined;
	/** Told apart from all other answers, for ETags that change. */
	readonly answer: number;
}

/** Answers GET and HEAD for one artifact: ranges, conditions (RFC 9110, 13), and whatever fault this answer is to have. */
export const serveArtifact = async (request: IncomingMessage, response: ServerResponse, options: ServeOptions): Promise<void> => {
	if (request.method !== 'GET' && request.method !== 'HEAD') {
		response.writeHead(405, { allow: 'GET, HEAD' }).end();
		return;
	}
	const { fault } = options;
	const instead = fault && answerInstead(fault, request.url ?? '/');
	if (instead) {
		response.writeHead(instead.status, { ...instead.headers, 'content-length': instead.body.length }).end(request.method === 'HEAD' ? undefined : instead.body);
		return;
	}
	const { status, headers, body } = withFault(answerTo(request, options), options);
	response.writeHead(status, headers);
	if (request.method === 'HEAD' || status === 304 || body.length === 0) response.end();
	else await sendBody(response, { body, fault, clock: options.clock });
};

interface Answer {
	readonly status: number;
	readonly headers: OutgoingHttpHeaders;
	readonly body: Uint8Array;
}

const NOTHING = new Uint8Array(0);

const answerTo = ({ headers }: IncomingMessage, { artifact, fault, answer }: ServeOptions): Answer => {
	const { bytes } = artifact;
	const etag = fault?.kind === 'unsteady-etag' ? `"unsteady-${answer}"` : artifact.etag;
	const common = { 'content-type': 'application/octet-stream', 'accept-ranges': 'bytes', ...(fault?.kind === 'no-etag' ? {} : { etag }) };
	if (matches(headers['if-none-match'], etag)) return { status: 304, headers: common, body: NOTHING };
	const asked = parseRange(headers.range, bytes.length);
	const isFresh = headers['if-range'] === undefined || headers['if-range'] === etag || fault?.kind === 'if-range-ignored';
	if (asked === 'whole' || !isFresh || fault?.kind === 'no-range') return { status: 200, headers: { ...common, 'content-length': bytes.length }, body: bytes };
	if (asked === 'unsatisfiable') return { status: 416, headers: { ...common, 'content-range': `bytes */${bytes.length}`, 'content-length': 0 }, body: NOTHING };
	const start = fault?.kind === 'other-range' ? Math.min(asked.start + fault.byBytes, asked.end) : asked.start;
	const body = bytes.subarray(start, asked.end + 1);
	return { status: 206, headers: { ...common, 'content-range': `bytes ${start}-${asked.end}/${bytes.length}`, 'content-length': body.length }, body };
};

const matches = (header: string | undefined, etag: string): boolean =>
	header?.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag) ?? false;

const withFault = (answer: Answer, { fault }: ServeOptions): Answer => {
	const { headers, body } = answer;
	const { 'content-length': _length, ...unsized } = headers;
	switch (fault?.kind) {
		case 'length-too-long':
			return { ...answer, headers: { ...headers, 'content-length': body.length + fault.byBytes, connection: 'close' } };
		case 'length-too-short':
			return { ...answer, headers: { ...headers, 'content-length': Math.max(0, body.length - fault.byBytes), connection: 'close' } };
		case 'no-length':
		case 'endless':
			return { ...answer, headers: unsized };
		case 'encoded':
			return { ...answer, headers: { ...headers, 'content-encoding': 'gzip' } };
		case 'flipped-bit': {
			const flipped = Uint8Array.from(body);
			const place = fault.atByte % flipped.length;
			flipped[place] = (flipped[place] ?? 0) ^ 1;
			return { ...answer, body: flipped };
		}
		default:
			return answer;
	}
};

const PORTAL = Buffer.from('<!doctype html><title>Sign in</title><h1>Welcome to the guest network</h1>');

/** Answers that have nothing of the artifact in them. */
const answerInstead = (fault: ArtifactFault, url: string): Answer | undefined => {
	const { pathname, searchParams } = new URL(url, 'http://host');
	switch (fault.kind) {
		case 'redirects': {
			const hop = Number(searchParams.get('hop') ?? 0);
			if (hop >= fault.hops) return undefined;
			return { status: fault.status ?? 302, headers: { location: `${pathname}?hop=${hop + 1}` }, body: NOTHING };
		}
		case 'redirect-loop':
			return { status: 302, headers: { location: pathname }, body: NOTHING };
		case 'redirect-to':
			return { status: 302, headers: { location: fault.location }, body: NOTHING };
		case 'status':
			return { status: fault.status, headers: fault.retryAfterS === undefined ? {} : { 'retry-after': String(fault.retryAfterS) }, body: NOTHING };
		case 'html':
			return { status: 200, headers: { 'content-type': 'text/html; charset=utf-8' }, body: PORTAL };
		default:
			return undefined;
	}
};
