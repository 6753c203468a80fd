import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf } from '../drivers/deadline.js';
import { monotonicMs } from '../drivers/monotonic.js';

/** What was held against the kernel's own view; a check that fails does not keep the next from being made. */
export class Checks {
	passed = 0;
	failed = 0;

	async check(title: string, task: () => Promise<void>): Promise<void> {
		const startMs = monotonicMs();
		try {
			await task();
			this.passed++;
			process.stdout.write(`ok - ${title} (${Math.round(monotonicMs() - startMs)} ms)\n`);
		} catch (error) {
			this.failed++;
			process.stdout.write(`not ok - ${title}: ${messageOf(error)}\n`);
		}
	}

	end(): void {
		process.stdout.write(`${this.passed} passed, ${this.failed} failed\n`);
	}
}

export const assertEqual = (got: unknown, wanted: unknown, what: string): void => {
	if (JSON.stringify(got) !== JSON.stringify(wanted)) throw new Error(`${what}: ${JSON.stringify(wanted)} was expected, came ${JSON.stringify(got)}`);
};

/** Rejects with a sentence where a task does not fail with that code. */
export const assertFails = async (task: Promise<unknown>, code: string): Promise<void> => {
	const failure = await task.then(
		() => 'success',
		(error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : messageOf(error)),
	);
	assertEqual(failure, code, 'failure');
};

export const until = async (
	condition: () => boolean | Promise<boolean>,
	{ withinMs, what }: { readonly withinMs: number; readonly what: string },
): Promise<number> => {
	const startMs = monotonicMs();
	while (!(await condition())) {
		if (monotonicMs() - startMs > withinMs) throw new Error(`${what}: not in ${withinMs} ms`);
		await sleep(2);
	}
	return monotonicMs() - startMs;
};
