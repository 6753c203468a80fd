import { fileURLToPath } from 'node:url';
import { type CrewOptions, doTasks as work } from '../crew.js';
import type { Task, TaskResult } from './task.js';

const WORKER = fileURLToPath(new URL('./worker.js', import.meta.url));

/** What a world leaves behind is dead before the next one opens: the more of them a collection finds dead, the less it copies. */
const NODE_FLAGS = ['--max-semi-space-size=32'] as const;

/** Does the work of a tour in processes of their own. Rejects where one of them dies. */
export const doTasks = (tasks: readonly Task[], options: Pick<CrewOptions<Task, TaskResult>, 'jobs' | 'onResult' | 'signal'>): Promise<void> =>
	work(tasks, { ...options, worker: WORKER, nodeFlags: NODE_FLAGS, name: 'the museum', describe });

const describe = (task: Task): string => `${task.kind === 'exhibit' ? task.name : task.stories.join(', ')}, seed ${task.seed}`;
