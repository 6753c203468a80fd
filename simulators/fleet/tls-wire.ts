import type { ShownBrokerCertificate, ShownCertificate } from '../../harness/ports/index.js';
import { type DoorTls, type Identity, RunAuthority } from '../cloud/index.js';
import { type TlsClient, TlsTransport, type Transport } from '../network/index.js';

/** The broker's TLS door: what it shows and demands can be changed, and it may tell whom it refused. */
export interface Door {
	changeTls(tls: DoorTls): void | Promise<void>;
	readonly refusals?: ReadonlyMap<string, number>;
}

/** Who shows which certificate at a broker's TLS door. TLS ends at that door, so that the proxy's faults hit ciphertext. */
export class TlsWire {
	readonly authority = new RunAuthority();
	readonly #odd = new Map<string, Identity>();
	readonly #alerts = new Map<string, number>();
	readonly #refusedBrokers = new Map<string, number>();
	#door: Door | undefined;
	#oddBroker: Identity | undefined;
	/** Milliseconds that a thing's clock is ahead of the true time. */
	clockAheadOf: (thing: string) => number = () => 0;

	attach(door: Door): void {
		this.#door = door;
	}

	/** Things' certificates that the broker refused: as it says itself, else as its alerts say. */
	get refused(): ReadonlyMap<string, number> {
		return new Map(this.#door?.refusals ?? this.#alerts);
	}

	/** Brokers' certificates that things refused. */
	get refusedBrokers(): ReadonlyMap<string, number> {
		return new Map(this.#refusedBrokers);
	}

	secure(inner: Transport): Transport {
		return new TlsTransport(inner, {
			clientOf: (thing) => this.#clientOf(thing),
			onRefusal: ({ by, code }) => {
				const counts = by === 'broker' ? this.#alerts : this.#refusedBrokers;
				counts.set(code, (counts.get(code) ?? 0) + 1);
			},
		});
	}

	/** Resolves when that holds. */
	async show(thing: string, certificate: ShownCertificate): Promise<void> {
		this.#odd.delete(thing);
		if (certificate === 'rotated') this.authority.rotate(thing);
		else if (certificate === 'revoked') this.authority.revoke(thing);
		else this.#odd.set(thing, this.authority.oddIdentity(thing, certificate));
		await this.#change();
	}

	/** Resolves when that holds. */
	async showBroker(certificate: ShownBrokerCertificate): Promise<void> {
		this.#oddBroker = certificate === 'rightful' || certificate === 'rotated' ? undefined : this.authority.oddServer(this.authority.serverName, certificate);
		if (certificate === 'rotated') this.authority.rotateServer();
		await this.#change();
	}

	async #change(): Promise<void> {
		await this.#door?.changeTls(this.authority.doorTls(this.#oddBroker ? { server: this.#oddBroker } : {}));
	}

	#clientOf(thing: string): TlsClient {
		const { certificate: authority, serverName } = this.authority;
		return { ...(this.#odd.get(thing) ?? this.authority.identityOf(thing)), authority, serverName, clockAheadMs: this.clockAheadOf(thing) };
	}
}
