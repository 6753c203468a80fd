import test from 'ava';
import type { BlockDownloadStats } from '../../harness/protocols/index.js';
import { DownloadPatience } from './download-patience.js';

const NOTHING: BlockDownloadStats = { requests: 0, received: 0, duplicates: 0, wrongSize: 0, wrongFile: 0, outOfRange: 0, malformed: 0, late: 0 };

test('a quiet download asks again, then on another connection, and a new block begins the count anew', (t) => {
	const patience = new DownloadPatience({ windowBlocks: 4 });
	const advice = (times: number) => Array.from({ length: times }, () => patience.look(NOTHING));
	t.deepEqual(advice(8), ['wait', 'ask-again', 'wait', 'reconnect', 'wait', 'ask-again', 'wait', 'reconnect']);
	patience.look(NOTHING);
	patience.newBlock();
	t.deepEqual(advice(2), ['wait', 'ask-again']);
});

test('blocks of another size than was declared are not waited for on another connection', (t) => {
	const patience = new DownloadPatience({ windowBlocks: 4 });
	const stats = { ...NOTHING, wrongSize: 1 };
	t.deepEqual(
		Array.from({ length: 4 }, () => patience.look(stats)),
		['wait', 'ask-again', 'wait', 'give-up'],
	);
	t.is(patience.reason(stats), 'stream: its blocks have other sizes than the job declares');
});

test('a flood of what nobody asked for costs the connection twice, and then the job', (t) => {
	const patience = new DownloadPatience({ windowBlocks: 2 });
	const flood = Array.from({ length: 27 }, (_, index) => patience.received({ ...NOTHING, duplicates: index + 1 }));
	t.deepEqual(
		flood.flatMap((advice, index) => (advice === 'wait' ? [] : [[index + 1, advice]])),
		[
			[9, 'reconnect'],
			[18, 'reconnect'],
			[27, 'give-up'],
		],
	);
	t.is(patience.reason({ ...NOTHING, duplicates: 27 }), 'stream: 27 blocks came that nobody asked for');
});

test('useless blocks of an earlier connection are no flood on a new one', (t) => {
	const patience = new DownloadPatience({ windowBlocks: 2 });
	patience.received({ ...NOTHING, late: 8 });
	patience.connected({ ...NOTHING, late: 8 });
	t.is(patience.received({ ...NOTHING, late: 16 }), 'wait');
	t.is(patience.received({ ...NOTHING, late: 17 }), 'reconnect');
});

test('a service that trickles is given up after a day of looks', (t) => {
	const patience = new DownloadPatience({ windowBlocks: 4 });
	for (let look = 0; look < 5_760; look++) {
		patience.newBlock();
		t.is(patience.look(NOTHING), 'wait');
	}
	t.is(patience.look(NOTHING), 'give-up');
	t.is(patience.reason(NOTHING), 'stream: a day was not enough');
});
