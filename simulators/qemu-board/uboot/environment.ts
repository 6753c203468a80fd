import { crc32 } from 'node:zlib';

/** Of the environment of Debian's U-Boot for QEMU: two sectors at the start of the second flash part. */
export const ENVIRONMENT_BYTES = 0x40000;
const CRC_BYTES = 4;

/**
 * U-Boot's environment as it lies in flash, one copy:
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 4 | CRC-32 over all that follows, little endian |
 * | 4 | rest | `NAME=VALUE`, each ended by a zero byte, one more zero byte behind the last; filled with zeros |
 *
 * Throws a RangeError where the variables leave no room, or hold what ends one.
 */
export const encodeEnvironment = (variables: Readonly<Record<string, string>>, sizeBytes = ENVIRONMENT_BYTES): Uint8Array<ArrayBuffer> => {
	const text = Object.entries(variables).map(([name, value]) => {
		if (name === '' || /[=\0]/.test(name) || value.includes('\0'))
			throw new RangeError(`variables: a name and a value without ends were expected, got ${name}`);
		return `${name}=${value}\0`;
	});
	const bytes = Buffer.from(`${text.join('')}\0`, 'latin1');
	if (bytes.length > sizeBytes - CRC_BYTES) throw new RangeError(`variables: at most ${sizeBytes - CRC_BYTES} bytes were expected, got ${bytes.length}`);
	const environment = new Uint8Array(sizeBytes);
	environment.set(bytes, CRC_BYTES);
	new DataView(environment.buffer).setUint32(0, crc32(environment.subarray(CRC_BYTES)), true);
	return environment;
};

/** The variables of a copy; null where its CRC does not hold. */
export const decodeEnvironment = (environment: Uint8Array): Readonly<Record<string, string>> | null => {
	const crc = new DataView(environment.buffer, environment.byteOffset).getUint32(0, true);
	if (crc32(environment.subarray(CRC_BYTES)) !== crc) return null;
	const text = Buffer.from(environment.subarray(CRC_BYTES)).toString('latin1');
	return Object.fromEntries(
		text
			.slice(0, text.indexOf('\0\0'))
			.split('\0')
			.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
	);
};
