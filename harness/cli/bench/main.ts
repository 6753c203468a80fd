import { fileURLToPath } from 'node:url';
import { UsageError } from '../usage-error.js';
import { runBench } from './bench-command.js';

const WRONG_USE = 2;
const HARNESS_FAILED = 3;

try {
	await runBench(process.argv.slice(2), { main: fileURLToPath(import.meta.url) });
} catch (error) {
	const wrongUse = error instanceof UsageError || (error instanceof Error && error.name === 'YError');
	process.stderr.write(`bench: ${error instanceof Error ? (wrongUse ? error.message : error.stack) : String(error)}\n`);
	process.exitCode = wrongUse ? WRONG_USE : HARNESS_FAILED;
}
