import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execaNode } from 'execa';
import { Generations } from './generations.js';

const CHILD = fileURLToPath(new URL('./generations.test.child.js', import.meta.url));

test('of processes that succeed each other as fast as they can, no two are ever told the same generation is theirs', async (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-generations-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const start = `${Date.now() + 1_500}`;
	const ended = await Promise.all(Array.from({ length: 3 }, () => execaNode(CHILD, [folder, start, '500'])));
	const won = ended.map(({ stdout }) => JSON.parse(stdout) as readonly number[]);
	t.true(
		won.every((numbers) => numbers.length > 0 && numbers.length < 500),
		`each wins and loses at times: ${won.map(({ length }) => length)}`,
	);
	const all = won.flat().sort((one, other) => one - other);
	t.deepEqual(all, [...new Set(all)]);
	const highest = new Generations(folder, 'x').highest();
	t.is(highest?.number, all.at(-1));
	t.deepEqual(readdirSync(folder), [`x.${highest?.number}`]);
});

test('who took long to act on what it saw gets nothing', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'blackstart-generations-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const generations = new Generations(folder, 'x');
	const first = generations.succeed(undefined, 'a');
	const second = generations.succeed(first, 'b');
	t.is(generations.succeed(first, 'slow'), undefined);
	t.is(generations.succeed(undefined, 'slower'), undefined, 'its number is free again, and lower than the highest');
	t.deepEqual(generations.highest(), second);
	t.deepEqual(readdirSync(folder), ['x.2']);
	generations.rewrite(2, 'c');
	t.deepEqual(generations.highest(), { number: 2, content: 'c' });
});
