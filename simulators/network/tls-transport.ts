import type { Duplex } from 'node:stream';
import { connect } from 'node:tls';
import type { Link } from './link.js';
import type { JoinOptions, Transport } from './transport.js';

/** What a client shows and believes, as PEM texts. */
export interface TlsClient {
	readonly certificate: string;
	readonly key: string;
	/** The authority whose word it takes for the broker. */
	readonly authority: string;
	/** The name that the broker's certificate has to bear. */
	readonly serverName: string;
}

/** TLS from the device to the broker's own door: what lies between, link and proxy, sees ciphertext alone. */
export class TlsTransport implements Transport {
	readonly framing = 'tls';
	readonly #inner: Transport;
	readonly #clientOf: (thing: string) => TlsClient;

	constructor(inner: Transport, { clientOf }: { readonly clientOf: (thing: string) => TlsClient }) {
		this.#inner = inner;
		this.#clientOf = clientOf;
	}

	join(link: Link, options: JoinOptions = {}): Duplex {
		return secure(this.#inner.join(link, options), this.#clientOf(options.thing ?? ''));
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#inner[Symbol.asyncDispose]();
	}
}

export const secure = (socket: Duplex, { certificate, key, authority, serverName }: TlsClient): Duplex =>
	connect({ socket, cert: certificate, key, ca: authority, servername: serverName, minVersion: 'TLSv1.2' });
