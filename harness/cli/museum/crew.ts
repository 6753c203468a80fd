import { setMaxListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Task, TaskResult } from './task.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

export interface CrewOptions {
	/** Processes at a time. */
	readonly jobs: number;
	readonly onResult: (result: TaskResult) => void;
	/** Ends the tour early; what was under way is given up. */
	readonly signal?: AbortSignal;
}

/** Does tasks in processes of their own, each the next one as soon as it has done its last. Rejects where one of them dies. */
export const doTasks = async (tasks: readonly Task[], { jobs, onResult, signal }: CrewOptions): Promise<void> => {
	const queue = [...tasks];
	const stop = new AbortController();
	const signals = AbortSignal.any(signal === undefined ? [stop.signal] : [stop.signal, signal]);
	setMaxListeners(jobs + 1, signals);
	try {
		await Promise.all(Array.from({ length: Math.min(jobs, tasks.length) }, () => work(queue, { onResult, signal: signals })));
	} finally {
		// Where one has died the others need not go on.
		stop.abort();
	}
};

const work = async (queue: Task[], { onResult, signal }: Required<Omit<CrewOptions, 'jobs'>>): Promise<void> => {
	let task: Task | undefined;
	const worker = execa(process.execPath, [...process.execArgv, WORKER], {
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
		else worker.sendMessage(task).catch(stop);
	};
	worker.on('message', (result) => {
		onResult(result as unknown as TaskResult);
		next();
	});
	signal.addEventListener('abort', stop);
	next();
	const { exitCode, shortMessage } = await worker;
	signal.removeEventListener('abort', stop);
	if (signal.aborted || (exitCode === 0 && task === undefined)) return;
	throw new Error(
		`a process of the museum ended in the middle of ${task === undefined ? 'nothing' : describe(task)}: ${shortMessage ?? `exit code ${exitCode}`}`,
	);
};

const describe = (task: Task): string => `${task.kind === 'exhibit' ? task.name : task.stories.join(', ')}, seed ${task.seed}`;
