import { realTime } from '../../harness/time/index.js';
import { createAuthority, type Identity, issueIdentity, issueRevocations, type Validity } from './certificate.js';
import type { DoorTls } from './tcp-door.js';

const DAY_MS = 86_400_000;
const LIST_EVERY_MS = 1_000;

/** How a certificate differs from the one that a thing should show. */
export type Oddity = 'expired' | 'not-yet-valid' | 'wrong-name' | 'stranger';

/**
 * A certificate authority of a run's own, with the broker's certificate and those of its things. TLS judges by the wall's
 * clock, so they are dated around it. It lives in memory alone.
 */
export class RunAuthority {
	/** The name that the broker's certificate bears. */
	readonly serverName = 'broker.blackstart.test';
	readonly #validity: Validity = aroundNow({ fromDays: -30, untilDays: 365 });
	readonly #root = createAuthority('blackstart run authority', this.#validity);
	#server = this.serverNamed(this.serverName);
	readonly #things = new Map<string, Identity>();
	readonly #revoked: Identity[] = [];

	/** PEM of the root that things trust. */
	get certificate(): string {
		return this.#root.certificate;
	}

	/** What a thing shows: the same from its first connection on, until it is rotated. */
	identityOf(thing: string): Identity {
		const known = this.#things.get(thing);
		if (known) return known;
		const made = this.#issue(thing, this.#validity);
		this.#things.set(thing, made);
		return made;
	}

	/** A certificate under a thing's name that nobody should take. */
	oddIdentity(thing: string, oddity: Oddity): Identity {
		if (oddity === 'wrong-name') return this.#issue(`${thing}-other`, this.#validity);
		if (oddity === 'stranger') return issueIdentity(createAuthority('blackstart run authority', this.#validity), { ...this.#validity, name: thing });
		return this.#issue(thing, oddTimes(oddity));
	}

	/** Calls a thing's certificate back. It holds once the door has been told, by `doorTls`. */
	revoke(thing: string): void {
		this.#revoked.push(this.identityOf(thing));
	}

	/** Gives a thing a new key and certificate, and calls the old one back. */
	rotate(thing: string): Identity {
		this.revoke(thing);
		this.#things.delete(thing);
		return this.identityOf(thing);
	}

	/** What the broker's door shows and demands as of now; `server` in place of its own certificate. */
	doorTls({ server = this.#server }: { readonly server?: Identity } = {}): DoorTls {
		// Of two lists that OpenSSL has it takes the later one.
		const fromEpochMs = this.#validity.fromEpochMs + this.#revoked.length * LIST_EVERY_MS;
		const revocations = issueRevocations(this.#root, { ...this.#validity, fromEpochMs, revoked: this.#revoked.map(({ certificate }) => certificate) });
		return { ...server, clientAuthority: this.#root.certificate, revocations };
	}

	/** Gives the broker a new key and certificate. It holds once the door has been told. */
	rotateServer(): void {
		this.#server = this.serverNamed(this.serverName);
	}

	/** A server's certificate that bears that name. */
	serverNamed(host: string): Identity {
		return issueIdentity(this.#root, { ...this.#validity, name: 'server', hosts: [host] });
	}

	/** A server's certificate under a host's name that nobody should take. */
	oddServer(host: string, oddity: Oddity): Identity {
		if (oddity === 'wrong-name') return this.serverNamed(`other.${this.serverName}`);
		if (oddity === 'stranger') return new RunAuthority().serverNamed(host);
		return issueIdentity(this.#root, { ...oddTimes(oddity), name: 'server', hosts: [host] });
	}

	#issue(name: string, validity: Validity): Identity {
		return issueIdentity(this.#root, { ...validity, name });
	}
}

const aroundNow = ({ fromDays, untilDays }: { readonly fromDays: number; readonly untilDays: number }): Validity => {
	const nowMs = realTime.epochMs();
	return { fromEpochMs: nowMs + fromDays * DAY_MS, untilEpochMs: nowMs + untilDays * DAY_MS };
};

const oddTimes = (oddity: 'expired' | 'not-yet-valid'): Validity =>
	oddity === 'expired' ? aroundNow({ fromDays: -2, untilDays: -1 }) : aroundNow({ fromDays: 1, untilDays: 2 });
