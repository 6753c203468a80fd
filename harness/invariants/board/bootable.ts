import { createFindings } from '../findings.js';
import { createInvariant, type EventOf, type Invariant } from '../invariant.js';
import { BoardTable } from './board-table.js';

/**
 * A board that has power runs its firmware in the end: what did not boot was seen to run later, before anybody helped it. What
 * is confirmed runs on: it neither crashes nor restarts by itself.
 * A board whose running slot was written over by a programmer with bytes that nobody released may stand still. Checks are the
 * answers of a board that was asked what runs, and the times that none came.
 */
export const createBoardBootable = (): Invariant => {
	const findings = createFindings('bootable');
	const boards = new BoardTable<BootState>(() => ({ failure: undefined, excused: false }));
	const released = new Set<string>();
	const accuse = (board: string, { failure }: BootState): void => {
		if (failure !== undefined) findings.violate({ device: board, at: failure.at }, `does not run, and never again by itself: ${failure.reason}`);
	};
	return createInvariant(findings, {
		handlers: {
			'release-published': ({ digest }) => {
				released.add(digest);
			},
			'board-opened': (event) => boards.open(event),
			'board-flashed': (event) => {
				boards.of(event).excused = !released.has(event.digest);
			},
			'board-running': (event) => {
				findings.check();
				const state = boards.of(event);
				state.failure = undefined;
				state.excused = false;
			},
			'board-no-boot': (event) => {
				const state = boards.of(event);
				if (state.excused) return;
				findings.check();
				state.failure ??= event;
			},
			'board-restoring': (event) => {
				accuse(event.board, boards.of(event));
				boards.restore(event);
			},
			'board-boot': (event) => {
				if (event.unexpected) findings.violate({ device: event.board, at: event.at }, `restarts although nothing asked it to: ${event.text}`);
			},
			'board-panic': (event) => {
				if (event.unexpected) findings.violate({ device: event.board, at: event.at }, `crashes although what it runs was confirmed: ${event.text}`);
			},
		},
		atEnd: () => {
			for (const [board, state] of boards.entries()) accuse(board, state);
		},
	});
};

interface BootState {
	failure: EventOf<'board-no-boot'> | undefined;
	/** What it was given by a programmer is none that could run. */
	excused: boolean;
}
