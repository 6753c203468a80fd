import { createRandom } from '../../harness/time/index.js';
import { chaskey } from './chaskey.js';
import { crc16 } from './crc16.js';

/** The hardware that images of this board are for, as its bootloader holds it. */
export const BOARD_HARDWARE = 0x328f;
export const SLOT_BYTES = 64 * 128;
/** The published test key in the boot section of virtual boards. */
export const BOARD_KEY: Uint8Array = new TextEncoder().encode('blackstart test ');

const FOOTER_BYTES = 64;
const TAG_BYTES = 16;
const MAGIC = new TextEncoder().encode('BSA1');

export interface ImageOptions {
	readonly version: string;
	readonly securityVersion: number;
	readonly key?: Uint8Array;
	readonly hardware?: number;
	/** Default: the running slot's. */
	readonly slotBytes?: number;
}

/**
 * An image from machine code that is linked for address 0: filled to the last byte, signed. README.md has its table. Throws a
 * RangeError where the code leaves no room.
 */
export const buildImage = (code: Uint8Array, options: ImageOptions): Uint8Array<ArrayBuffer> => {
	const { version, securityVersion, key = BOARD_KEY, hardware = BOARD_HARDWARE, slotBytes = SLOT_BYTES } = options;
	const parts = version.split('.').map(Number);
	if (parts.length !== 3 || !parts.every(isByte)) throw new RangeError(`version: three numbers up to 255 were expected, got ${JSON.stringify(version)}`);
	if (!isByte(securityVersion)) throw new RangeError(`securityVersion: a number up to 255 was expected, got ${securityVersion}`);
	const footerAt = slotBytes - FOOTER_BYTES;
	if (code.length > footerAt) throw new RangeError(`code: at most ${footerAt} bytes were expected, got ${code.length}`);
	const image = new Uint8Array(slotBytes);
	image.set(code);
	const random = createRandom(`board/fill/${version}`);
	for (let at = code.length; at < footerAt; at++) image[at] = random.integer(256);
	const view = new DataView(image.buffer);
	image.set(MAGIC, footerAt);
	view.setUint16(footerAt + 4, hardware, true);
	image.set([...parts, securityVersion], footerAt + 6);
	view.setUint16(footerAt + 10, crc16(image.subarray(code.length, footerAt)), true);
	view.setUint16(footerAt + 12, code.length, true);
	image.set(chaskey(image.subarray(0, slotBytes - TAG_BYTES), { key }), slotBytes - TAG_BYTES);
	return image;
};

export type ImageFacts =
	| { readonly ok: true; readonly version: string; readonly securityVersion: number }
	| { readonly ok: false; readonly reason: 'size' | 'magic' | 'hardware' | 'mac' };

/** What the bootloader would make of a file, security version aside. */
export const readImage = (
	image: Uint8Array,
	{ key = BOARD_KEY, slotBytes = SLOT_BYTES }: { readonly key?: Uint8Array; readonly slotBytes?: number } = {},
): ImageFacts => {
	if (image.length !== slotBytes) return { ok: false, reason: 'size' };
	const footer = image.subarray(slotBytes - FOOTER_BYTES);
	if (!MAGIC.every((byte, index) => byte === footer[index])) return { ok: false, reason: 'magic' };
	if (((footer[4] as number) | ((footer[5] as number) << 8)) !== BOARD_HARDWARE) return { ok: false, reason: 'hardware' };
	const tag = chaskey(image.subarray(0, slotBytes - TAG_BYTES), { key });
	if (!tag.every((byte, index) => byte === image[slotBytes - TAG_BYTES + index])) return { ok: false, reason: 'mac' };
	return { ok: true, version: [...footer.subarray(6, 9)].join('.'), securityVersion: footer[9] as number };
};

const isByte = (value: number): boolean => Number.isInteger(value) && value >= 0 && value <= 255;
