import { setMaxListeners } from 'node:events';
import { execa } from 'execa';

export interface CrewOptions<Task, Result> {
	/** Path of the module that each process runs: it answers every message, a task, with one. */
	readonly worker: string;
	/** Flags of Node for each process, besides those of this one. */
	readonly nodeFlags?: readonly string[];
	/** Whose processes they are, and what one was at, for the error where it dies. */
	readonly name: string;
	readonly describe: (task: Task) => string;
	/** Processes at a time. */
	readonly jobs: number;
	readonly onResult: (result: Result) => void;
	/** Ends the work early; what was under way is given up. */
	readonly signal?: AbortSignal | undefined;
}

/** Does tasks in processes of their own, each the next one as soon as it has done its last. Rejects where one of them dies. */
export const doTasks = async <Task, Result>(tasks: readonly Task[], options: CrewOptions<Task, Result>): Promise<void> => {
	const { jobs, signal } = options;
	const queue = [...tasks];
	const stop = new AbortController();
	const signals = AbortSignal.any(signal === undefined ? [stop.signal] : [stop.signal, signal]);
	setMaxListeners(jobs + 1, signals);
	try {
		await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, () => work(queue, { ...options, signal: signals })));
	} finally {
		// Where one has died the others need not go on.
		stop.abort();
	}
};

const work = async <Task, Result>(queue: Task[], options: CrewOptions<Task, Result> & { readonly signal: AbortSignal }): Promise<void> => {
	const { signal, onResult, name, describe } = options;
	let task: Task | undefined;
	const worker = execa(process.execPath, [...process.execArgv, ...(options.nodeFlags ?? []), options.worker], {
		ipc: true,
		reject: false,
		stdin: 'ignore',
		stdout: 'inherit',
		stderr: 'inherit',
		cleanup: true,
	});
	const stop = (): void => void worker.kill('SIGKILL');
	const next = (): void => {
		task = signal.aborted ? undefined : queue.shift();
		if (task === undefined) worker.disconnect();
		else worker.sendMessage(task as Parameters<typeof worker.sendMessage>[0]).catch(stop);
	};
	worker.on('message', (result) => {
		onResult(result as Result);
		next();
	});
	signal.addEventListener('abort', stop);
	next();
	const { exitCode, shortMessage } = await worker;
	signal.removeEventListener('abort', stop);
	if (signal.aborted || (exitCode === 0 && task === undefined)) return;
	throw new Error(`a process of ${name} ended in the middle of ${task === undefined ? 'nothing' : describe(task)}: ${shortMessage ?? `exit code ${exitCode}`}`);
};
