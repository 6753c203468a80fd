import type { DeviceParts } from '../../device/index.js';

/** A word in flash that is written like any other. */
export const createRewritableCounter: DeviceParts['createCounter'] = () => {
	let value = 0;
	return {
		read: () => value,
		advance: (to) => {
			value = to;
		},
	};
};
