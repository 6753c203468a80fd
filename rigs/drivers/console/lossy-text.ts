const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Bytes of a console as text: what is no UTF-8 becomes U+FFFD, and nothing ever throws. */
export const decodeLossily = (bytes: Uint8Array): string => decoder.decode(bytes);

/** As `decodeLossily`, without a character at the end whose bytes have not all come. */
export const decodeWholeCharacters = (bytes: Uint8Array): string => decoder.decode(bytes.subarray(0, bytes.length - unfinishedBytes(bytes)));

/** How many bytes the first `units` UTF-16 units of the decoded text stand for. */
export const bytesOfUnits = (bytes: Uint8Array, { text, units }: { readonly text: string; readonly units: number }): number => {
	if (text.length === bytes.length) return units;
	let offset = 0;
	for (let seen = 0; seen < units && offset < bytes.length; ) {
		const character = characterAt(bytes, offset);
		offset += character.bytes;
		seen += character.bytes === 4 && character.whole ? 2 : 1;
	}
	return offset;
};

const unfinishedBytes = (bytes: Uint8Array): number => {
	for (let tail = 1; tail <= Math.min(3, bytes.length); tail++) {
		const start = bytes.length - tail;
		if (sequenceLength(bytes[start] ?? 0) < 2) continue;
		const { bytes: taken, whole } = characterAt(bytes, start);
		return !whole && start + taken === bytes.length ? tail : 0;
	}
	return 0;
};

/** One character as the WHATWG decoder takes it: a broken sequence ends before the first byte that cannot belong to it. */
const characterAt = (bytes: Uint8Array, start: number): { readonly bytes: number; readonly whole: boolean } => {
	const lead = bytes[start] ?? 0;
	const length = sequenceLength(lead);
	if (length === 1) return { bytes: 1, whole: lead < 0x80 };
	let taken = 1;
	while (taken < length && continues(bytes[start + taken], taken === 1 ? lead : undefined)) taken++;
	return { bytes: taken, whole: taken === length };
};

const sequenceLength = (lead: number): number => {
	if (lead >= 0xc2 && lead <= 0xdf) return 2;
	if (lead >= 0xe0 && lead <= 0xef) return 3;
	if (lead >= 0xf0 && lead <= 0xf4) return 4;
	return 1;
};

/** The second byte of a sequence has a narrower range behind some leads: no overlong forms, no surrogates, nothing beyond U+10FFFF. */
const continues = (byte: number | undefined, lead: number | undefined): boolean => {
	if (byte === undefined) return false;
	const low = lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
	const high = lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
	return byte >= low && byte <= high;
};
