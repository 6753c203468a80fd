import { decode, encode } from 'cborg';
import fc from 'fast-check';
import test from 'ava';
import { createBitmap } from './bitmap.js';
import { encodeBlockRequest, encodeStreamDescribe, parseStreamDescription, STREAM_REJECTIONS, type StreamFormat } from './stream-codec.js';
import { StreamFiles, type StreamFilesOptions } from './stream-files.js';
import { streamTopic } from './topics.js';

type Fields = Record<string, unknown>;

const FILE = Uint8Array.from({ length: 2500 }, (_, index) => (index * 7) & 0xff);
const FORMATS: readonly StreamFormat[] = ['json', 'cbor'];

const createService = (options: StreamFilesOptions = {}) => {
	const streams = new StreamFiles(options);
	streams.publish({
		streamId: 's1',
		description: 'release 2',
		files: [
			{ fileId: 0, bytes: FILE },
			{ fileId: 3, bytes: FILE.subarray(0, 300) },
		],
	});
	const read = (payload: Uint8Array, format: StreamFormat): Fields => (format === 'cbor' ? decode(payload) : JSON.parse(payload.toString())) as Fields;
	const raw = (verb: string, format: StreamFormat, payload: Uint8Array): [string, Fields][] =>
		streams.handle('t1', streamTopic('t1', 's1', `${verb}/${format}`), payload).map(({ topic, payload: answer }) => {
			return [topic.replace('$aws/things/t1/streams/s1/', ''), read(answer, format)];
		});
	const ask = (verb: string, format: StreamFormat, fields: Fields): [string, Fields][] =>
		raw(verb, format, format === 'cbor' ? encode(fields) : Buffer.from(JSON.stringify(fields)));
	return { streams, raw, ask };
};

/** The bytes of a data message. */
const payloadOf = (fields: Fields): Buffer => (typeof fields.p === 'string' ? Buffer.from(fields.p, 'base64') : Buffer.from(fields.p as Uint8Array));
const bitmapIn = (format: StreamFormat, bitmap: Uint8Array): unknown => (format === 'cbor' ? bitmap : Buffer.from(bitmap).toString('base64'));

