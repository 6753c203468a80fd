import { encode } from 'cborg';
import test from 'ava';
import { createRandom } from '../../time/index.js';
import { BlockDownload, type BlockDownloadOptions } from './block-download.js';
import type { Outgoing } from './outgoing.js';
import { StreamFiles } from './stream-files.js';
import { streamTopic } from './topics.js';

const FILE = Uint8Array.from({ length: 10_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

/** A download against the service; its answers wait in `inbox` for the test to deliver, lose or mix. */
const createDownload = (change: Partial<BlockDownloadOptions> = {}) => {
	const streams = new StreamFiles();
	streams.publish({ streamId: 's1', files: [{ fileId: 0, bytes: FILE }] });
	const inbox: Outgoing[] = [];
	const stored = new Map<number, Uint8Array>();
	const events: string[] = [];
	const options: BlockDownloadOptions = {
		thing: 't1',
		stream: 's1',
		fileId: 0,
		sizeBytes: FILE.length,
		blockSizeBytes: 512,
		windowBlocks: 4,
		format: 'cbor',
		streamVersion: 1,
		send: (topic, payload) => inbox.push(...streams.handle('t1', topic, payload)),
		hasBlock: (block) => stored.has(block),
		onBlock: (block, bytes) => {
			if (stored.has(block)) events.push(`block ${block} twice`);
			stored.set(block, bytes);
		},
		onDone: () => events.push('done'),
		onRejected: (code) => events.push(code),
		...change,
	};
	const download = new BlockDownload(options);
	const data = (fields: Record<string, unknown>) => download.receive(streamTopic('t1', 's1', 'data/cbor'), encode(fields));
	const file = () => Buffer.concat(Array.from({ length: download.blocks }, (_, block) => stored.get(block) ?? new Uint8Array()));
	return { streams, download, inbox, stored, events, data, file };
};

for (const format of ['json', 'cbor'] as const) {
	test(`a file arrives whole, window by window, in ${format}`, (t) => {
		const { download, inbox, events, file } = createDownload({ format });
		download.requestMore();
		let most = 0;
		for (;;) {
			const message = inbox.shift();
			if (message === undefined) break;
			most = Math.max(most, download.awaitedBlocks);
			t.true(download.receive(message.topic, message.payload));
		}
		t.deepEqual(events, ['done']);
		t.deepEqual(file(), Buffer.from(FILE));
		t.is(most, 4);
		t.like(download.stats, { requests: 5, received: 20, duplicates: 0 });
	});
}

test('with blocks lost, doubled and shuffled it ends whole and asks for nothing it has (20 seeds)', (t) => {
	for (let seed = 0; seed < 20; seed++) {
		const random = createRandom(`download-${seed}`);
		const { download, inbox, events, stored, file } = createDownload({ windowBlocks: 1 + random.integer(9) });
		const had = new Set<number>();
		for (let block = 0; block < 20; block++) {
			if (!random.chance(0.3)) continue;
			stored.set(block, FILE.slice(block * 512, block * 512 + 512));
			had.add(block);
		}
		for (let turn = 0; !events.includes('done'); turn++) {
			if (turn > 5000) return t.fail(`seed ${seed} does not end`);
			const message = inbox.splice(random.integer(Math.max(1, inbox.length)), 1)[0];
			if (message === undefined) download.requestMore();
			else if (!random.chance(0.2)) {
				download.receive(message.topic, message.payload);
				if (random.chance(0.2)) download.receive(message.topic, message.payload);
			}
		}
		t.deepEqual(events, ['done'], `seed ${seed}`);
		t.deepEqual(file(), Buffer.from(FILE), `seed ${seed}`);
	}
});

test('a resumed download asks for exactly the missing blocks, for every set of up to eight stored blocks', (t) => {
	for (let set = 0; set < 256; set++) {
		const { download, inbox, stored, events } = createDownload({ sizeBytes: 4096, windowBlocks: 8 });
		for (let block = 0; block < 8; block++) if (set & (1 << block)) stored.set(block, new Uint8Array(512));
		const missing = 8 - stored.size;
		download.requestMore();
		t.is(inbox.length, missing);
		for (const { topic, payload } of inbox.splice(0)) download.receive(topic, payload);
		t.deepEqual(events, ['done']);
		t.like(download.stats, { requests: missing === 0 ? 0 : 1, received: missing, duplicates: 0 });
	}
});

test('a download of which nothing is missing ends without a request', (t) => {
	const { download, events } = createDownload({ hasBlock: () => true });
	download.requestMore();
	download.requestMore();
	t.deepEqual(events, ['done']);
	t.is(download.stats.requests, 0);
});

test('foreign, wrong and repeated blocks are counted and never written', (t) => {
	const { download, data, stored, inbox } = createDownload();
	download.requestMore();
	inbox.splice(0);
	const p = FILE.slice(0, 512);
	const good = { f: 0, l: 512, i: 0, p };
	data({ ...good, f: 1 });
	data({ ...good, i: 20 });
	data({ ...good, i: 2 ** 40 });
	data({ ...good, l: 511, p: p.slice(1) });
	data({ ...good, i: 19 });
	data({ ...good, l: 400 });
	data({ ...good, i: -1 });
	data({ ...good, i: '0' });
	data({ ...good, p: 'text' });
	data({ f: 0 });
	download.receive(streamTopic('t1', 's1', 'data/cbor'), Buffer.from([0xff]));
	t.is(stored.size, 0);
	data(good);
	data({ ...good, p: new Uint8Array(512) });
	t.deepEqual([...stored.keys()], [0]);
	t.deepEqual(Buffer.from(stored.get(0) ?? []), Buffer.from(p));
	t.deepEqual(download.stats, { requests: 1, received: 13, duplicates: 1, wrongSize: 2, wrongFile: 1, outOfRange: 2, malformed: 6, late: 0 });
	t.false(download.receive(streamTopic('t1', 's2', 'data/cbor'), encode(good)));
	t.false(download.receive(streamTopic('t2', 's1', 'data/cbor'), encode(good)));
	t.false(download.receive(streamTopic('t1', 's1', 'data/json'), encode(good)));
});

test('a refusal is told, and the download can go on', (t) => {
	const { download, inbox, events, streams } = createDownload({ streamVersion: 2 });
	download.requestMore();
	for (const { topic, payload } of inbox.splice(0)) download.receive(topic, payload);
	t.deepEqual(events, ['VersionMismatch']);
	streams.publish({ streamId: 's1', files: [{ fileId: 0, bytes: FILE }] });
	download.requestMore();
	for (let message = inbox.shift(); message !== undefined; message = inbox.shift()) download.receive(message.topic, message.payload);
	t.deepEqual(events, ['VersionMismatch', 'done']);
	download.receive(streamTopic('t1', 's1', 'rejected/cbor'), encode({ o: 'InternalError', m: 'x' }));
	download.receive(streamTopic('t1', 's1', 'data/cbor'), encode({ f: 0, l: 0, i: 0, p: new Uint8Array() }));
	t.deepEqual(events, ['VersionMismatch', 'done']);
	t.is(download.stats.late, 2);
});

test('the window is lowered to what the service answers at once', (t) => {
	t.is(createDownload({ blockSizeBytes: 4096, windowBlocks: 100 }).download.windowBlocks, 32);
	t.is(createDownload({ blockSizeBytes: 131_072, windowBlocks: 100 }).download.windowBlocks, 1);
});

test('subscriptions cover every stream of the thing in the format', (t) => {
	t.deepEqual(createDownload().download.subscriptions, ['$aws/things/t1/streams/+/data/cbor', '$aws/things/t1/streams/+/rejected/cbor']);
});

for (const [name, change] of [
	['sizeBytes', { sizeBytes: 0 }],
	['sizeBytes', { sizeBytes: 98_305 * 256, blockSizeBytes: 256 }],
	['blockSizeBytes', { blockSizeBytes: 255 }],
	['windowBlocks', { windowBlocks: 0 }],
] as const) {
	test(`a download with ${JSON.stringify(change)} is an error that names ${name}`, (t) => {
		t.throws(() => createDownload(change), { instanceOf: RangeError, message: new RegExp(`^${name}`) });
	});
}
