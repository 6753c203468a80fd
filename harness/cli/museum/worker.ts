import { doTask, type Task } from './task.js';

// A process of its own: it holds one virtual world at a time. It ends when the channel to its parent does.
process.on('message', (task: Task) => {
	void doTask(task).then((result) => process.send?.(result));
});
// Whoever is at the terminal talks to the parent, which ends this one.
process.on('SIGINT', () => {});
