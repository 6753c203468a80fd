import { createFindings } from '../findings.js';
import { createInvariant, type EventOf, type Invariant } from '../invariant.js';
import { ReleaseBook } from '../release-book.js';
import { BoardTable } from './board-table.js';

/**
 * When the case is over, a board runs what it was last given, where that was whole, good and taken; else what it ran before.
 * Checks are boards that were given an update and answered after it.
 */
export const createBoardConverges = (): Invariant => {
	const findings = createFindings('converges');
	const releases = new ReleaseBook();
	const images = new Map<string, EventOf<'release-published'>>();
	const boards = new BoardTable<UpdateState>(() => ({ before: undefined, staged: undefined, running: undefined, answered: false }));
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => {
				releases.publish(event);
				images.set(event.digest, event);
			},
			'board-opened': (event) => boards.open(event),
			'board-restored': (event) => {
				boards.restore(event).running = undefined;
			},
			'board-running': (event) => {
				const state = boards.of(event);
				state.running = event;
				if (state.staged !== undefined) state.answered = true;
			},
			'board-update-ended': (event) => {
				const state = boards.of(event);
				state.before = state.running?.digest;
				state.staged = event.outcome === 'staged' ? event : undefined;
				state.answered = false;
			},
		},
		atEnd: () => {
			for (const [board, { before, staged, running, answered }] of boards.entries()) {
				if (staged === undefined || running === undefined || !answered) continue;
				findings.check();
				const image = images.get(staged.digest);
				const wanted = image?.authentic === true && !image.bad ? staged.digest : before;
				if (wanted === undefined || running.digest === wanted) continue;
				findings.violate({ device: board, at: running.at }, `was to end with ${releases.describe(wanted)}, it runs ${releases.describe(running.digest)}`);
			}
		},
	});
};

interface UpdateState {
	/** What ran when the update was brought. */
	before: string | undefined;
	staged: EventOf<'board-update-ended'> | undefined;
	running: EventOf<'board-running'> | undefined;
	/** It said what runs since the update. */
	answered: boolean;
}
