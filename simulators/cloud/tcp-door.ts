import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type TLSSocket } from 'node:tls';

export interface TcpDoorOptions {
	readonly host: string;
	/** 0: any free port. */
	readonly port: number;
	/** With it the door speaks TLS, and a client is the thing its certificate's common name says; PEM texts. */
	readonly tls?: { readonly certificate: string; readonly key: string; readonly clientAuthority: string };
}

export interface TcpDoor {
	readonly port: number;
	close(): Promise<void>;
}

type Accept = (stream: Duplex, options: { readonly certified?: string }) => void;

/** Opens a port for real peers. Not for virtual time: real sockets know nothing of it. */
export const openTcpDoor = async (options: TcpDoorOptions, accept: Accept): Promise<TcpDoor> => {
	const sockets = new Set<Socket>();
	const server = options.tls === undefined ? createServer({ noDelay: true }, (socket) => accept(socket, {})) : createTlsDoor(options.tls, accept);
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	await listen(server, options);
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error(`tcp door: an address with a port was expected, got ${address}`);
	return {
		port: address.port,
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			}),
	};
};

const createTlsDoor = (tls: NonNullable<TcpDoorOptions['tls']>, accept: Accept): Server =>
	createTlsServer(
		{ noDelay: true, cert: tls.certificate, key: tls.key, ca: tls.clientAuthority, requestCert: true, rejectUnauthorized: true },
		(socket: TLSSocket) => {
			const name: unknown = socket.getPeerCertificate().subject.CN;
			// A certificate with no name, or with several, names nobody: the empty name is refused.
			accept(socket, { certified: typeof name === 'string' ? name : '' });
		},
	).on('tlsClientError', (_error, socket) => socket.destroy());

const listen = (server: Server, options: TcpDoorOptions): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen({ host: options.host, port: options.port }, () => {
			server.off('error', reject);
			resolve();
		});
	});
