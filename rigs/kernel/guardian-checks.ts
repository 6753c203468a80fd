import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { assertEqual, type Checks, until } from './checks.js';
import type { SimulatedLines } from './gpio-checks.js';

/** Emulated processes are slow to start. */
const START_WITHIN_MS = 60_000;
const SAFE_WITHIN_MS = 2000;
const RELAY = 0;
const RESET = 1;

type Way = 'onoff' | 'libgpiod';

export const checkGuardian = async (checks: Checks, lines: SimulatedLines): Promise<void> => {
	const start = async (way: Way): Promise<{ readonly runner: ChildProcess; readonly guardian: number }> => {
		const runner = fork(fileURLToPath(new URL('./runner.js', import.meta.url)), [way], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
		const [{ guardian }] = (await once(runner, 'message', { signal: AbortSignal.timeout(START_WITHIN_MS) })) as [{ guardian: number }];
		assertEqual([lines.value(RELAY), lines.value(RESET)], ['1', '0'], 'powered, in reset');
		return { runner, guardian };
	};
	for (const [way, signal] of [
		['onoff', 'SIGKILL'],
		['onoff', 'SIGSTOP'],
		['libgpiod', 'SIGKILL'],
	] as const) {
		await checks.check(`guardian, ${way}: a runner under ${signal} leaves the board unpowered within two seconds`, async () => {
			const { runner } = await start(way);
			runner.kill(signal);
			const tookMs = await until(() => lines.value(RELAY) === '0', { withinMs: 10_000, what: 'the cut' });
			runner.kill('SIGKILL');
			process.stdout.write(`# safe after ${Math.round(tookMs)} ms\n`);
			assertEqual(tookMs < SAFE_WITHIN_MS, true, `safe after ${Math.round(tookMs)} ms`);
		});
	}
	await checks.check('guardian, libgpiod: lines are undriven when the guardian itself is killed', async () => {
		const { runner, guardian } = await start('libgpiod');
		process.kill(guardian, 'SIGKILL');
		await until(() => lines.value(RELAY) === '0', { withinMs: SAFE_WITHIN_MS, what: 'the release' });
		runner.kill('SIGKILL');
	});
};
