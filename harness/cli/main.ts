#!/usr/bin/env node
import { readPackageVersion } from './package-root.js';
import { runToEnd } from './run-to-end.js';

// Whoever reads this, such as `head`, may have read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') throw error;
});

const exitCode = await runToEnd(process.argv.slice(2), { directory: process.cwd(), version: readPackageVersion() });
if (exitCode !== undefined) process.exitCode = exitCode;
