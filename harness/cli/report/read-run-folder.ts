import { existsSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Reporter } from '../../../reports/index.js';
import { feedLog } from '../run/feed-log.js';
import { UsageError } from '../usage-error.js';

const LOG = /\.jsonl$/;
export const LATEST_RUN = 'reports/runs/latest';

/** The folder of a run, absolute; the newest where none is named. Throws a UsageError where there is none. */
export const findRunFolder = (typed: string = LATEST_RUN, { directory }: { readonly directory: string }): string => {
	const folder = resolve(directory, typed);
	if (!existsSync(join(folder, 'events.jsonl'))) throw new UsageError(`${typed}: a folder of a run was expected, which holds events.jsonl; there is none`);
	return folder;
};

/** Tells a report all that a run left, also one that was killed: scenarios that it was in the middle of come from their own logs. */
export const feedRun = (folder: string, report: Pick<Reporter, 'observe'>): void => {
	try {
		const told = feedLog(join(folder, 'events.jsonl'), report);
		const partial = join(folder, 'partial');
		if (!existsSync(partial)) return;
		const rest = readdirSync(partial).filter((name) => LOG.test(name) && !told.has(name.replace(LOG, '')));
		for (const name of rest.sort()) feedLog(join(partial, name), report);
	} catch (cause) {
		throw cause instanceof TypeError ? new UsageError(`${folder}: its log is none of blackstart's: ${cause.message}`, { cause }) : cause;
	}
};
