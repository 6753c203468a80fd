import type { SubjectImage } from '../../explorer/index.js';
import { buildImage, createSigningKey, type SigningKey } from '../../firmware/index.js';
import { createRandom } from '../../time/index.js';

/** Signs what the explorer makes up: the same key in every run, so that a case replays. */
export const createExplorerKey = (): SigningKey => createSigningKey(createRandom('explore/key').bytes(32));

/** A signed image of exactly so many bytes. Throws a RangeError where not even an empty payload fits. */
export const generateImage = (wanted: {
	readonly version: number;
	readonly sizeBytes: number;
	readonly securityCounter: number;
	readonly key: SigningKey;
	readonly isAuthentic?: boolean;
}): SubjectImage => {
	const { version, sizeBytes, securityCounter, key, isAuthentic = true } = wanted;
	const build = (payload: Uint8Array): Uint8Array =>
		buildImage({ version: { major: version, minor: 0, revision: 0, build: 0 }, payload, headerSizeBytes: HEADER_SIZE_BYTES, securityCounter, key });
	const emptyBytes = build(new Uint8Array(0)).length;
	if (sizeBytes <= emptyBytes) throw new RangeError(`image: more than ${emptyBytes} bytes were expected for header and TLVs, got ${sizeBytes}`);
	const bytes = build(createRandom(`explore/image/${version}`).bytes(sizeBytes - emptyBytes));
	// A bit of the payload that nobody signed.
	if (!isAuthentic) bytes[HEADER_SIZE_BYTES] = (bytes[HEADER_SIZE_BYTES] as number) ^ 1;
	return { bytes, securityCounter, isAuthentic };
};

const HEADER_SIZE_BYTES = 32;
