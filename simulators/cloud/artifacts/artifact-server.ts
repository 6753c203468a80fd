import { createServer, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Clock } from '../../../harness/time/index.js';
import type { Artifact } from './artifact.js';
import { ArtifactFaults } from './artifact-fault.js';
import { closeServer, listenOnLoopback } from './loopback-server.js';
import { serveArtifact } from './serve-artifact.js';

/** One request as the server heard it. */
export interface ArtifactRequest {
	readonly method: string;
	readonly url: string;
	readonly range: string | undefined;
	readonly ifRange: string | undefined;
	readonly authorization: string | undefined;
}

const MOST_KEPT_REQUESTS = 1000;

export interface ArtifactServerOptions {
	readonly clock: Clock;
	/** With it the server speaks TLS; PEM texts. */
	readonly tls?: { readonly certificate: string; readonly key: string };
}

/** A server of files over HTTP or HTTPS on the loopback, each at `/{filename}`, with faults in the answers to come. */
export class ArtifactServer implements AsyncDisposable {
	readonly faults = new ArtifactFaults();
	/** The latest requests, at most a thousand. */
	readonly requests: ArtifactRequest[] = [];
	readonly port: number;
	readonly #artifacts = new Map<string, Artifact>();
	readonly #scheme: 'http' | 'https';
	readonly #server: Server;

	constructor(server: Server, { port, clock, tls }: ArtifactServerOptions & { readonly port: number }) {
		this.#server = server;
		this.port = port;
		this.#scheme = tls ? 'https' : 'http';
		let answer = 0;
		server.on('request', (request, response) => {
			const { method = 'GET', url = '/', headers } = request;
			this.requests.push({ method, url, range: headers.range, ifRange: headers['if-range'] as string | undefined, authorization: headers.authorization });
			if (this.requests.length > MOST_KEPT_REQUESTS) this.requests.shift();
			const artifact = this.#artifacts.get(new URL(url, 'http://host').pathname.slice(1));
			if (!artifact) response.writeHead(404, { 'content-length': 0 }).end();
			else void serveArtifact(request, response, { artifact, clock, fault: this.faults.take(), answer: answer++ });
		});
	}

	/** Puts a file there, in place of one with its name. */
	put(artifact: Artifact): string {
		this.#artifacts.set(artifact.filename, artifact);
		return `${this.#scheme}://127.0.0.1:${this.port}/${artifact.filename}`;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await closeServer(this.#server);
	}
}

export const openArtifactServer = async ({ clock, tls }: ArtifactServerOptions): Promise<ArtifactServer> => {
	const server = tls ? createTlsServer({ cert: tls.certificate, key: tls.key }) : createServer();
	return new ArtifactServer(server, { port: await listenOnLoopback(server), clock, ...(tls && { tls }) });
};
