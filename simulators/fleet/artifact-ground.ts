import type { Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { Duplex } from 'node:stream';
import type { ArtifactWrong } from '../../harness/faults/index.js';
import { closeServer, listenOnLoopback, MemoryServer } from '../cloud/artifacts/index.js';
import { type Oddity, RunAuthority } from '../cloud/index.js';
import { type Link, openFaultProxy } from '../network/index.js';

/** What a server of images stands on, and how devices come to it. */
export interface ArtifactGround extends AsyncDisposable {
	readonly server: Server;
	/** PEM of whom devices believe; absent where there is no TLS, and the device model judges certificates. */
	readonly authority?: string;
	/** Gives the server its end of a link, and returns the stream that the device holds. */
	join(link: Link): Duplex;
	/** Shows another certificate from the next connection on; undefined is the right one. */
	show(what: ArtifactWrong | undefined): void;
}

/** In this process, in virtual time too: TLS would bring a chance of its own. */
export const createMemoryGround = (): ArtifactGround => {
	const memory = new MemoryServer();
	return {
		server: memory.server,
		join: (link) => {
			memory.accept(link.brokerEnd);
			return link.deviceEnd;
		},
		show: () => {},
		[Symbol.asyncDispose]: async () => memory[Symbol.dispose](),
	};
};

/** Real sockets and real TLS from the device to the server, so that the proxy's faults hit ciphertext; the authority is the run's own. */
export const openTlsGround = async (host: string, { onError }: { readonly onError: (error: Error) => void }): Promise<ArtifactGround> => {
	const authority = new RunAuthority();
	const contextOf = (what: ArtifactWrong | undefined) => {
		const oddity = what && ODDITIES[what];
		const { certificate, key } = oddity === undefined ? authority.serverNamed(host) : authority.oddServer(host, oddity);
		return { cert: certificate, key };
	};
	const server = createTlsServer(contextOf(undefined));
	const port = await listenOnLoopback(server);
	const proxy = await openFaultProxy({ broker: { host: '127.0.0.1', port }, onError });
	return {
		server,
		authority: authority.certificate,
		join: (link) => proxy.join(link),
		show: (what) => server.setSecureContext(contextOf(what)),
		[Symbol.asyncDispose]: async () => {
			await proxy[Symbol.asyncDispose]();
			await closeServer(server);
		},
	};
};

const ODDITIES: Partial<Readonly<Record<ArtifactWrong, Oddity>>> = {
	'certificate-expired': 'expired',
	'certificate-not-yet-valid': 'not-yet-valid',
	'certificate-in-another-name': 'wrong-name',
	'certificate-of-a-stranger': 'stranger',
};
