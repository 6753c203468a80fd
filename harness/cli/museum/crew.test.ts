import test from 'ava';
import { doTasks } from './crew.js';
import type { Task, TaskResult } from './task.js';

const task = (seed: string): Task => ({ kind: 'clean', seed, stories: ['unsigned-image'] });

test('every task is done once, by as many processes as are asked for', async (t) => {
	const results: TaskResult[] = [];
	await doTasks(['1', '2', '3', '4', '5'].map(task), { jobs: 2, onResult: (result) => results.push(result) });
	t.deepEqual(results.map((result) => (result.kind === 'clean' ? result.seed : result.kind)).sort(), ['1', '2', '3', '4', '5']);
});

test('a process that is lost ends the work, and is named by what it did', async (t) => {
	// What cannot be sent is given up with the process that it was for.
	const deadly = { kind: 'clean', seed: '13', stories: [() => 'unsendable'] } as unknown as Task;
	await t.throwsAsync(doTasks([deadly, ...Array.from({ length: 200 }, (_, index) => task(String(index)))], { jobs: 2, onResult: () => {} }), {
		message: /ended in the middle of .*unsendable.*, seed 13: /,
	});
});

test('work that is given up ends without a word', async (t) => {
	const stop = new AbortController();
	let done = 0;
	const onResult = (): void => {
		done++;
		stop.abort();
	};
	await doTasks(
		Array.from({ length: 200 }, (_, index) => task(String(index))),
		{ jobs: 2, onResult, signal: stop.signal },
	);
	t.true(done < 200);
});
