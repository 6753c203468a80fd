import { hostname } from 'node:os';
import { join, relative } from 'node:path';
import { HtmlReport, openJunitReporter } from '../../../reports/index.js';
import type { BlackstartEvent, Verdict } from '../../events/index.js';
import { realTime } from '../../time/index.js';
import { readPackageVersion } from '../package-root.js';
import { EXIT_CODES } from '../run/outcome.js';
import { openRunFolder, pointLatest } from '../run/run-folder.js';
import { EventFile } from '../worker/event-file.js';

/** An exploration that is over, as a run of one scenario. */
export interface ExploredRun {
	readonly seed: string;
	readonly options: Readonly<Record<string, unknown>>;
	readonly events: readonly BlackstartEvent[];
	readonly seconds: number;
	readonly exitCode: number;
	readonly directory: string;
	readonly out?: string | undefined;
}

export const EXPLORE_SCENARIO = 'explore';

const VERDICTS: Readonly<Record<number, Verdict>> = { [EXIT_CODES.passed]: 'passed', [EXIT_CODES.failed]: 'failed' };

export const verdictOf = (exitCode: number): Verdict => VERDICTS[exitCode] ?? 'inconclusive';

/** Leaves events and JUnit in a run's folder; returns the folder as a person types it. */
export const leaveRun = ({ seed, options, events, seconds, exitCode, directory, out }: ExploredRun): string => {
	const startedAt = new realTime.Date(realTime.epochMs() - seconds * 1000);
	const folder = openRunFolder({ directory, startedAt, ...(out === undefined ? {} : { out }) });
	const log = new EventFile(join(folder.path, 'events.jsonl'));
	const junit = openJunitReporter({ path: join(folder.path, 'junit.xml'), hostname: hostname(), projectDir: directory });
	const page = new HtmlReport();
	const tell = (event: BlackstartEvent): void => {
		log.write(event);
		junit.observe(event, EXPLORE_SCENARIO);
		page.observe(event, EXPLORE_SCENARIO);
	};
	try {
		const versions = { blackstart: readPackageVersion(), node: process.version };
		tell({ kind: 'run-started', id: folder.id, startedAt: startedAt.toISOString(), seed, options, versions, scenarios: [EXPLORE_SCENARIO] });
		for (const event of events) tell(event);
		const verdict = exitCode === EXIT_CODES.interrupted ? 'interrupted' : verdictOf(exitCode);
		tell({ kind: 'run-ended', verdict, wallMs: Math.round(seconds * 1000), exitCode });
		log.flush();
		page.write(join(folder.path, 'report.html'));
		pointLatest(folder);
		return relative(directory, folder.path) || '.';
	} finally {
		log.close();
		junit.close();
	}
};
