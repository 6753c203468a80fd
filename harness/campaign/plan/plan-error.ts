import type { YamlProblem } from '../../text/yaml/index.js';

/** One thing wrong with a plan: where it stands, what was expected there and what came. */
export type PlanProblem = YamlProblem;

/** A plan that cannot be carried out as written; the message has one line for each problem, `file:line: key: expected, got`. */
export class PlanError extends Error {
	override readonly name = 'PlanError';
	readonly code = 'plan';
	readonly file: string;
	readonly problems: readonly PlanProblem[];

	constructor(file: string, problems: readonly PlanProblem[]) {
		super(problems.map(({ line, key, message }) => `${file}:${line}: ${key}: ${message}`).join('\n'));
		this.file = file;
		this.problems = problems;
	}
}
