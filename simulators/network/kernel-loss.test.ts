import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { ADMIN_PATH, inLossNamespace, requireRealLoss } from '../../harness/cli/run/loss-namespace.js';

interface Told {
	readonly received: number;
	readonly dropped: number;
	readonly passed: number;
}

test('the kernel drops packets of the device it is told to and of no other, every byte arrives, and it counts them', async (t) => {
	try {
		await requireRealLoss({ speed: 1, transport: 'tcp', loss: 'real' });
	} catch (error) {
		t.log(`SKIPPED: ${(error as Error).message}`);
		t.pass();
		return;
	}
	const [program, values] = inLossNamespace(process.execPath, [fileURLToPath(new URL('kernel-loss.test.child.js', import.meta.url))]);
	const { stdout } = await promisify(execFile)(program, [...values], { env: { ...process.env, PATH: ADMIN_PATH }, timeout: 60_000 });
	const { spared, struck, again } = JSON.parse(stdout) as Readonly<Record<'spared' | 'struck' | 'again', Told>>;
	t.is(spared.dropped, 0);
	t.true(spared.passed > 80, `${spared.passed} packets`);
	t.true(struck.dropped > 0 && struck.passed > spared.passed, JSON.stringify(struck));
	t.is(again.dropped, struck.dropped);
	for (const { received } of [spared, struck, again]) t.is(received, 60_000);
});
