import { createServer, type Server } from 'node:http';
import type { Duplex } from 'node:stream';

/** A server of HTTP in the same process, at the far end of links: nothing listens, and Node's own timers, which know no virtual time, stay out of it. */
export class MemoryServer implements Disposable {
	readonly server: Server = createServer({ connectionsCheckingInterval: 2 ** 31 - 1, requestTimeout: 0, headersTimeout: 0, keepAliveTimeout: 0 });
	readonly #streams = new Set<Duplex>();

	constructor() {
		this.server.on('request', (_request, response) => {
			response.sendDate = false;
		});
	}

	accept(stream: Duplex): void {
		this.#streams.add(stream);
		stream.once('close', () => this.#streams.delete(stream));
		this.server.emit('connection', stream);
	}

	/** Ends every connection that there is. */
	cut(): void {
		for (const stream of this.#streams) stream.destroy();
	}

	[Symbol.dispose](): void {
		this.cut();
		this.server.close();
	}
}

/** Resolves with the port. 0 is any that is free. */
export const listenOnLoopback = (server: Server, port = 0): Promise<number> =>
	new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen({ host: '127.0.0.1', port }, () => {
			server.off('error', reject);
			const address = server.address();
			resolve(address !== null && typeof address === 'object' ? address.port : 0);
		});
	});

/** Closes it with all its connections. */
export const closeServer = (server: Server): Promise<void> =>
	new Promise((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});
