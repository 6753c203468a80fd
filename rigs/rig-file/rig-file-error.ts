import type { YamlProblem } from '../../harness/text/yaml/index.js';

/** One thing wrong with a rig file or with a board type it uses. */
export interface RigFileProblem extends YamlProblem {
	readonly file: string;
}

/** A rig file that cannot be used as written; the message has one line for each problem, `file:line: key: expected, got`. */
export class RigFileError extends Error {
	override readonly name = 'RigFileError';
	readonly code = 'rig-file';
	readonly problems: readonly RigFileProblem[];

	constructor(problems: readonly RigFileProblem[]) {
		super(problems.map(({ file, line, key, message }) => `${file}:${line}: ${key}: ${message}`).join('\n'));
		this.problems = problems;
	}
}
