#!/usr/bin/env node
import { runCommandLine } from './command-line.js';
import { readPackageVersion } from './package-root.js';
import { UsageError } from './usage-error.js';

/** Exit codes of what no command came to say itself. */
const WRONG_USE = 2;
const HARNESS_FAILED = 3;

// Whoever reads this, such as `head`, may have read enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
	if (error.code !== 'EPIPE') throw error;
});

try {
	const exitCode = await runCommandLine(process.argv.slice(2), { directory: process.cwd(), version: readPackageVersion() });
	if (exitCode !== undefined) process.exitCode = exitCode;
} catch (error) {
	const wrongUse = error instanceof UsageError || (error instanceof Error && error.name === 'YError');
	const message = error instanceof Error ? error.message : String(error);
	process.stderr.write(
		wrongUse
			? `blackstart: ${message}\n`
			: `blackstart failed, which says nothing about the product: ${message}\n${process.env.BLACKSTART_DEBUG && error instanceof Error ? `${error.stack}\n` : ''}`,
	);
	process.exitCode = wrongUse ? WRONG_USE : HARNESS_FAILED;
}
