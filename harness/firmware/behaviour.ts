import type { ImageBehaviour } from '../ports/index.js';
import type { Image } from './image.js';
import type { TlvContent } from './tlv.js';

/** The protected vendor TLV whose UTF-8 text tells the simulator how the image behaves once it runs. Real bootloaders pass over it. */
export const BEHAVIOUR_TLV = 0xb5a0;

const BEHAVIOUR_SET: Readonly<Record<ImageBehaviour, true>> = {
	healthy: true,
	'crashes-at-boot': true,
	'hangs-at-boot': true,
	'fails-self-test': true,
	'cannot-connect': true,
	'crashes-after-minutes': true,
	'forgets-to-confirm': true,
	'migrates-settings': true,
	overheats: true,
	'leaks-memory': true,
	'warms-slowly': true,
	'wears-flash': true,
	'lets-certificate-expire': true,
};

export const IMAGE_BEHAVIOURS: readonly ImageBehaviour[] = Object.keys(BEHAVIOUR_SET).filter(isImageBehaviour);

export function isImageBehaviour(text: string): text is ImageBehaviour {
	return Object.hasOwn(BEHAVIOUR_SET, text);
}

/** For buildImage's `vendorTlvs`. */
export const encodeBehaviour = (behaviour: ImageBehaviour): TlvContent => ({ type: BEHAVIOUR_TLV, data: new TextEncoder().encode(behaviour) });

/** How the image says it behaves, from its protected area alone; absent where it says nothing that is known here, as in a user's own image. */
export const readBehaviour = (image: Image): ImageBehaviour | undefined => {
	const data = image.protectedTlvs.find((tlv) => tlv.type === BEHAVIOUR_TLV)?.data;
	const text = data === undefined ? '' : new TextDecoder().decode(data);
	return isImageBehaviour(text) ? text : undefined;
};
