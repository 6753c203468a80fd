export interface ChaskeyOptions {
	/** 16 bytes. */
	readonly key: Uint8Array;
	/** 12 as in ISO/IEC 29192-6; 8 is the first paper's. */
	readonly rounds?: 8 | 12;
}

const BLOCK_BYTES = 16;

/** Chaskey, a MAC for microcontrollers (Mouha et al., eprint 2014/386 and 2015/1182): 16 bytes of tag. Throws a RangeError for a key of another length. */
export const chaskey = (message: Uint8Array, { key, rounds = 12 }: ChaskeyOptions): Uint8Array => {
	if (key.length !== BLOCK_BYTES) throw new RangeError(`key: ${BLOCK_BYTES} bytes were expected, got ${key.length}`);
	const isWhole = message.length > 0 && message.length % BLOCK_BYTES === 0;
	const k1 = doubled(wordsOf(key));
	const last = isWhole ? k1 : doubled(k1);
	const padded = new Uint8Array(isWhole ? message.length : message.length - (message.length % BLOCK_BYTES) + BLOCK_BYTES);
	padded.set(message);
	if (!isWhole) padded[message.length] = 0x01;
	let state = wordsOf(key);
	for (let at = 0; at < padded.length; at += BLOCK_BYTES) {
		state = mixed(state, wordsOf(padded.subarray(at, at + BLOCK_BYTES)));
		if (at + BLOCK_BYTES === padded.length) state = mixed(state, last);
		permute(state, rounds);
	}
	const tag = new Uint8Array(BLOCK_BYTES);
	const view = new DataView(tag.buffer);
	mixed(state, last).forEach((word, index) => {
		view.setUint32(4 * index, word, true);
	});
	return tag;
};

const wordsOf = (bytes: Uint8Array): Uint32Array => {
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	return Uint32Array.from({ length: 4 }, (_, index) => view.getUint32(4 * index, true));
};

const mixed = (left: Uint32Array, right: Uint32Array): Uint32Array => left.map((word, index) => word ^ (right[index] as number));

/** Times x in GF(2^128), little endian. */
const doubled = (words: Uint32Array): Uint32Array =>
	words.map((word, index) => (word << 1) ^ (index === 0 ? ((words[3] as number) >>> 31) * 0x87 : (words[index - 1] as number) >>> 31));

const rotated = (word: number, bits: number): number => (word << bits) | (word >>> (32 - bits));

const permute = (state: Uint32Array, rounds: number): void => {
	let [a, b, c, d] = state as unknown as [number, number, number, number];
	for (let round = 0; round < rounds; round++) {
		a = (a + b) | 0;
		b = rotated(b, 5) ^ a;
		a = rotated(a, 16);
		c = (c + d) | 0;
		d = rotated(d, 8) ^ c;
		a = (a + d) | 0;
		d = rotated(d, 13) ^ a;
		c = (c + b) | 0;
		b = rotated(b, 7) ^ c;
		c = rotated(c, 16);
	}
	state.set([a, b, c, d]);
};
