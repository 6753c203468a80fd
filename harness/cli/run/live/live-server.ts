import { randomBytes, timingSafeEqual } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { realTime } from '../../../time/index.js';

/** What is served. */
export interface LiveSource {
	readonly ended: boolean;
	readonly progress: string;
	encodePage(): string;
	encodeData(): string;
}

export interface LiveServer extends AsyncDisposable {
	/** With its token: who has it may look. */
	readonly url: string;
	/** Says that there is something new to see. */
	changed(): void;
}

const TOKEN_BYTES = 24;
/** A page is drawn anew at most that often. */
const EVERY_MS = 2_000;
const MOST_VIEWERS = 16;
const HEADERS = { 'Cache-Control': 'no-store', 'X-Content-Type-Options': 'nosniff', 'Referrer-Policy': 'no-referrer' };

/**
 * Serves a run's page on a port of this machine alone, to those who have its token and ask for it by its own address, so that no
 * page of another site reads it. Tells viewers of changes by server-sent events; the last of them brings the final data.
 */
export const openLiveServer = async (source: LiveSource): Promise<LiveServer> => {
	const token = randomBytes(TOKEN_BYTES).toString('base64url');
	const viewers = new Set<ServerResponse>();
	let dirty = false;
	// Known from before the first request until after the last: a closed server has no address, and may still be asked.
	let port = 0;
	const send = (event: string, data: string): void => {
		for (const viewer of viewers) viewer.write(`event: ${event}\ndata: ${data}\n\n`);
	};
	const server = createServer((request, response) => {
		const path = admit(request, { token, port });
		if (path === undefined || (path === '/events' && viewers.size >= MOST_VIEWERS)) {
			response.writeHead(403, { ...HEADERS, 'Content-Type': 'text/plain' }).end('not for you: the address with its token stands where the run was started\n');
			return;
		}
		if (path === '/') response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/html; charset=utf-8' }).end(source.encodePage());
		else if (path === '/data') response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/plain' }).end(source.encodeData());
		else if (path === '/events') {
			response.writeHead(200, { ...HEADERS, 'Content-Type': 'text/event-stream' });
			response.write('event: changed\ndata: \n\n');
			viewers.add(response);
			response.on('close', () => viewers.delete(response));
		} else response.writeHead(404, { ...HEADERS, 'Content-Type': 'text/plain' }).end('nothing here\n');
	});
	server.listen(0, '127.0.0.1');
	await once(server, 'listening');
	({ port } = server.address() as AddressInfo);
	let timer: NodeJS.Timeout;
	const tellNext = (): void => {
		timer = realTime.setTimeout(() => {
			if (dirty) {
				dirty = false;
				send('progress', source.progress.replaceAll(/\s+/g, ' '));
				send('changed', '');
			}
			tellNext();
		}, EVERY_MS);
		timer.unref();
	};
	tellNext();
	return {
		url: `http://127.0.0.1:${port}/?token=${token}`,
		changed: () => {
			dirty = true;
		},
		[Symbol.asyncDispose]: async () => {
			realTime.clearTimeout(timer);
			if (source.ended && viewers.size > 0) send('ended', source.encodeData());
			const closed = once(server, 'close');
			server.close();
			for (const viewer of viewers) viewer.end();
			server.closeIdleConnections();
			const late = realTime.setTimeout(() => server.closeAllConnections(), EVERY_MS);
			await closed;
			realTime.clearTimeout(late);
		},
	};
};

/** The path that is asked for, or undefined where whoever asks may not have it. */
const admit = ({ method, url = '', headers }: IncomingMessage, { token, port }: { readonly token: string; readonly port: number }): string | undefined => {
	const { host = '' } = headers;
	if (method !== 'GET' || (host !== `127.0.0.1:${port}` && host !== `localhost:${port}`)) return undefined;
	if (!URL.canParse(url, 'http://127.0.0.1')) return undefined;
	const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
	const given = Buffer.from(searchParams.get('token') ?? '');
	const wanted = Buffer.from(token);
	return given.length === wanted.length && timingSafeEqual(given, wanted) ? pathname : undefined;
};
