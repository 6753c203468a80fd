import { join } from 'node:path';
import { HtmlReport } from '../../../reports/index.js';
import { feedLog } from './feed-log.js';

/** Writes the page of a run's folder from the events that lie there. */
export const writePage = (folder: string): void => {
	const report = new HtmlReport();
	feedLog(join(folder, 'events.jsonl'), report);
	report.write(join(folder, 'report.html'));
};
