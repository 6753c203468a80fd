import { createHash } from 'node:crypto';
import test from 'ava';
import type { Release } from '../../firmware/index.js';
import { BoardService } from './board-service.js';

const TYPE = 'esp32';
const bytes = Uint8Array.from({ length: 5000 }, (_, index) => index & 0xff);
const digest = createHash('sha256').update(bytes).digest('hex');
const RELEASE: Release = { name: 'candidate', version: '2.0.0', origin: 'harness', images: [{ hardware: TYPE, bytes, digest }] };

test('boards get their images from one service, and it believes of each what it tells in the end', async (t) => {
	await using service = new BoardService();
	t.is(service.belief('a'), undefined, 'nothing is opened before it is needed');
	const gateway = service.gateway(TYPE);
	const got = new Map<string, Uint8Array>();
	const bring = (board: string) =>
		gateway.bring({
			release: RELEASE,
			board,
			push: async (image) => {
				t.is(service.belief(board)?.status, 'IN_PROGRESS');
				got.set(board, image);
			},
			withinMs: 10_000,
		});
	const [concludeA, concludeB] = await Promise.all([bring('a'), bring('b')]);
	for (const board of ['a', 'b']) t.true(Buffer.from(got.get(board) ?? []).equals(bytes), board);
	await concludeA({ version: '2.0.0', digest, confirmed: true, bootNonce: '0000000a' });
	await concludeB({ version: '1.0.0', digest: 'f'.repeat(64), confirmed: true, bootNonce: '' });
	t.deepEqual(service.belief('a'), { version: '2.0.0', status: 'SUCCEEDED' });
	t.deepEqual(service.belief('b'), { version: '1.0.0', status: 'FAILED' });
});

test('a board that does not take its image is known to the service as one whose job has not ended', async (t) => {
	await using service = new BoardService();
	const bringing = service.gateway(TYPE).bring({
		release: RELEASE,
		board: 'a',
		push: async () => {
			throw new Error('page 3 came garbled');
		},
		withinMs: 10_000,
	});
	await t.throwsAsync(bringing, { message: 'page 3 came garbled' });
	t.is(service.belief('a')?.status, 'IN_PROGRESS');
	await t.throwsAsync(service.gateway('other').bring({ release: RELEASE, board: 'a', push: async () => {}, withinMs: 1000 }), {
		name: 'TypeError',
		message: 'release candidate: an image for other was expected',
	});
});
