import { join, relative } from 'node:path';
import { HtmlReport } from '../../../reports/index.js';
import { feedRun, findRunFolder } from './read-run-folder.js';
import type { ReportContext } from './report-command.js';

/** `blackstart report html`: writes a run's page again from its events. */
export const htmlCommand = async ({ dir }: { readonly dir?: string | undefined }, { directory }: ReportContext): Promise<number> => {
	const folder = findRunFolder(dir, { directory });
	const report = new HtmlReport();
	feedRun(folder, report);
	const path = join(folder, 'report.html');
	report.write(path);
	process.stdout.write(`${relative(directory, path)}\n`);
	return 0;
};
