import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type DdiFormat, encodeDdi } from '../../../harness/protocols/hawkbit-ddi/index.js';

/** What is answered to a request of the DDI API. `etag`: the body is sent under its ETag. */
export interface DdiAnswer {
	readonly status: number;
	readonly json?: unknown;
	readonly text?: string;
	readonly etag?: boolean;
	readonly headers?: Readonly<Record<string, string>>;
}

/** In hawkBit's shape of an error. */
export const refuse = (status: number, { code, message }: { readonly code: string; readonly message: string }): DdiAnswer => ({
	status,
	json: { errorCode: `hawkbit.server.error.${code}`, message },
	...(status === 401 && { headers: { 'www-authenticate': 'TargetToken' } }),
});

export const notFound = (message: string): DdiAnswer => refuse(404, { code: 'repo.entitiyNotFound', message });

/** How an answer is asked for. */
export interface DdiAsked {
	readonly ifNoneMatch?: string | undefined;
	readonly format?: DdiFormat;
}

/** `accept` and `content-type` say so; all else is JSON. */
export const formatOf = (header: string | undefined): DdiFormat => (/^application\/cbor\b/i.test(header ?? '') ? 'cbor' : 'json');

export const sendAnswer = (
	response: ServerResponse,
	{ status, json, text, etag = false, headers = {} }: DdiAnswer,
	{ ifNoneMatch, format = 'json' }: DdiAsked = {},
): void => {
	// A list has no place in a map: what is one is JSON in either form.
	const isCbor = format === 'cbor' && typeof json === 'object' && json !== null && !Array.isArray(json);
	const body = isCbor ? Buffer.from(encodeDdi(json, 'cbor')) : Buffer.from(text ?? (json === undefined ? '' : JSON.stringify(json)));
	const type = isCbor ? 'application/cbor' : text === undefined ? 'application/hal+json;charset=UTF-8' : 'text/plain;charset=UTF-8';
	const tag = etag ? `"${createHash('sha256').update(body).digest('hex').slice(0, 32)}"` : undefined;
	const common = { ...headers, ...(tag !== undefined && { etag: tag }) };
	if (tag !== undefined && ifNoneMatch === tag) response.writeHead(304, common).end();
	else response.writeHead(status, { ...common, ...(body.length > 0 && { 'content-type': type }), 'content-length': body.length }).end(body);
};
