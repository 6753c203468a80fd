import { execa } from 'execa';
import { PowerError } from './power-error.js';

/** Runs a program to its end; its output. Rejects with a PowerError that holds what it complained about. */
export const runCommand = async (
	words: readonly string[],
	{ signal, env = {}, what }: { readonly signal: AbortSignal; readonly env?: Readonly<Record<string, string>>; readonly what: string },
): Promise<string> => {
	const [program = '', ...args] = words;
	const result = await execa(program, args, {
		env,
		cancelSignal: signal,
		reject: false,
		stdin: 'ignore',
		all: true,
		maxBuffer: 2 ** 20,
		forceKillAfterDelay: 500,
	});
	if (signal.aborted) throw signal.reason;
	if (result.exitCode === 0) return result.all;
	const why = result.exitCode === undefined ? result.shortMessage : `exit code ${result.exitCode}: ${result.all.trim().slice(-300)}`;
	throw new PowerError(result.code === 'ENOENT' ? 'unreachable' : 'refused', `${what}: ${program}: ${why}`);
};
