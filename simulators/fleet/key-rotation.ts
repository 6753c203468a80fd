import { encodeKeySet } from '../../harness/firmware/index.js';
import type { CachingSlotReader } from '../device/index.js';
import type { FleetService } from './fleet-service.js';
import type { Shelf } from './release-shelf.js';

/** Moves a fleet's keys on, or has an attacker seem to; returns what was done, in words. */
export const createKeyRotation = ({
	releases,
	slots,
	service,
}: {
	readonly releases: Shelf;
	readonly slots: CachingSlotReader;
	readonly service: FleetService;
}) => {
	let version = 1;
	return ({ forged }: { readonly forged: boolean }): string => {
		if (forged) {
			const stranger = releases.strangerKey();
			service.addKeySet(encodeKeySet({ version: version + 1, keys: [stranger.verifyingKey] }, stranger));
			return `a stranger's key set ${version + 1} goes along with every job`;
		}
		const { before, after, ...rotated } = releases.rotateKey();
		version = rotated.version;
		slots.rotateTo(after.verifyingKey);
		service.addKeySet(encodeKeySet({ version, keys: [after.verifyingKey] }, before));
		return `images are signed with the key of set ${version} from here on, and the one before is revoked`;
	};
};
