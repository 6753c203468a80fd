import { buildImage } from '../../harness/firmware/index.js';
import { createRandom } from '../../harness/time/index.js';

/** The slot of the sample's layout. */
const SLOT_BYTES = 4096;

/**
 * Two images for the sample bootloader: the old one fills its slot, the new one is shorter and raises the security counter.
 * They carry a hash and no signature, as the sample checks nothing that lies behind the hash.
 */
export const createSampleImages = (): { readonly from: Uint8Array; readonly to: Uint8Array } => ({
	from: createSampleImage({ version: 1, sizeBytes: SLOT_BYTES }),
	to: createSampleImage({ version: 2, sizeBytes: 2600 }),
});

const createSampleImage = ({ version, sizeBytes }: { readonly version: number; readonly sizeBytes: number }): Uint8Array => {
	const build = (payloadBytes: number): Uint8Array =>
		buildImage({
			version: { major: version, minor: 0, revision: 0, build: 0 },
			payload: createRandom(`module/sample/${version}`).bytes(payloadBytes),
			headerSizeBytes: 32,
			securityCounter: version,
		});
	return build(sizeBytes - build(0).length);
};
