import type { Image } from './image.js';
import type { TlvContent } from './tlv.js';

/** The protected vendor TLV whose UTF-8 text tells the simulator how the image behaves once it runs. Real bootloaders pass over it. */
export const BEHAVIOUR_TLV = 0xb5a0;

/** How an image behaves once it runs, told to the simulator by a vendor TLV in the protected area. */
export const IMAGE_BEHAVIOURS = [
	'healthy',
	'crashes-at-boot',
	'hangs-at-boot',
	'fails-self-test',
	'cannot-connect',
	'crashes-after-minutes',
	'forgets-to-confirm',
	'migrates-settings',
	/** Confirms itself, then warms its device up hour by hour. */
	'overheats',
	/** Confirms itself, then loses memory until it crashes, after hours. */
	'leaks-memory',
	/** Warms its device up by a degree each day: hours of watching do not see it. */
	'warms-slowly',
	/** Keeps the time of day in flash every few minutes. */
	'wears-flash',
	/** Does all else right, and never renews its device's certificate. */
	'lets-certificate-expire',
] as const;

export type ImageBehaviour = (typeof IMAGE_BEHAVIOURS)[number];

export const isImageBehaviour = (text: string): text is ImageBehaviour => (IMAGE_BEHAVIOURS as readonly string[]).includes(text);

/** For buildImage's `vendorTlvs`. */
export const encodeBehaviour = (behaviour: ImageBehaviour): TlvContent => ({ type: BEHAVIOUR_TLV, data: new TextEncoder().encode(behaviour) });

/** How the image says it behaves, from its protected area alone; absent where it says nothing that is known here, as in a user's own image. */
export const readBehaviour = (image: Image): ImageBehaviour | undefined => {
	const data = image.protectedTlvs.find((tlv) => tlv.type === BEHAVIOUR_TLV)?.data;
	const text = data === undefined ? '' : new TextDecoder().decode(data);
	return isImageBehaviour(text) ? text : undefined;
};
