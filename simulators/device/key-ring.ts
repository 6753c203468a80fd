import { encodePublicKey, followKeySets, type KeySet, parseVerifyingKey, type VerifyingKey } from '../../harness/firmware/index.js';
import type { Flash } from '../../harness/flash/index.js';
import type { Layout } from './profile.js';
import { SettingsStore } from './storage/index.js';

export interface KeyRingOptions {
	readonly flash: Flash;
	readonly areas: Layout['keys'];
	/** What devices leave the factory with. */
	readonly factoryKeys: () => readonly VerifyingKey[];
}

/**
 * The keys whose images a device's agent takes, in flash, whole through a power loss at any operation. They move on by key
 * sets that come with a job. The bootloader goes on with every key that was ever built into it, as MCUboot does, or an image
 * that was confirmed under an old key could not be returned to.
 */
export class KeyRing {
	readonly #store: SettingsStore;
	readonly #options: KeyRingOptions;

	constructor(options: KeyRingOptions) {
		this.#options = options;
		this.#store = new SettingsStore(options);
	}

	current(): KeySet {
		const stored = this.#store.read(SCHEMA);
		if (stored === 'unreadable') return { version: 1, keys: this.#options.factoryKeys() };
		const keys = (stored['keys'] ?? '').split(' ').map((key) => parseVerifyingKey(new Uint8Array(Buffer.from(key, 'base64'))));
		return { version: Number(stored['version']), keys };
	}

	/** Moves on as far as the documents are good; says why where they are not. */
	follow(documents: readonly string[]): string | undefined {
		if (documents.length === 0) return undefined;
		const before = this.current();
		const { keySet, objection } = followKeySets(before, documents);
		if (keySet !== before) this.#keep(keySet);
		return objection;
	}

	#keep({ version, keys }: KeySet): void {
		this.#store.write({ version: String(version), keys: keys.map(encodePublicKey).join(' ') }, SCHEMA);
	}
}

const SCHEMA = 1;
