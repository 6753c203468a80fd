import { count } from '../explore-text.js';

/** Lines that are written where nobody watches a terminal: one for so many sessions. */
const SESSIONS_A_LINE = 250;

/** One line that is written over on a terminal, and a line now and then elsewhere. */
export const openSessionProgress = (output: { readonly isTTY?: boolean; write(text: string): unknown }) => ({
	done: ({ done, planned }: { readonly done: number; readonly planned: number }): void => {
		const line = `${count(done)} of ${count(planned)} sessions planned so far`;
		if (output.isTTY) output.write(`\r${line}\u001b[K`);
		else if (done % SESSIONS_A_LINE === 0) output.write(`${line}\n`);
	},
	end: (): void => void (output.isTTY && output.write('\n')),
});
