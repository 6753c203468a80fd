import { randomUUID } from 'node:crypto';
import { type DeviceDeployment, type MenderAttribute, type MenderToken, parseIdentity } from '../../../harness/protocols/mender/index.js';

/** `preauthorized` turns accepted at the first request with this key. */
export type KeyStatus = 'pending' | 'accepted' | 'rejected' | 'preauthorized';

/** A device as its server knows it: by its identity, with the keys that came under it. */
export interface MenderAccount {
	readonly deviceId: string;
	readonly identity: string;
	/** By PEM of the public key; at most one is accepted. */
	readonly keys: Map<string, KeyStatus>;
	/** Of the tokens that hold, as far as their time goes. */
	readonly tokenIds: Set<string>;
	attributes: readonly MenderAttribute[];
	readonly deployments: DeviceDeployment[];
}

/** Who may in, and as whom (Mender, "Device authentication"): a person decides over each pair of identity and key. */
export class DeviceRegister {
	readonly #accounts = new Map<string, MenderAccount>();
	readonly #acceptsAll: boolean;

	constructor({ acceptsAll }: { readonly acceptsAll: boolean }) {
		this.#acceptsAll = acceptsAll;
	}

	/** By identity as the device sends it, in JSON; known from here on. */
	account(idData: string): MenderAccount {
		const identity = parseIdentity(idData);
		const known = this.#accounts.get(identity);
		if (known) return known;
		const account: MenderAccount = { deviceId: randomUUID(), identity, keys: new Map(), tokenIds: new Set(), attributes: [], deployments: [] };
		this.#accounts.set(identity, account);
		return account;
	}

	preauthorize(account: MenderAccount, pubkey: string): void {
		account.keys.set(normalise(pubkey), 'preauthorized');
	}

	/** Accepts a key, `pubkey` or the latest that came; the one accepted before is rejected with its tokens. */
	accept(account: MenderAccount, pubkey = [...account.keys.keys()].at(-1)): void {
		if (pubkey === undefined) throw new TypeError(`account: ${account.identity} has sent no key yet`);
		for (const [key, status] of account.keys) if (status === 'accepted') account.keys.set(key, 'rejected');
		account.keys.set(normalise(pubkey), 'accepted');
		account.tokenIds.clear();
	}

	/** Keeps a device out, with all its keys and from now on. */
	reject(account: MenderAccount): void {
		for (const key of account.keys.keys()) account.keys.set(key, 'rejected');
		account.tokenIds.clear();
	}

	/** What of its deployments is not finished will be of no effect. */
	decommission(account: MenderAccount): void {
		this.reject(account);
		for (const deployment of account.deployments) if (!deployment.isFinished) deployment.enter('decommissioned');
	}

	/** The id of a new token for a device whose request was signed by its key; undefined where nobody has let it in. */
	admit({ idData, pubkey }: { readonly idData: string; readonly pubkey: string }): { readonly account: MenderAccount; readonly tokenId: string } | undefined {
		const account = this.account(idData);
		const key = normalise(pubkey);
		const status = account.keys.get(key);
		if (status === undefined) account.keys.set(key, 'pending');
		if (status === 'preauthorized' || (status === undefined && this.#acceptsAll && account.keys.size === 1)) this.accept(account, key);
		if (account.keys.get(key) !== 'accepted') return undefined;
		const tokenId = randomUUID();
		account.tokenIds.add(tokenId);
		return { account, tokenId };
	}

	ofToken({ sub, jti }: MenderToken): MenderAccount | undefined {
		for (const account of this.#accounts.values()) if (account.deviceId === sub && account.tokenIds.has(jti)) return account;
		return undefined;
	}
}

const normalise = (pem: string): string => pem.replaceAll('\r', '').trim();
