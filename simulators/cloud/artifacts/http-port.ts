import { type ClientRequest, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';

export interface HttpRequest {
	readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT';
	readonly url: string;
	readonly headers?: Readonly<Record<string, string>>;
	readonly body?: Uint8Array;
}

export interface HttpAnswer {
	readonly status: number;
	/** By names in lower case. */
	readonly headers: IncomingHttpHeaders;
	readonly body: AsyncIterable<Uint8Array>;
}

/**
 * One request, as `fetch` without following redirects and without decoding. The signal ends it in any phase, the reading of
 * the body too; the body has to be read to its end, or the signal aborted.
 */
export type HttpPort = (request: HttpRequest, options: { readonly signal: AbortSignal }) => Promise<HttpAnswer>;

/** Node's own client, each request on a connection of its own. `dial` gives that connection where it is not to be an ordinary socket. */
export const createHttpPort =
	({ dial }: { readonly dial?: () => Duplex } = {}): HttpPort =>
	({ method, url, headers = {}, body }, { signal }) =>
		new Promise((resolve, reject) => {
			const send = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
			const length = body === undefined ? {} : { 'content-length': String(body.length) };
			const request: ClientRequest = send(url, {
				method,
				headers: { ...headers, ...length },
				signal,
				...(dial ? { createConnection: dial } : { agent: false }),
			});
			request.once('error', reject);
			request.once('response', (response) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response }));
			request.end(body);
		});
