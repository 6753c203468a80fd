import type { Task, TaskResult } from './task.js';

/** What a tour says while it is on. */
export interface TourProgress {
	done(result: TaskResult): void;
	end(): void;
}

/** Lines that are written where nobody watches a terminal. */
const LINES = 10;

/** One line that is written over on a terminal, and a line now and then elsewhere. */
export const openTourProgress = (
	tasks: readonly Task[],
	{ output }: { readonly output: { readonly isTTY?: boolean; write(text: string): unknown } },
): TourProgress => {
	const all = { exhibit: tasks.filter(({ kind }) => kind === 'exhibit').length, clean: tasks.filter(({ kind }) => kind === 'clean').length };
	const seen = { exhibit: 0, clean: 0, errored: 0 };
	let wrong = 0;
	let done = 0;
	const line = (): string =>
		`museum: ${seen.exhibit} of ${all.exhibit} exhibits, ${seen.clean} of ${all.clean} seeds of right devices${wrong > 0 ? `, ${wrong} wrong` : ''}`;
	return {
		done: (result) => {
			seen[result.kind]++;
			if (isWrong(result)) wrong++;
			done++;
			if (output.isTTY) output.write(`\r${line()}`);
			else if (Math.floor((done * LINES) / tasks.length) > Math.floor(((done - 1) * LINES) / tasks.length)) output.write(`${line()}\n`);
		},
		end: () => void (output.isTTY && output.write('\n')),
	};
};

const isWrong = (result: TaskResult): boolean => result.kind === 'errored' || (result.kind === 'exhibit' ? !result.sighting.caught : result.alarms.length > 0);
