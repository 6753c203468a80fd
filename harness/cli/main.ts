#!/usr/bin/env node
import { readPackageVersion } from './package-root.js';
import { EXIT_CODES } from './run/outcome.js';
import { runToEnd } from './run-to-end.js';

// Whoever reads this, such as `head`, may have read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') throw error;
});

const exitCode = await runToEnd(process.argv.slice(2), { directory: process.cwd(), version: readPackageVersion() });
// What was interrupted ends here and now: while Node winds down by itself, one more signal would kill it without an exit code.
if (exitCode === EXIT_CODES.interrupted) process.exit(exitCode);
if (exitCode !== undefined) process.exitCode = exitCode;
