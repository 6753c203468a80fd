import type { WalkProgress } from '../../explorer/index.js';
import { realTime } from '../../time/index.js';
import { count } from './explore-text.js';

export interface WalkObserver {
	progress(progress: WalkProgress, at: { readonly seconds: number }): void;
	end(): void;
}

const TERMINAL_EVERY_MS = 200;
const PIPE_EVERY_MS = 5_000;

/** One line that is written over on a terminal, and a line now and then elsewhere. */
export const openWalkProgress = (output: { readonly isTTY?: boolean; write(text: string): unknown }): WalkObserver => {
	let toldMs = realTime.nowMs();
	let isOpen = false;
	return {
		progress: ({ states, cuts, frontier, depth }, { seconds }) => {
			const nowMs = realTime.nowMs();
			if (nowMs - toldMs < (output.isTTY ? TERMINAL_EVERY_MS : PIPE_EVERY_MS)) return;
			toldMs = nowMs;
			const line = `${count(states)} states, frontier ${count(frontier)}, ${depth} cuts deep, ${count(cuts)} cuts, ${count(Math.round(cuts / seconds))} a second`;
			output.write(output.isTTY ? `\r${line}\u001b[K` : `${line}\n`);
			isOpen = output.isTTY === true;
		},
		end: () => {
			if (isOpen) output.write('\n');
		},
	};
};