for (const format of FORMATS) {
	test(`describe gives version, text and files in ${format}`, (t) => {
		const { ask, streams } = createService();
		const description = {
			c: 'tok',
			s: 1,
			d: 'release 2',
			r: [
				{ f: 0, z: 2500 },
				{ f: 3, z: 300 },
			],
		};
		t.deepEqual(ask('describe', format, { c: 'tok' }), [[`description/${format}`, description]]);
		const { c: _token, ...bare } = description;
		t.deepEqual(ask('describe', format, {}), [[`description/${format}`, bare]]);
		const [message] = streams.handle('t1', streamTopic('t1', 's1', `describe/${format}`), encodeStreamDescribe('x', format));
		t.deepEqual(parseStreamDescription(message?.payload ?? new Uint8Array(), format), {
			clientToken: 'x',
			version: 1,
			description: 'release 2',
			files: [
				{ fileId: 0, sizeBytes: 2500 },
				{ fileId: 3, sizeBytes: 300 },
			],
		});
	});

	test(`get with an offset and a count gives those blocks, the last one short, in ${format}`, (t) => {
		const { ask } = createService();
		const answers = ask('get', format, { s: 1, f: 0, l: 1024, o: 1, n: 5 });
		t.deepEqual(
			answers.map(([topic, { f, l, i }]) => [topic, f, l, i]),
			[
				[`data/${format}`, 0, 1024, 1],
				[`data/${format}`, 0, 452, 2],
			],
		);
		t.deepEqual(Buffer.concat(answers.map(([, fields]) => payloadOf(fields))), Buffer.from(FILE.subarray(1024)));
		t.false('c' in (answers[0]?.[1] ?? {}));
	});

	test(`a bitmap gives exactly the blocks it asks for, for every bitmap of ten blocks, in ${format}`, (t) => {
		const { ask } = createService();
		for (let set = 0; set < 1024; set++) {
			const bitmap = bitmapIn(format, new Uint8Array([set & 0xff, set >> 8]));
			const naive = Array.from({ length: 10 }, (_, bit) => bit).filter((bit) => (set >> bit) & 1);
			const listed = ask('get', format, { f: 0, l: 256, b: bitmap }).map(([, { i }]) => i);
			if (listed.join() !== naive.join()) t.fail(`${set.toString(2)}: ${listed}`);
			const shifted = ask('get', format, { f: 0, l: 256, o: 4, n: 2, b: bitmap }).map(([, { i }]) => i);
			const expected = naive
				.map((bit) => bit + 4)
				.filter((block) => block < 10)
				.slice(0, 2);
			if (shifted.join() !== expected.join()) t.fail(`${set.toString(2)} from block 4, two at most: ${shifted}`);
		}
		t.pass();
	});

	test(`every block carries the request's token, and messages without one are none the worse, in ${format}`, (t) => {
		const { ask } = createService();
		for (const c of ['rdy', '', 'a"b\\ä', 'x'.repeat(64)]) {
			const answers = ask('get', format, { c, f: 3, l: 256, o: 0, n: 2 });
			t.deepEqual(
				answers.map(([, fields]) => [fields.c, fields.i, fields.l]),
				[
					[c, 0, 256],
					[c, 1, 44],
				],
			);
			t.deepEqual(Buffer.concat(answers.map(([, fields]) => payloadOf(fields))), Buffer.from(FILE.subarray(0, 300)));
		}
		t.deepEqual(Object.keys(ask('get', format, { f: 3, l: 256, n: 1 })[0]?.[1] ?? {}).sort(), ['f', 'i', 'l', 'p']);
	});

	const REJECTIONS: readonly [string, string, Fields, string][] = [
		['a version that the stream has not', 'get', { s: 2, f: 0, l: 256, n: 1 }, 'VersionMismatch'],
		['a file that the stream has not', 'get', { f: 1, l: 256, n: 1 }, 'ResourceNotFound'],
		['a block of 255 bytes', 'get', { f: 0, l: 255, n: 1 }, 'BlockSizeOutOfBounds'],
		['a block of more than 128 KiB', 'get', { f: 0, l: 131_073, n: 1 }, 'BlockSizeOutOfBounds'],
		['a negative block size', 'get', { f: 0, l: -4096, n: 1 }, 'BlockSizeOutOfBounds'],
		['a block size that is no whole number', 'get', { f: 0, l: 256.5, n: 1 }, 'BlockSizeOutOfBounds'],
		['no block size', 'get', { f: 0, n: 1 }, 'InvalidRequest'],
		['a block size in text', 'get', { f: 0, l: '256', n: 1 }, 'InvalidRequest'],
		['a negative offset', 'get', { f: 0, l: 256, o: -1, n: 1 }, 'OffsetOutOfBounds'],
		['an offset behind the file', 'get', { f: 0, l: 256, o: 10, n: 1 }, 'OffsetOutOfBounds'],
		['an offset that is huge', 'get', { f: 0, l: 256, o: 1e12, n: 1 }, 'OffsetOutOfBounds'],
		['a count that is huge', 'get', { f: 0, l: 256, o: 0, n: 98_305 }, 'BlockCountLimitExceeded'],
		['a negative count', 'get', { f: 0, l: 256, o: 0, n: -1 }, 'BlockCountLimitExceeded'],
		['a count in text', 'get', { f: 0, l: 256, o: 0, n: '1' }, 'InvalidRequest'],
		['a bitmap of more than 98,304 blocks', 'get', { f: 0, l: 256, b: bitmapIn(format, new Uint8Array(12_289)) }, 'BlockBitmapLimitExceeded'],
		['a bitmap that is a number', 'get', { f: 0, l: 256, b: 5 }, 'InvalidRequest'],
		['a negative file', 'get', { f: -1, l: 256, n: 1 }, 'InvalidRequest'],
		['no file', 'get', { l: 256, n: 1 }, 'InvalidRequest'],
		['a version in text', 'get', { s: '1', f: 0, l: 256, n: 1 }, 'InvalidRequest'],
		['a token of 65 bytes', 'get', { c: 'x'.repeat(65), f: 0, l: 256, n: 1 }, 'InvalidRequest'],
		['a token of 64 characters and more bytes', 'describe', { c: 'ä'.repeat(40) }, 'InvalidRequest'],
		['a token that is a number', 'describe', { c: 7 }, 'InvalidRequest'],
		['an operation that does not exist', 'put', { f: 0 }, 'InvalidTopic'],
		['a data message by the device itself', 'data', { f: 0, l: 1, i: 0, p: 'AA==' }, 'InvalidTopic'],
	];
	for (const [title, verb, fields, code] of REJECTIONS) {
		test(`${title} is rejected with ${code} in ${format}`, (t) => {
			const answers = createService().ask(verb, format, 'c' in fields ? fields : { c: 'k', ...fields });
			t.deepEqual(
				answers.map(([topic, answer]) => [topic, answer.o]),
				[[`rejected/${format}`, code]],
			);
			t.is(answers[0]?.[1].c, 'c' in fields ? undefined : 'k');
			t.regex(String(answers[0]?.[1].m), /./);
		});
	}
}

