const MINUTE_NS = 60_000_000_000n;
const SECOND_NS = 1_000_000_000n;
const LOADED = 1;
const WRITABLE = 2;

/**
 * Mender's client waits for a minute, at the least, before it goes on with a download that was cut. The minute is a variable that
 * its own tests set to a second (`ExponentialBackoffSmallestUnit`), and the one word of initialised data with this value. Returns
 * the program with a second in its place; undefined where it is not found once and only once, and the minute has to be waited for.
 */
export const shortenMinute = (program: Uint8Array): Buffer | undefined => {
	const bytes = Buffer.from(program);
	const places = writableParts(bytes).flatMap(({ start, end }) => {
		const found: number[] = [];
		for (let at = start; at + 8 <= end; at += 8) if (bytes.readBigInt64LE(at) === MINUTE_NS) found.push(at);
		return found;
	});
	const [place, ...more] = places;
	if (place === undefined || more.length > 0) return undefined;
	bytes.writeBigInt64LE(SECOND_NS, place);
	return bytes;
};

/** Where a 64-bit little-endian ELF has the contents of its writable segments: program headers of 56 bytes from e_phoff (ELF-64 object file format). */
const writableParts = (bytes: Buffer): readonly { readonly start: number; readonly end: number }[] => {
	if (bytes.length < 64 || bytes.readUInt32BE(0) !== 0x7f454c46 || bytes[4] !== 2 || bytes[5] !== 1) return [];
	const first = Number(bytes.readBigUInt64LE(32));
	return Array.from({ length: bytes.readUInt16LE(56) }, (_, index) => bytes.subarray(first + index * bytes.readUInt16LE(54)))
		.filter((header) => header.readUInt32LE(0) === LOADED && (header.readUInt32LE(4) & WRITABLE) !== 0)
		.map((header) => {
			const start = Number(header.readBigUInt64LE(8));
			return { start: Math.ceil(start / 8) * 8, end: start + Number(header.readBigUInt64LE(32)) };
		});
};
