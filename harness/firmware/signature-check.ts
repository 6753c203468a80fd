import type { VerifyingKey } from './key.js';
import { type Rejection, reject } from './rejection.js';
import { isSignatureLength, isSignatureOf, SIGNATURE_TLVS, type SignedContent } from './signature.js';
import { TLV, type Tlv } from './tlv.js';

/**
 * The signature half of the loop. KEYHASH picks the key (a shorter hash matches by prefix, as bootutil compares); the next signature of that
 * key's kind is checked with it and uses it up; without a key the signature is skipped. The last signature checked decides.
 */
export class SignatureCheck {
	readonly #content: SignedContent;
	readonly #keys: readonly VerifyingKey[];
	#key: VerifyingKey | undefined;
	#isSigned = false;
	#failed: string | undefined;

	constructor(content: SignedContent, keys: readonly VerifyingKey[]) {
		this.#content = content;
		this.#keys = keys;
	}

	see(tlv: Tlv): Rejection | undefined {
		if (tlv.type === TLV.KEYHASH) {
			if (tlv.data.length > 32) {
				return reject('bad-key-hash', { field: 'KEYHASH', reason: `KEYHASH: a hash of 32 bytes was expected, got ${tlv.data.length}` });
			}
			this.#key = this.#keys.find((key) => isEqual(key.keyHash.subarray(0, tlv.data.length), tlv.data));
			return undefined;
		}
		const key = this.#key;
		if (key === undefined || tlv.type !== SIGNATURE_TLVS[key.kind]) return undefined;
		this.#key = undefined;
		if (!isSignatureLength(tlv.data.length, key.kind)) {
			return reject('bad-signature', { field: tlv.name, reason: `${tlv.name}: a signature of ${tlv.data.length} bytes cannot be one of ${key.kind}` });
		}
		this.#isSigned = isSignatureOf(tlv.data, { content: this.#content, key });
		this.#failed = this.#isSigned ? undefined : tlv.name;
		return undefined;
	}

	finish(tlvs: readonly Tlv[]): Rejection | undefined {
		if (this.#isSigned) return undefined;
		if (this.#failed !== undefined) {
			const pure =
				tlvs.some((tlv) => tlv.type === TLV.SIG_PURE) && this.#content.pure !== true ? ' (the image is marked SIG_PURE, a digest signature was expected)' : '';
			return reject('bad-signature', { field: this.#failed, reason: `${this.#failed}: the signature does not match the image${pure}` });
		}
		const signature = tlvs.find((tlv) => Object.values(SIGNATURE_TLVS).includes(tlv.type));
		if (signature === undefined) return reject('unsigned', { field: 'signature', reason: 'signature: the image carries none' });
		const keyHash = tlvs.find((tlv) => tlv.type === TLV.KEYHASH);
		const reason =
			keyHash === undefined
				? `${signature.name} without a KEYHASH before it`
				: `KEYHASH ${hex(keyHash.data)} belongs to none of the ${this.#keys.length} trusted keys`;
		return reject('unknown-key', { field: 'KEYHASH', reason: `key: ${reason}` });
	}
}

const isEqual = (a: Uint8Array, b: Uint8Array): boolean => Buffer.compare(a, b) === 0;

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