test('a payload in the wrong format, or in none, is rejected with the code of the topic’s format', (t) => {
	const { raw } = createService();
	const request = { fileId: 0, blockSizeBytes: 256, count: 1 };
	t.like(raw('get', 'json', encodeBlockRequest(request, 'cbor')), [['rejected/json', { o: 'InvalidJson' }]]);
	t.like(raw('get', 'cbor', encodeBlockRequest(request, 'json')), [['rejected/cbor', { o: 'InvalidCbor' }]]);
	for (const payload of ['', '[]', 'null', '3', '"x"']) t.like(raw('get', 'json', Buffer.from(payload)), [['rejected/json', { o: 'InvalidJson' }]]);
	for (const value of [[], null, 3, 'x', new Uint8Array(3)]) t.like(raw('get', 'cbor', encode(value)), [['rejected/cbor', { o: 'InvalidCbor' }]]);
	// A map, an array and a byte string that claim more than there is.
	for (const hex of ['bb7fffffffffffffff', '9b7fffffffffffffff', '5b7fffffffffffffff', 'bf61', `${'81'.repeat(5000)}00`]) {
		t.like(raw('get', 'cbor', Buffer.from(hex, 'hex')), [['rejected/cbor', { o: 'InvalidCbor' }]]);
	}
	t.like(raw('get', 'json', Buffer.alloc(20_481, 0x20)), [['rejected/json', { o: 'InvalidRequest' }]]);
});

test('a stream that does not exist, and a topic of another thing', (t) => {
	const { streams } = createService();
	const payload = Buffer.from('{"f":0,"l":256,"n":1}');
	const [answer] = streams.handle('t1', streamTopic('t1', 's9', 'get/json'), payload);
	t.like(JSON.parse(String(answer?.payload)) as object, { o: 'ResourceNotFound' });
	t.deepEqual(streams.handle('t1', streamTopic('t2', 's1', 'get/json'), payload), []);
});

for (const code of ['RequestThrottled', 'InternalError', 'Unauthorized'] as const) {
	test(`a service that is made to refuse rejects with ${code}`, (t) => {
		const { ask } = createService({ refuse: () => code });
		t.like(ask('get', 'cbor', { c: 'k', f: 0, l: 256, n: 1 }), [['rejected/cbor', { o: code, c: 'k' }]]);
		t.true(STREAM_REJECTIONS.includes(code));
	});
}

test('what other clients are known to send is answered', (t) => {
	const { ask, raw } = createService();
	t.is(ask('get', 'json', { s: 1, f: 0, l: 1024, o: 0, n: 8 }).length, 3);
	// AWS's embedded client always sends the text "MQ==" as bitmap, asks for one block and takes what comes as that block.
	const embedded = encode({ c: 'rdy', f: 0, l: 1024, o: 2, b: Buffer.from('MQ=='), n: 1 });
	t.deepEqual(
		raw('get', 'cbor', embedded).map(([, { c, i, l }]) => [c, i, l]),
		[['rdy', 2, 452]],
	);
});

test('one request is answered with at most 128 KiB, and with one block at least', (t) => {
	const { streams, ask } = createService();
	const bytes = new Uint8Array(1_000_000);
	streams.publish({ streamId: 's1', files: [{ fileId: 0, bytes }] });
	t.is(ask('get', 'cbor', { f: 0, l: 4096, o: 0, n: 98_304 }).length, 32);
	t.is(ask('get', 'cbor', { f: 0, l: 256, o: 0, n: 98_304 }).length, 512);
	t.is(ask('get', 'cbor', { f: 0, l: 131_072, o: 0, n: 8 }).length, 1);
	t.is(ask('get', 'cbor', { f: 0, l: 100_000, o: 9, b: new Uint8Array(12_288).fill(255) }).length, 1);
	t.like(ask('get', 'cbor', { f: 0, l: 4096 }), [['rejected/cbor', { o: 'InvalidRequest' }]]);
	streams.publish({ streamId: 's1', files: [{ fileId: 0, bytes: bytes.subarray(0, 131_072) }] });
	t.is(ask('get', 'cbor', { f: 0, l: 4096 }).length, 32);
});

