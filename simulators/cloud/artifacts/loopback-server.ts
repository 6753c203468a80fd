import type { Server } from 'node:http';

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
