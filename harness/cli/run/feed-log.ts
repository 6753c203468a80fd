import type { Reporter } from '../../../reports/index.js';
import { parseEvent } from '../../events/index.js';
import { readLines } from './read-lines.js';

/** Shown while a run goes, and of no use after it. */
const PROGRESS = '{"kind":"run-progress"';

/** Tells a report every event of a log of whole scenarios, one after another. Returns the scenarios that it holds. */
export const feedLog = (path: string, report: Pick<Reporter, 'observe'>): ReadonlySet<string> => {
	const scenarios = new Set<string>();
	let scenario: string | undefined;
	for (const lines of readLines(path)) {
		for (const line of lines) {
			if (line.startsWith(PROGRESS)) continue;
			const event = parseEvent(line);
			if ('scenario' in event && event.kind !== 'run-shrunk') {
				scenario = event.scenario;
				scenarios.add(scenario);
			}
			report.observe(event, event.kind === 'run-started' || event.kind === 'run-ended' || event.kind === 'run-warning' ? undefined : scenario);
		}
	}
	return scenarios;
};