test('a stream that is published again has the next version and gives the new bytes', (t) => {
	const { streams, ask } = createService();
	const request = { f: 0, l: 256, n: 1 };
	t.deepEqual(payloadOf(ask('get', 'cbor', request)[0]?.[1] ?? {}), Buffer.from(FILE.subarray(0, 256)));
	t.is(streams.publish({ streamId: 's1', files: [{ fileId: 0, bytes: FILE.subarray(1) }] }), 2);
	t.deepEqual(payloadOf(ask('get', 'cbor', request)[0]?.[1] ?? {}), Buffer.from(FILE.subarray(1, 257)));
	t.like(ask('get', 'cbor', { ...request, s: 1 }), [['rejected/cbor', { o: 'VersionMismatch' }]]);
	t.like(ask('get', 'cbor', { ...request, s: 2 }), [['data/cbor', { i: 0 }]]);
});

test('the same block is encoded once, and what is kept is bounded', (t) => {
	const { streams } = createService({ cacheBytes: 5000 });
	const get = (thing: string, offset: number, format: StreamFormat = 'cbor') =>
		streams.handle(thing, streamTopic(thing, 's1', `get/${format}`), encodeBlockRequest({ fileId: 0, blockSizeBytes: 256, offset, count: 1 }, format))[0]
			?.payload;
	t.is(get('t1', 1), get('t2', 1));
	t.not(get('t1', 1), get('t1', 2));
	for (let round = 0; round < 3; round++) {
		for (const format of FORMATS) {
			for (let block = 0; block < 10; block++) {
				const expected = FILE.subarray(block * 256, block * 256 + 256);
				const message = get('t1', block, format) ?? new Uint8Array();
				const fields = (format === 'cbor' ? decode(message) : JSON.parse(message.toString())) as Fields;
				t.deepEqual(payloadOf(fields), Buffer.from(expected));
				t.true(streams.cachedBytes <= 5000 && streams.cachedBytes > 0);
			}
		}
	}
	const tight = createService({ cacheBytes: 0 });
	t.like(tight.ask('get', 'cbor', { f: 0, l: 256, n: 2 }), [
		['data/cbor', { i: 0 }],
		['data/cbor', { i: 1 }],
	]);
	t.is(tight.streams.cachedBytes, 0);
});

test('wrong use of publish is an error that names the argument', (t) => {
	const { streams } = createService();
	const bytes = new Uint8Array(1);
	t.throws(() => streams.publish({ streamId: 'a b', files: [] }), { instanceOf: RangeError, message: /^streamId/ });
	t.throws(() => streams.publish({ streamId: 's', files: [{ fileId: 256, bytes }] }), { instanceOf: RangeError, message: /^fileId/ });
	t.throws(
		() =>
			streams.publish({
				streamId: 's',
				files: [
					{ fileId: 0, bytes },
					{ fileId: 0, bytes },
				],
			}),
		{ instanceOf: RangeError, message: /twice/ },
	);
	t.throws(() => streams.publish({ streamId: 's', files: [{ fileId: 0, bytes: new Uint8Array(0) }] }), { instanceOf: RangeError, message: /empty/ });
});

test('whatever a device sends, it gets data, a description or one rejection with a known code (seed 1)', (t) => {
	const { streams } = createService();
	const value = fc.oneof(
		fc.integer(),
		fc.integer({ min: 0, max: 12 }),
		fc.double(),
		fc.string(),
		fc.boolean(),
		fc.constant(null),
		fc.constant(256),
		fc.uint8Array({ maxLength: 4 }),
	);
	const fields = fc.dictionary(fc.constantFrom('c', 's', 'f', 'l', 'o', 'n', 'b', '__proto__', 'x'), value);
	const payload = fc.oneof(
		fc.uint8Array({ maxLength: 40 }),
		fields.map((object) => encode(object)),
		fields.map((object) => Buffer.from(JSON.stringify(object))),
		fc.tuple(fc.nat(24), fc.nat(255)).map(([at, byte]) => {
			const bytes = encodeBlockRequest({ version: 1, fileId: 0, blockSizeBytes: 256, offset: 0, count: 2, bitmap: createBitmap([0, 3], 0) }, 'cbor');
			bytes[at % bytes.length] = byte;
			return bytes;
		}),
	);
	fc.assert(
		fc.property(fc.constantFrom('get', 'describe', 'x'), fc.constantFrom(...FORMATS), payload, (verb, format, bytes) => {
			const answers = streams.handle('t1', streamTopic('t1', 's1', `${verb}/${format}`), bytes);
			return answers.every(({ topic, payload: answer }) => {
				if (topic.includes('/data/') || topic.includes('/description/')) return true;
				const rejected = (format === 'cbor' ? decode(answer) : JSON.parse(answer.toString())) as Fields;
				return answers.length === 1 && topic.endsWith(`/rejected/${format}`) && STREAM_REJECTIONS.some((code) => code === rejected.o);
			});
		}),
		{ seed: 1, numRuns: 3000 },
	);
	t.pass();
});
