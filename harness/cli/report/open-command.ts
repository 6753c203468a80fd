import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { UsageError } from '../usage-error.js';
import { findRunFolder } from './read-run-folder.js';
import type { ReportContext } from './report-command.js';

const OPENERS: Readonly<Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>>> = { darwin: ['open'], win32: ['cmd', '/c', 'start', ''] };

/** `blackstart report open`: shows a run's page in the browser of this machine; says where it lies in any case. */
export const openCommand = async ({ dir }: { readonly dir?: string | undefined }, { directory }: ReportContext): Promise<number> => {
	const folder = findRunFolder(dir, { directory });
	const path = join(folder, 'report.html');
	if (!existsSync(path)) throw new UsageError(`${path}: the run left no page; \`blackstart report html ${dir ?? ''}\` writes it`);
	process.stdout.write(`${path}\n`);
	const [command, ...values] = OPENERS[process.platform] ?? ['xdg-open'];
	const { failed } = await execa(command, [...values, path], { reject: false, stdio: 'ignore', timeout: 10_000 });
	if (failed) process.stderr.write(`${command} did not open it: open the file by hand\n`);
	return 0;
};
