import type { SessionMapRow } from '../../../events/index.js';
import type { SessionRun } from './run-session.js';

/** What became of the device, by where power went for the first time: operations first, then messages, each in the order of time. */
export const mapSession = (runs: readonly SessionRun[]): readonly SessionMapRow[] => {
	const rows = new Map<string, { -readonly [Key in keyof SessionMapRow]: SessionMapRow[Key] extends object ? Record<string, number> : SessionMapRow[Key] }>();
	for (const { cuts, hits, outcome, violations } of runs) {
		const [cut] = cuts;
		const [hit] = hits;
		if (cut === undefined || hit === undefined) continue;
		const [place, tear] = cut.at === 'message' ? [cut.message, 'after'] : [cut.operation, cut.tear];
		const key = `${cut.at} ${place} ${tear}`;
		const row = rows.get(key) ?? { at: cut.at, place, tear, state: hit.state, form: hit.form, outcomes: {} };
		rows.set(key, row);
		const end = violations.length === 0 || outcome === 'bricked' || outcome === 'stuck' ? outcome : 'broken';
		row.outcomes[end] = (row.outcomes[end] ?? 0) + 1;
	}
	return [...rows.values()].sort((one, other) => rankOf(one) - rankOf(other) || one.place - other.place);
};

const rankOf = ({ at }: Pick<SessionMapRow, 'at'>): number => (at === 'operation' ? 0 : 1);
