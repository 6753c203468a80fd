import { type DecodeOptions, decode, encode, Tokenizer } from 'cborg';

/**
 * Messages of MQTT file streams, in JSON and in CBOR. In CBOR `p` and `b` are byte strings, in JSON base64.
 *
 * | message | fields |
 * |---|---|
 * | describe | `c`? client token |
 * | description | `c`?, `s` version, `d` text, `r` [{`f` file id, `z` size in bytes}] |
 * | get | `c`?, `s`? version, `f` file id, `l` block size in bytes, `o`? first block, `n`? blocks, `b`? bitmap from `o` |
 * | data | `c`?, `f` file id, `l` bytes in this block, `i` block id, `p` payload |
 * | rejected | `o` code, `m` text, `c`? |
 */
export type StreamFormat = 'json' | 'cbor';

/** Bounds of the service, from its quotas. */
export const STREAM_LIMITS = {
	tokenBytes: 64,
	minBlockBytes: 256,
	maxBlockBytes: 131_072,
	maxBlocks: 98_304,
	maxBitmapBytes: 12_288,
	maxVersion: 65_535,
	maxFileId: 255,
	/** What one request is answered with at most; the device asks again for the rest. */
	maxAnswerBytes: 131_072,
	/** A bitmap in base64 and the other fields fit. */
	maxRequestBytes: 20_480,
} as const;

/** Every code of a rejected request. */
export const STREAM_REJECTIONS = [
	'InvalidTopic',
	'InvalidJson',
	'InvalidCbor',
	'InvalidRequest',
	'Unauthorized',
	'BlockSizeOutOfBounds',
	'OffsetOutOfBounds',
	'BlockCountLimitExceeded',
	'BlockBitmapLimitExceeded',
	'ResourceNotFound',
	'VersionMismatch',
	'ETagMismatch',
	'RequestThrottled',
	'InternalError',
] as const;
export type StreamRejection = (typeof STREAM_REJECTIONS)[number];

/** A request for blocks. */
export interface BlockRequest {
	/** At most 64 bytes of text, given back in every answer. */
	readonly clientToken?: string | undefined;
	/** Version the stream must have. */
	readonly version?: number | undefined;
	readonly fileId: number;
	/** 256-131,072. */
	readonly blockSizeBytes: number;
	/** First block; 0 when absent. */
	readonly offset?: number | undefined;
	/** How many blocks at most. */
	readonly count?: number | undefined;
	/** Which blocks from `offset` on, least significant bit first. */
	readonly bitmap?: Uint8Array | undefined;
}

export interface StreamDescription {
	readonly clientToken?: string | undefined;
	readonly version: number;
	readonly description: string;
	readonly files: readonly { readonly fileId: number; readonly sizeBytes: number }[];
}

/** A block as a device receives it. */
export interface BlockData {
	readonly fileId: number;
	readonly block: number;
	readonly bytes: Uint8Array;
}

export interface StreamRefusal {
	readonly code: StreamRejection;
	readonly message: string;
}

/** Any message as plain fields, or undefined where the payload is not an object in that format. Byte strings are views of it. */
export const decodeFields = (payload: Uint8Array, format: StreamFormat): Readonly<Record<string, unknown>> | undefined => {
	try {
		const value: unknown = format === 'cbor' ? decodeCbor(asBuffer(payload)) : JSON.parse(asBuffer(payload).toString());
		return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value) ? (value as Record<string, unknown>) : undefined;
	} catch {
		// Whatever the decoder minds about foreign bytes comes to the same: no message.
		return undefined;
	}
};

export const encodeFields = (fields: Readonly<Record<string, unknown>>, format: StreamFormat): Buffer => {
	const present: Record<string, unknown> = {};
	for (const [name, value] of Object.entries(fields)) {
		if (value === undefined) continue;
		present[name] = format === 'json' && value instanceof Uint8Array ? asBuffer(value).toString('base64') : value;
	}
	return format === 'cbor' ? asBuffer(encode(present)) : Buffer.from(JSON.stringify(present));
};

export const encodeBlockRequest = (request: BlockRequest, format: StreamFormat): Buffer =>
	encodeFields(
		{
			c: request.clientToken,
			s: request.version,
			f: request.fileId,
			l: request.blockSizeBytes,
			o: request.offset,
			n: request.count,
			b: request.bitmap,
		},
		format,
	);

export const encodeStreamDescribe = (clientToken: string, format: StreamFormat): Buffer => encodeFields({ c: clientToken }, format);

