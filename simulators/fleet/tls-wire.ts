import type { ShownCertificate } from '../../harness/ports/index.js';
import { type Cloud, type Identity, RunAuthority, type TcpDoor } from '../cloud/index.js';
import { type TlsClient, TlsTransport, type Transport } from '../network/index.js';

/** Who shows which certificate at a broker's TLS door. TLS ends at that door, so that the proxy's faults hit ciphertext. */
export class TlsWire {
	readonly #authority = new RunAuthority();
	readonly #odd = new Map<string, Identity>();
	#door: TcpDoor | undefined;

	/** Opens the door; returns its port. */
	async open(cloud: Cloud, { host }: { readonly host: string }): Promise<number> {
		this.#door = await cloud.listenTcp({ host, port: 0, tls: this.#authority.doorTls() });
		return this.#door.port;
	}

	get refused(): ReadonlyMap<string, number> {
		return new Map(this.#door?.refusals);
	}

	secure(inner: Transport): Transport {
		return new TlsTransport(inner, { clientOf: (thing) => this.#clientOf(thing) });
	}

	show(thing: string, certificate: ShownCertificate): void {
		this.#odd.delete(thing);
		if (certificate === 'rotated') this.#authority.rotate(thing);
		else if (certificate === 'revoked') this.#authority.revoke(thing);
		else this.#odd.set(thing, this.#authority.oddIdentity(thing, certificate));
		this.#door?.changeTls(this.#authority.doorTls());
	}

	#clientOf(thing: string): TlsClient {
		const { certificate: authority, serverName } = this.#authority;
		return { ...(this.#odd.get(thing) ?? this.#authority.identityOf(thing)), authority, serverName };
	}
}
