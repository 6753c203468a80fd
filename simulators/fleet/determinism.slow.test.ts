import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { execa } from 'execa';
import { describeDifference } from './fleet.test.support.js';

const CHILD = fileURLToPath(new URL('./determinism.test.child.js', import.meta.url));

interface Facts {
	readonly sha256: string;
	readonly finals: number;
	readonly cuts: number;
	readonly losses: number;
}

const runInProcess = async (nodeOptions: readonly string[], order: object): Promise<Facts> => {
	const { stdout } = await execa(process.execPath, [...nodeOptions, CHILD, JSON.stringify(order)], { timeout: 110_000 });
	return JSON.parse(stdout) as Facts;
};

test.serial(
	'2,000 devices under packet loss and power cuts: two processes that collect garbage at other times write the same event log, byte for byte',
	async (t) => {
		const folder = mkdtempSync(join(tmpdir(), 'blackstart-determinism-'));
		t.teardown(() => rmSync(folder, { recursive: true, force: true }));
		const order = { seed: 'proof', devices: 2_000, imageBytes: 4_096 };
		const paths = [join(folder, 'left.jsonl'), join(folder, 'right.jsonl')] as const;
		const [left, right] = await Promise.all([
			runInProcess(['--max-semi-space-size=2'], { ...order, path: paths[0] }),
			runInProcess(['--max-semi-space-size=64', '--max-old-space-size=1500'], { ...order, path: paths[1] }),
		]);
		t.is(left.finals, 2_000);
		t.is(left.losses, 1);
		t.true(left.cuts >= 1_900, `${left.cuts} power cuts took effect`);
		if (left.sha256 === right.sha256) return;
		const [first, second] = paths.map((path) => readFileSync(path, 'utf8').split(/(?<=\n)/)) as [string[], string[]];
		t.fail(describeDifference(first, second));
	},
);
