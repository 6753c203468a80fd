import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { RealClock } from '../../time/index.js';
import type { CandidateTask } from './candidate-task.js';
import type { CandidateResult } from './collect-candidate.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

/** Processes that run candidates, kept warm from one to the next. At most as many as run at once. */
export class CandidateCrew implements AsyncDisposable {
	readonly #directory: string;
	readonly #all = new Set<CandidateProcess>();
	readonly #idle: CandidateProcess[] = [];

	/** `directory`: where scenario files run. */
	constructor({ directory }: { readonly directory: string }) {
		this.#directory = directory;
	}

	/** Undefined where it took longer than `withinMs`, `signal` ended it, or its process was lost: that one is gone then. */
	async run(task: CandidateTask, { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<CandidateResult | undefined> {
		if (signal.aborted) return undefined;
		const worker = this.#idle.pop() ?? startProcess(this.#directory);
		this.#all.add(worker);
		const result = await worker.run(task, { withinMs, signal });
		if (result === undefined) this.#all.delete(worker);
		else this.#idle.push(worker);
		return result;
	}

	/** Ends its processes: what runs next runs in one that ran nothing before. */
	async [Symbol.asyncDispose](): Promise<void> {
		const all = [...this.#all];
		this.#all.clear();
		this.#idle.length = 0;
		await Promise.all(all.map((worker) => worker.end()));
	}
}

interface CandidateProcess {
	run(task: CandidateTask, options: { readonly withinMs: number; readonly signal: AbortSignal }): Promise<CandidateResult | undefined>;
	end(): Promise<void>;
}

const startProcess = (directory: string): CandidateProcess => {
	const child = execa(process.execPath, ['--enable-source-maps', WORKER], {
		cwd: directory,
		ipc: true,
		reject: false,
		stdin: 'ignore',
		stdout: 'ignore',
		stderr: 'ignore',
		cleanup: true,
	});
	const clock = new RealClock();
	const end = async (): Promise<void> => {
		child.kill('SIGKILL');
		await child;
	};
	return {
		run: async (task, { withinMs, signal }) => {
			const over = new AbortController();
			const until = AbortSignal.any([signal, over.signal]);
			const timer = clock.after(withinMs, () => over.abort());
			const answer = once(child, 'message', { signal: until }).then(([message]) => message as CandidateResult);
			// Where the process is lost first, nobody waits for it any more.
			answer.catch(() => {});
			try {
				child.sendMessage({ ...task }).catch(() => over.abort());
				return await Promise.race([answer, child.then(() => undefined)]);
			} catch (error) {
				if (!until.aborted) throw error;
				await end();
				return undefined;
			} finally {
				timer.cancel();
			}
		},
		end,
	};
};
