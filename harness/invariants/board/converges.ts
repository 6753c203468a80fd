import { createFindings } from '../findings.js';
import { createInvariant, type EventOf, type Invariant } from '../invariant.js';
import { ReleaseBook } from '../release-book.js';
import { BoardTable } from './board-table.js';

/**
 * When the case is over, a board runs what it was last given, where that was whole, good and taken; else what it ran before. A trial
 * that was disturbed from outside, and given up aloud, is as good an end: bootloaders differ in how many resets they allow one.
 * Checks are boards that were given an update and answered after it.
 */
export const createBoardConverges = (): Invariant => {
	const findings = createFindings('converges');
	const releases = new ReleaseBook();
	const images = new Map<string, EventOf<'release-published'>>();
	const boards = new BoardTable<UpdateState>(() => ({
		before: undefined,
		staged: undefined,
		running: undefined,
		answered: false,
		touched: 0,
		reverted: false,
	}));
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
				state.touched = 0;
				state.reverted = false;
			},
			'board-power': (event) => {
				boards.of(event).touched++;
			},
			'board-reset': (event) => {
				boards.of(event).touched++;
			},
			'board-mark': (event) => {
				if (event.mark === 'reverted') boards.of(event).reverted = true;
			},
		},
		atEnd: () => {
			for (const [board, { before, staged, running, answered, touched, reverted }] of boards.entries()) {
				if (staged === undefined || running === undefined || !answered) continue;
				findings.check();
				const image = images.get(staged.digest);
				const wanted = image?.authentic === true && !image.bad ? staged.digest : before;
				if (wanted === undefined || running.digest === wanted) continue;
				if (touched > OWN_RESTARTS && reverted && running.digest === before) continue;
				findings.violate({ device: board, at: running.at }, `was to end with ${releases.describe(wanted)}, it runs ${releases.describe(running.digest)}`);
			}
		},
	});
};

/** The restart that a trial begins with is part of the update. */
const OWN_RESTARTS = 1;

interface UpdateState {
	/** What ran when the update was brought. */
	before: string | undefined;
	staged: EventOf<'board-update-ended'> | undefined;
	running: EventOf<'board-running'> | undefined;
	/** It said what runs since the update. */
	answered: boolean;
	/** How often its power or its reset was touched since the update. */
	touched: number;
	/** It said since then that it gave a trial up. */
	reverted: boolean;
}
