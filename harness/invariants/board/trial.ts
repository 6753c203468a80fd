import { createFindings, type Findings } from '../findings.js';
import { createInvariant, type EventOf, type Invariant } from '../invariant.js';
import { ReleaseBook } from '../release-book.js';
import { BoardTable } from './board-table.js';

/**
 * An image that was not confirmed is given up in the end, and one that was confirmed stays: a board runs what it had confirmed,
 * or what it was given for a trial; a bad release is never confirmed; nothing unconfirmed runs when the case is over. Images
 * that nobody released are left to `whole`. Checks are the answers of boards that were given an update.
 */
export const createBoardTrial = (): Invariant => {
	const findings = createFindings('trial');
	const releases = new ReleaseBook();
	const bad = new Set<string>();
	const boards = new BoardTable<TrialState>(() => ({ confirmed: undefined, offered: new Set(), last: undefined }));
	return createInvariant(findings, {
		handlers: {
			'release-published': (event) => {
				releases.publish(event);
				if (event.bad) bad.add(event.digest);
			},
			'board-opened': (event) => boards.open(event),
			'board-update-begun': (event) => {
				boards.of(event).offered.add(event.digest);
			},
			'board-flashed': (event) => {
				boards.of(event).offered.add(event.digest);
			},
			'board-restored': (event) => {
				boards.restore(event).confirmed = event.digest;
			},
			'board-running': (event) => {
				const state = boards.of(event);
				if (releases.isReleased(event.digest)) judge({ findings, releases, bad }, { event, state });
				if (event.confirmed && state.confirmed !== event.digest) {
					state.confirmed = event.digest;
					state.offered.delete(event.digest);
				}
				state.last = event;
			},
		},
		atEnd: () => {
			for (const [, { last }] of boards.entries())
				if (last !== undefined && !last.confirmed && releases.isReleased(last.digest))
					findings.violate(atBoard(last), `still runs ${releases.describe(last.digest)} unconfirmed when the case is over`);
		},
	});
};

const judge = (
	{ findings, releases, bad }: { readonly findings: Findings; readonly releases: ReleaseBook; readonly bad: ReadonlySet<string> },
	{ event, state }: { readonly event: EventOf<'board-running'>; readonly state: TrialState },
): void => {
	const { digest, confirmed } = event;
	if (state.offered.size > 0) findings.check();
	if (confirmed && bad.has(digest)) findings.violate(atBoard(event), `confirmed ${releases.describe(digest)}, which is bad`);
	if (state.confirmed === undefined || digest === state.confirmed || state.offered.has(digest)) return;
	findings.violate(
		atBoard(event),
		`runs ${releases.describe(digest)}, which is neither confirmed nor on trial: ${releases.describe(state.confirmed)} is confirmed`,
	);
};

const atBoard = ({ at, board }: EventOf<'board-running'>): { readonly at: number; readonly device: string } => ({ at, device: board });

interface TrialState {
	/** The image that it was last seen to run confirmed. */
	confirmed: string | undefined;
	/** Images that it was given since, to be tried. */
	offered: Set<string>;
	last: EventOf<'board-running'> | undefined;
}
