import { type ClientRequest, type IncomingHttpHeaders, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

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

export interface HttpPortOptions {
	/** Gives the connection of a request where it is not to be an ordinary socket; TLS is spoken over it. */
	readonly dial?: (url: URL) => Duplex;
	/** What `dial` gives is secured already: no TLS is spoken over it. */
	readonly isSecured?: boolean;
	/** PEM of the only authority whose word is taken for a server; the system's by default. */
	readonly authority?: string;
}

/** Node's own client, each request on a connection of its own. */
export const createHttpPort =
	({ dial, isSecured = false, authority }: HttpPortOptions = {}): HttpPort =>
	({ method, url, headers = {}, body }, { signal }) =>
		new Promise((resolve, reject) => {
			const target = new URL(url);
			const { hostname } = target;
			const isSecure = target.protocol === 'https:' && !isSecured;
			const send = isSecure ? httpsRequest : httpRequest;
			const length = body === undefined ? {} : { 'content-length': String(body.length) };
			const trust = isSecure && authority !== undefined ? { ca: authority } : {};
			const request: ClientRequest = send(isSecured ? url.replace(/^https:/, 'http:') : url, {
				method,
				headers: { ...headers, ...length },
				signal,
				...trust,
				...(dial ? { createConnection: () => (isSecure ? connectTls({ socket: dial(target), host: hostname, ...trust }) : dial(target)) } : { agent: false }),
			});
			request.once('error', reject);
			request.once('response', (response) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: response }));
			request.end(body);
		});
