import { createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { createServer as createTlsServer, type Server as TlsServer, type TLSSocket } from 'node:tls';

export interface TcpDoorOptions {
	readonly host: string;
	/** 0: any free port. */
	readonly port: number;
	/** With it the door speaks TLS, and a client is the thing its certificate's common name says; PEM texts. */
	readonly tls?: DoorTls;
}

export interface DoorTls {
	readonly certificate: string;
	readonly key: string;
	readonly clientAuthority: string;
	/** Certificates that the authority has called back, a CRL. */
	readonly revocations?: string;
}

export interface TcpDoor {
	readonly port: number;
	/** Certificates that were refused, by what OpenSSL has against them: `CERT_HAS_EXPIRED`, `CERT_REVOKED` and so on. */
	readonly refusals: ReadonlyMap<string, number>;
	/** From now on the door shows and demands something else; connections stay. Throws a RangeError at a door without TLS. */
	changeTls(tls: DoorTls): void;
	close(): Promise<void>;
}

type Accept = (stream: Duplex, options: { readonly certified?: string }) => void;

/** Opens a port for real peers. Not for virtual time: real sockets know nothing of it. */
export const openTcpDoor = async (options: TcpDoorOptions, accept: Accept): Promise<TcpDoor> => {
	const sockets = new Set<Socket>();
	const refusals = new Map<string, number>();
	const refuse = (reason: string): void => void refusals.set(reason, (refusals.get(reason) ?? 0) + 1);
	const server = options.tls === undefined ? createServer({ noDelay: true }, (socket) => accept(socket, {})) : createTlsDoor(options.tls, { accept, refuse });
	server.on('connection', (socket) => {
		sockets.add(socket);
		socket.once('close', () => sockets.delete(socket));
	});
	await listen(server, options);
	const address = server.address();
	if (address === null || typeof address === 'string') throw new Error(`tcp door: an address with a port was expected, got ${address}`);
	return {
		port: address.port,
		refusals,
		changeTls: (tls) => {
			if (options.tls === undefined) throw new RangeError('tcp door: one with TLS was expected');
			(server as TlsServer).setSecureContext(contextOf(tls));
		},
		close: () =>
			new Promise((resolve) => {
				server.close(() => resolve());
				for (const socket of sockets) socket.destroy();
			}),
	};
};

const contextOf = ({ certificate, key, clientAuthority, revocations }: DoorTls) => ({
	cert: certificate,
	key,
	ca: clientAuthority,
	...(revocations === undefined ? {} : { crl: revocations }),
});

interface Doorman {
	readonly accept: Accept;
	readonly refuse: (reason: string) => void;
}

const createTlsDoor = (tls: DoorTls, { accept, refuse }: Doorman): TlsServer =>
	// Node would refuse them without a word of why.
	createTlsServer({ noDelay: true, ...contextOf(tls), requestCert: true, rejectUnauthorized: false }, (socket: TLSSocket) => {
		if (socket.authorized !== true) {
			// An error's code, whatever the types say.
			refuse(String(socket.authorizationError));
			socket.on('error', () => socket.destroy());
			socket.destroy();
			return;
		}
		const name: unknown = socket.getPeerCertificate().subject?.CN;
		// A certificate with no name, or with several, names nobody: the empty name is refused.
		accept(socket, { certified: typeof name === 'string' ? name : '' });
	}).on('tlsClientError', (_error, socket) => socket.destroy());

const listen = (server: Server, options: TcpDoorOptions): Promise<void> =>
	new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen({ host: options.host, port: options.port }, () => {
			server.off('error', reject);
			resolve();
		});
	});
