import { crc32 } from 'node:zlib';

const MAGIC = 0x27051956;
const HEADER_BYTES = 64;
const LENGTHS_BYTES = 8;
const LINUX = 5;
const ARM64 = 22;
const SCRIPT = 6;
const NAME_BYTES = 32;

export interface ScriptImageOptions {
	/** Up to 32 characters of ASCII: what `iminfo` shows. */
	readonly name: string;
	/** Of the whole image: the script is followed by fill that U-Boot checks and does not read. */
	readonly sizeBytes: number;
	/** Of that many bytes. */
	readonly fill: (sizeBytes: number) => Uint8Array;
}

/**
 * A script as an image that U-Boot's `source` runs (legacy image format, U-Boot's include/image.h), all fields big endian:
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 4 | magic `27051956` |
 * | 4 | 4 | CRC-32 of the header with this field zero |
 * | 8 | 4 | time |
 * | 12 | 4 | size of the data |
 * | 16 | 8 | load address, entry point: zero |
 * | 24 | 4 | CRC-32 of the data |
 * | 28 | 4 | operating system, architecture, kind (6: script), compression |
 * | 32 | 32 | name |
 * | 64 | 4 | length of the script |
 * | 68 | 4 | zero: no script follows |
 * | 72 | | script, fill |
 *
 * Throws a RangeError where the script leaves no room.
 */
export const encodeScriptImage = (script: string, { name, sizeBytes, fill }: ScriptImageOptions): Uint8Array<ArrayBuffer> => {
	const text = Buffer.from(script, 'latin1');
	const fillAt = HEADER_BYTES + LENGTHS_BYTES + text.length;
	if (fillAt > sizeBytes) throw new RangeError(`script: at most ${sizeBytes - HEADER_BYTES - LENGTHS_BYTES} bytes were expected, got ${text.length}`);
	if (!/^[\x20-\x7e]{1,32}$/.test(name)) throw new RangeError(`name: 1 to ${NAME_BYTES} characters of ASCII were expected, got ${JSON.stringify(name)}`);
	const image = new Uint8Array(sizeBytes);
	image.set(text, HEADER_BYTES + LENGTHS_BYTES);
	image.set(fill(sizeBytes - fillAt), fillAt);
	image.set(Buffer.from(name), 32);
	image.set([LINUX, ARM64, SCRIPT, 0], 28);
	const view = new DataView(image.buffer);
	view.setUint32(HEADER_BYTES, text.length);
	view.setUint32(0, MAGIC);
	view.setUint32(12, sizeBytes - HEADER_BYTES);
	view.setUint32(24, crc32(image.subarray(HEADER_BYTES)));
	view.setUint32(4, crc32(image.subarray(0, HEADER_BYTES)));
	return image;
};
