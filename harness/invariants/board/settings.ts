import { createFindings } from '../findings.js';
import { createInvariant, type Invariant } from '../invariant.js';
import { BoardTable } from './board-table.js';

/**
 * Settings survive updates, rollbacks and cuts: what the board gave before, or was told to keep, it gives again, whatever
 * runs. A write that a cut may have hit is judged by what is read next: the old value or the new one. Checks are the settings
 * that were read again.
 */
export const createBoardSettings = (): Invariant => {
	const findings = createFindings('settings');
	const boards = new BoardTable<Map<string, string>>(() => new Map());
	return createInvariant(findings, {
		handlers: {
			'board-opened': (event) => boards.open(event),
			'board-restored': (event) => void boards.restore(event),
			'board-setting-written': (event) => {
				boards.of(event).set(event.name, event.value);
			},
			'board-settings': (event) => {
				const known = boards.of(event);
				for (const [name, value] of known) {
					findings.check();
					const given = event.settings[name];
					if (given === value) continue;
					findings.violate(
						{ device: event.board, at: event.at },
						`setting ${name} was to be kept as '${value}', ${given === undefined ? 'it is gone' : `the board gives '${given}'`}`,
					);
				}
				for (const [name, value] of Object.entries(event.settings)) known.set(name, value);
			},
		},
	});
};
