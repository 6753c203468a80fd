import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { PLAN_VARIABLE } from './plan.js';

/** What AVA says about a process of its own, sent to the runner. */
export interface AvaReport {
	/** Name of the process in the plan; absent where AVA speaks of itself. */
	readonly process?: string;
	readonly kind: 'ended' | 'trouble';
	/** One line: how it ended, or what went wrong. */
	readonly message?: string;
}

interface AvaEvent {
	readonly type: string;
	readonly testFile?: string;
	readonly nonZeroExitCode?: number;
	readonly signal?: string;
	readonly forcedExit?: boolean;
	readonly title?: string;
	readonly err?: { readonly name?: string; readonly message?: string; readonly summary?: string; readonly originalError?: { readonly message?: string } };
}

/** Forwards AVA's own events to the process that started it, and ends AVA when that is gone. */
export const observeAva = async ({ events }: { readonly events: AsyncIterable<AvaEvent> }): Promise<void> => {
	process.on('disconnect', endEverything);
	for await (const event of events) {
		const report = translate(event);
		if (report && process.connected) process.send?.(report);
	}
	// The listener above must not outlive a run that ends by itself.
	process.removeListener('disconnect', endEverything);
	if (process.connected) process.disconnect();
};

/** The runner was killed: nobody would ever read what its scenarios find, nor stop the one that hangs. */
const endEverything = (): void => {
	const partial = dirname(dirname(process.env[PLAN_VARIABLE] ?? ''));
	for (const name of readdirSync(partial).filter((name) => name.endsWith('.pid'))) {
		try {
			process.kill(Number(readFileSync(join(partial, name), 'utf8')), 'SIGKILL');
		} catch (error) {
			if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
		}
	}
	process.kill(process.pid, 'SIGKILL');
};

const translate = (event: AvaEvent): AvaReport | undefined => {
	const place = event.testFile === undefined ? {} : { process: basename(event.testFile, '.mjs') };
	const error = event.err?.originalError?.message ?? event.err?.message ?? event.err?.summary ?? 'no message';
	switch (event.type) {
		case 'worker-failed': {
			const how = event.signal === undefined ? `exit code ${event.nonZeroExitCode ?? 'unknown'}` : `signal ${event.signal}`;
			return { ...place, kind: 'ended', message: `its process ended with ${how}` };
		}
		case 'worker-finished':
			return { ...place, kind: 'ended' };
		case 'process-exit':
			return { ...place, kind: 'trouble', message: 'process.exit() was called' };
		case 'uncaught-exception':
			return { ...place, kind: 'trouble', message: `an exception nobody caught: ${error}` };
		case 'unhandled-rejection':
			return { ...place, kind: 'trouble', message: `a rejection nobody handled: ${error}` };
		case 'internal-error':
			return { ...place, kind: 'trouble', message: `AVA failed: ${error}` };
		default:
			return undefined;
	}
};
