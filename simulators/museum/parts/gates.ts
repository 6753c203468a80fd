import { type DeviceParts, RIGHT_PARTS, stalenessOf } from '../../device/index.js';

type Gate = DeviceParts['objectionToImage'];

/** Hands over whatever lies in the slot. */
export const openGate: Gate = () => undefined;

/** Takes the hash that the job names for a proof of who made the image, and asks nothing else. */
export const hashOnlyGate: Gate = (device, { slot, sizeBytes, digest }) =>
	device.surroundings.slots.digest(device, { slot, sizeBytes }) === digest ? undefined : 'wrong hash';

/** Lets one sort of objection pass. */
export const forgivingGate =
	(objection: RegExp): Gate =>
	(device, image) => {
		const found = RIGHT_PARTS.objectionToImage(device, image);
		return found !== undefined && objection.test(found) ? undefined : found;
	};

/** Does not look at how long a job is good for. */
export const timelessGate: DeviceParts['objectionToStatement'] = (device, update) => {
	const found = RIGHT_PARTS.objectionToStatement(device, update);
	return found?.startsWith('the job expired') === true ? undefined : found;
};

/** Takes the service's word for how long a job is good for, and looks at no signature. */
export const trustingGate: DeviceParts['objectionToStatement'] = (device, { expiresS }) => stalenessOf(device, expiresS);