/** Reads a description; undefined where it is none. */
export const parseStreamDescription = (payload: Uint8Array, format: StreamFormat): StreamDescription | undefined => {
	const fields = decodeFields(payload, format);
	if (fields === undefined || !isWhole(fields.s) || !Array.isArray(fields.r)) return undefined;
	const files: { fileId: number; sizeBytes: number }[] = [];
	for (const entry of fields.r as readonly unknown[]) {
		const { f, z } = (entry ?? {}) as Record<string, unknown>;
		if (!isWhole(f) || !isWhole(z)) return undefined;
		files.push({ fileId: f, sizeBytes: z });
	}
	const token = fields.c;
	return {
		...(typeof token === 'string' ? { clientToken: token } : {}),
		version: fields.s,
		description: typeof fields.d === 'string' ? fields.d : '',
		files,
	};
};

/** Reads a data message; undefined where it is none. The length that it claims must be the length it has. */
export const parseBlockData = (payload: Uint8Array, format: StreamFormat): BlockData | undefined => {
	const fields = decodeFields(payload, format);
	if (fields === undefined) return undefined;
	const { f, l, i, p } = fields;
	const bytes = format === 'cbor' ? p : typeof p === 'string' ? Buffer.from(p, 'base64') : undefined;
	if (!isWhole(f) || !isWhole(i) || !(bytes instanceof Uint8Array) || l !== bytes.length) return undefined;
	return { fileId: f, block: i, bytes };
};

/** The token of a request or answer, where it is one that the service would give back. */
export const readToken = (fields: Readonly<Record<string, unknown>>): string | undefined => {
	const token = fields.c;
	return typeof token === 'string' && Buffer.byteLength(token) <= STREAM_LIMITS.tokenBytes ? token : undefined;
};

/** Checks the fields of a `get` against the service's bounds; a refusal says which one is wrong. */
export const readBlockRequest = (fields: Readonly<Record<string, unknown>>, format: StreamFormat): BlockRequest | StreamRefusal => {
	const { c, s, f, l, o, n, b } = fields;
	if (c !== undefined && readToken(fields) === undefined) return refuse('InvalidRequest', `c must be text of at most ${STREAM_LIMITS.tokenBytes} bytes`);
	if (s !== undefined && !isWithin(s, 0, STREAM_LIMITS.maxVersion))
		return refuse('InvalidRequest', `s must be a whole number from 0 to ${STREAM_LIMITS.maxVersion}`);
	if (!isWithin(f, 0, STREAM_LIMITS.maxFileId)) return refuse('InvalidRequest', `f must be a whole number from 0 to ${STREAM_LIMITS.maxFileId}`);
	const { minBlockBytes, maxBlockBytes, maxBlocks, maxBitmapBytes } = STREAM_LIMITS;
	if (typeof l !== 'number') return refuse('InvalidRequest', 'l must be a number');
	if (!isWithin(l, minBlockBytes, maxBlockBytes)) return refuse('BlockSizeOutOfBounds', `l must be a whole number from ${minBlockBytes} to ${maxBlockBytes}`);
	if (o !== undefined && typeof o !== 'number') return refuse('InvalidRequest', 'o must be a number');
	if (o !== undefined && !isWithin(o, 0, maxBlocks)) return refuse('OffsetOutOfBounds', `o must be a whole number from 0 to ${maxBlocks}`);
	if (n !== undefined && typeof n !== 'number') return refuse('InvalidRequest', 'n must be a number');
	if (n !== undefined && !isWithin(n, 0, maxBlocks)) return refuse('BlockCountLimitExceeded', `n must be a whole number from 0 to ${maxBlocks}`);
	const bitmap = b === undefined ? undefined : readBitmap(b, format);
	if (b !== undefined && bitmap === undefined) return refuse('InvalidRequest', format === 'cbor' ? 'b must be a byte string' : 'b must be base64');
	if (bitmap !== undefined && bitmap.length > maxBitmapBytes) return refuse('BlockBitmapLimitExceeded', `b must have at most ${maxBitmapBytes} bytes`);
	return { clientToken: c as string | undefined, version: s, fileId: f, blockSizeBytes: l, offset: o, count: n, bitmap };
};

const BASE64 = /^[A-Za-z0-9+/]*={0,2}$/;

const readBitmap = (value: unknown, format: StreamFormat): Uint8Array | undefined => {
	if (format === 'cbor') return value instanceof Uint8Array ? value : undefined;
	return typeof value === 'string' && BASE64.test(value) ? Buffer.from(value, 'base64') : undefined;
};

const refuse = (code: StreamRejection, message: string): StreamRefusal => ({ code, message });

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;

const isWithin = (value: unknown, min: number, max: number): value is number => isWhole(value) && value >= min && value <= max;

/** The decoder's own defaults; its tokenizer is given them apart. */
const CBOR_OPTIONS = { strict: false, allowIndefinite: true, allowUndefined: true, allowBigInt: true } as const satisfies DecodeOptions;

/** A tokenizer over a Buffer cuts byte strings out as views, where the decoder by itself copies: the blocks of a large fleet are gigabytes. */
const decodeCbor = (payload: Buffer): unknown => decode(payload, { ...CBOR_OPTIONS, tokenizer: new Tokenizer(payload, CBOR_OPTIONS) });

const asBuffer = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
