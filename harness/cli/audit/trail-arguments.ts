import type { Argv } from 'yargs';
import { UsageError } from '../usage-error.js';

export interface TrailArguments {
	readonly file: string;
	readonly seal: string | undefined;
}

/** The trail that a command is about, and its seal. */
export const declareTrail = (yargs: Argv<object>): Argv<TrailArguments> =>
	yargs
		.positional('file', { type: 'string', demandOption: true, describe: 'The trail, audit.jsonl of a run' })
		.option('seal', { type: 'string', requiresArg: true, describe: 'The seal, where it is not FILE.head', coerce: (given: unknown) => once('seal', given) });

/** A flag's one value. */
export const once = (flag: string, given: unknown): string | undefined => {
	if (Array.isArray(given)) throw new UsageError(`--${flag}: it was given ${given.length} times, once was expected`);
	return given as string | undefined;
};
