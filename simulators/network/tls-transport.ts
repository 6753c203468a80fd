import { isIP } from 'node:net';
import type { Duplex } from 'node:stream';
import { checkServerIdentity, connect, type PeerCertificate } from 'node:tls';
import { realTime } from '../../harness/time/index.js';
import type { Link } from './link.js';
import type { JoinOptions, Transport } from './transport.js';

/** What a client shows and believes, as PEM texts. */
export interface TlsClient {
	/** Absent, with its key: it shows none. */
	readonly certificate?: string;
	readonly key?: string;
	/** The authority whose word it takes for the broker; those of the system where absent. */
	readonly authority?: string;
	/** The name, or the address, that the broker's certificate has to bear. */
	readonly serverName: string;
	/** How far the client's clock is ahead of the wall's: it is the client's by which the broker's certificate holds. Default 0. */
	readonly clockAheadMs?: number;
}

/** Who did not take whose certificate, and what OpenSSL has against it. */
export type TlsRefusal = { readonly by: 'thing' | 'broker'; readonly code: string };

export interface TlsTransportOptions {
	readonly clientOf: (thing: string) => TlsClient;
	readonly onRefusal?: (refusal: TlsRefusal) => void;
}

/** TLS from the device to the broker's own door: what lies between, link and proxy, sees ciphertext alone. */
export class TlsTransport implements Transport {
	readonly framing = 'tls';
	readonly #inner: Transport;
	readonly #options: TlsTransportOptions;

	constructor(inner: Transport, options: TlsTransportOptions) {
		this.#inner = inner;
		this.#options = options;
	}

	get loss(): Transport['loss'] {
		return this.#inner.loss;
	}

	join(link: Link, options: JoinOptions = {}): Duplex {
		const { clientOf, onRefusal } = this.#options;
		const stream = secure(this.#inner.join(link, options), clientOf(options.thing ?? ''));
		if (onRefusal)
			stream.once('error', (error: NodeJS.ErrnoException) => {
				const refusal = refusalOf(error.code ?? '');
				if (refusal) onRefusal(refusal);
			});
		return stream;
	}

	[Symbol.asyncDispose](): PromiseLike<void> {
		return this.#inner[Symbol.asyncDispose]();
	}
}

export const secure = (socket: Duplex, { certificate, key, authority, serverName, clockAheadMs = 0 }: TlsClient): Duplex =>
	connect({
		socket,
		...(certificate === undefined ? {} : { cert: certificate }),
		...(key === undefined ? {} : { key }),
		...(authority === undefined ? {} : { ca: authority }),
		// An address is no name that a client may ask for (RFC 6066, 3).
		...(isIP(serverName) === 0 ? { servername: serverName } : { host: serverName }),
		minVersion: 'TLSv1.2',
		checkServerIdentity: (host, shown) => checkServerIdentity(host, shown) ?? judgeValidity(shown, realTime.epochMs() + clockAheadMs),
	});

/** OpenSSL judges by the wall's clock, and so lets nothing through that only another clock would. */
const judgeValidity = ({ valid_from, valid_to }: PeerCertificate, epochMs: number): Error | undefined => {
	const [fromMs, untilMs] = [valid_from, valid_to].map((text) => realTime.Date.parse(text)) as [number, number];
	const code = epochMs < fromMs ? 'CERT_NOT_YET_VALID' : epochMs > untilMs ? 'CERT_HAS_EXPIRED' : undefined;
	return code && Object.assign(new Error(`by this client's clock the certificate holds from ${valid_from} to ${valid_to}`), { code });
};

/** A broker that speaks by OpenSSL tells why it refuses a certificate by an alert (RFC 8446, 6.2), which names less than it knows. */
const ALERTS: Readonly<Record<string, string>> = {
	ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED: 'CERT_HAS_EXPIRED',
	ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED: 'CERT_REVOKED',
	ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE: 'CERT_NOT_YET_VALID',
	ERR_SSL_TLSV1_ALERT_DECRYPT_ERROR: 'CERT_SIGNATURE_FAILURE',
	ERR_SSL_TLSV1_ALERT_UNKNOWN_CA: 'UNABLE_TO_GET_ISSUER_CERT',
};

const refusalOf = (code: string): TlsRefusal | undefined => {
	const alert = ALERTS[code];
	if (alert !== undefined) return { by: 'broker', code: alert };
	return /^CERT_|^UNABLE_TO_|SELF_SIGNED|^ERR_TLS_CERT/.test(code) ? { by: 'thing', code } : undefined;
};
