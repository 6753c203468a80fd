import { type DeviceParts, RIGHT_PARTS } from '../../device/index.js';
import { overriding } from './overriding.js';

/** Adds what is new and lets go of nothing. */
export const createHoardingKeyRing: DeviceParts['createKeyRing'] = (options) => {
	const ring = RIGHT_PARTS.createKeyRing(options);
	return overriding(ring, {
		current: () => {
			const { version, keys } = ring.current();
			return { version, keys: [...new Set([...options.factoryKeys(), ...keys])] };
		},
	});
};
