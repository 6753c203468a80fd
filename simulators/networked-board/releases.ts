import { createHash } from 'node:crypto';
import {
	buildImage,
	corruptImage,
	createSigningKey,
	encodeBehaviour,
	parseVersion,
	type SigningKey,
	type ImageBehaviour,
	type Release,
} from '../../harness/firmware/index.js';
import type { BadImage, BoardReleases } from '../../harness/ports/index.js';
import { createRandom } from '../../harness/time/index.js';
import { NETWORKED_HARDWARE, NETWORKED_PROFILE } from './profile.js';

const PAYLOAD_BYTES = 24 * 1024;
/** The same for all, so that golden is taken back as an update. */
const SECURITY_COUNTER = 1;

const keyOf = (whose: string): SigningKey => createSigningKey(createRandom('networked board').stream(whose).bytes(32));

/** What its images are signed with: every board of this kind leaves the factory with its other half. */
export const FACTORY_KEY = keyOf('factory');

const built = ({ version, behaviour = 'healthy', key = FACTORY_KEY }: Recipe): Uint8Array =>
	buildImage({
		version: parseVersion(version),
		securityCounter: SECURITY_COUNTER,
		vendorTlvs: [encodeBehaviour(behaviour)],
		payload: createRandom('networked board').stream(`payload ${version}`).bytes(PAYLOAD_BYTES),
		key,
	});

interface Recipe {
	readonly version: string;
	readonly behaviour?: ImageBehaviour;
	readonly key?: SigningKey;
}

const release = (name: string, { version, bytes }: { readonly version: string; readonly bytes: Uint8Array }): Release => ({
	name,
	version,
	origin: 'harness',
	images: [{ hardware: NETWORKED_HARDWARE, bytes, digest: createHash('sha256').update(bytes).digest('hex') }],
});

const BAD: Readonly<Record<BadImage, ImageBehaviour>> = { hangs: 'hangs-at-boot', silent: 'forgets-to-confirm', unwell: 'fails-self-test' };

/** Images that its type brings; bad ones are signed well. */
export const networkedBoardReleases = (): BoardReleases => ({
	golden: () => release('golden', { version: '1.0.0', bytes: built({ version: '1.0.0' }) }),
	candidate: () => release('candidate', { version: '2.0.0', bytes: built({ version: '2.0.0' }) }),
	bad: (how) =>
		release(how === undefined ? 'bad' : `bad-${how}`, { version: '3.0.0', bytes: built({ version: '3.0.0', behaviour: how ? BAD[how] : 'crashes-at-boot' }) }),
	forbidden: (defect) => {
		const version = '2.0.0';
		if (defect === 'wrong-key') return { ...release(defect, { version, bytes: built({ version, key: keyOf('stranger') }) }), defect: 'unknown-key' };
		const bytes = corruptImage(built({ version }), { defect: 'payload-bit', slotSizeBytes: NETWORKED_PROFILE.largestImageBytes });
		return { ...release(defect, { version, bytes }), defect: 'payload-bit' };
	},
});
