/** One test point of AVA's TAP, with the text of its YAML block. */
export interface TapPoint {
	readonly ok: boolean;
	readonly number: number;
	readonly title: string;
	readonly directive?: 'skip' | 'todo';
	/** Lines of the YAML block without its markers and indent. */
	readonly diagnostics: readonly string[];
}

/** Everything a stream of AVA's TAP came to. */
export interface AvaTap {
	readonly points: readonly TapPoint[];
	readonly plans: readonly number[];
	/** AVA's own totals after the plan: `pass`, `fail`, `skip`, `tests`. */
	readonly totals: Readonly<Record<string, number>>;
	/** Points that came after a plan. */
	readonly late: number;
	/** The stream stopped inside a YAML block. */
	readonly cutOff: boolean;
}

/**
 * Reads TAP 13 as AVA writes it, line by line: it does not escape `#` in titles, so only a bare ` # SKIP` or ` # TODO` at
 * the end of a line is a directive; logs are comments, and are dropped; the plan comes last.
 */
export class AvaTapReader {
	readonly #points: TapPoint[] = [];
	readonly #plans: number[] = [];
	readonly #totals: Record<string, number> = {};
	#open: (TapPoint & { readonly diagnostics: string[] }) | undefined;
	#inBlock = false;
	#late = 0;

	/** The point that this line ended, if it ended one: a point is whole when the next line outside of it comes. */
	read(line: string): TapPoint | undefined {
		if (this.#inBlock) {
			if (line === '  ...') this.#inBlock = false;
			else this.#open?.diagnostics.push(line.replace(/^ {1,4}/, ''));
			return undefined;
		}
		if (line === '  ---' && this.#open) {
			this.#inBlock = true;
			return undefined;
		}
		const point = /^(not )?ok (\d+)(?: - (.*?))??( # (?:SKIP|TODO))?$/.exec(line);
		if (point) return this.#begin(point);
		const plan = /^1\.\.(\d+)$/.exec(line);
		if (plan) {
			this.#plans.push(Number(plan[1]));
			return this.#finish();
		}
		const total = this.#plans.length > 0 ? /^# (tests|pass|skip|fail) (\d+)$/.exec(line) : null;
		if (total?.[1] !== undefined) this.#totals[total[1]] = Number(total[2]);
		return undefined;
	}

	/** Ends the stream. `last` is the point it ended, if any. */
	end(): AvaTap & { readonly last: TapPoint | undefined } {
		const last = this.#finish();
		return { points: this.#points, plans: this.#plans, totals: this.#totals, late: this.#late, cutOff: this.#inBlock, last };
	}

	#begin(match: RegExpExecArray): TapPoint | undefined {
		const finished = this.#finish();
		if (this.#plans.length > 0) this.#late += 1;
		const directive = match[4] === undefined ? undefined : match[4].endsWith('SKIP') ? 'skip' : 'todo';
		const facts = { ok: match[1] === undefined, number: Number(match[2]), title: match[3] ?? '', diagnostics: [] };
		this.#open = directive === undefined ? facts : { ...facts, directive };
		return finished;
	}

	#finish(): TapPoint | undefined {
		const finished = this.#open;
		if (finished) this.#points.push(finished);
		this.#open = undefined;
		return finished;
	}
}

/**
 * Why this stream and AVA's exit code cannot be believed, one line each; empty where they agree. Tests that failed are no
 * finding. AVA counts crashed files as points but not in its plan; that surplus is accepted where its own totals explain it.
 */
export const judgeAvaTap = (tap: AvaTap, { exitCode }: { readonly exitCode: number | string }): string[] => {
	const { points, plans, totals, late, cutOff } = tap;
	const [plan] = plans;
	const failed = points.filter(({ ok, directive }) => !ok && directive !== 'todo').length;
	const last = points.at(-1);
	const findings: string[] = [];
	if (plan === undefined) findings.push(`the TAP ended without its plan, ${last ? `after test ${last.number} (${last.title})` : 'and without any test'}`);
	if (plans.length > 1) findings.push(`the TAP has ${plans.length} plans, wanted one`);
	if (cutOff) findings.push('the TAP ended inside the diagnostics of a test');
	if (late > 0) findings.push(`${late} tests came after the plan`);
	if (plan !== undefined && plan !== points.length && !isExplainedByCrashes(tap)) findings.push(`the plan says ${plan} tests, ${points.length} came`);
	if (plan === 0 && points.length === 0) findings.push('no test ran');
	const misnumbered = points.find(({ number }, index) => number !== index + 1);
	if (misnumbered) findings.push(`test ${misnumbered.number} (${misnumbered.title}) is out of order`);
	if (plan !== undefined) findings.push(...compareTotals(points, totals));
	if (exitCode !== 0 && failed === 0) findings.push(`AVA ended with ${exitCode}, but no test failed`);
	if (exitCode === 0 && failed > 0) findings.push(`AVA ended with 0, but ${failed} tests failed`);
	return findings;
};

const isExplainedByCrashes = ({ points, plans, totals }: AvaTap): boolean => {
	const notOk = points.filter(({ ok }) => !ok).length;
	return points.length > (plans[0] ?? 0) && notOk >= points.length - (plans[0] ?? 0) && totals.fail === notOk;
};

const compareTotals = (points: readonly TapPoint[], totals: AvaTap['totals']): string[] => {
	const seen = {
		pass: points.filter(({ ok, directive }) => ok && directive === undefined).length,
		fail: points.filter(({ ok }) => !ok).length,
		skip: points.filter(({ directive }) => directive === 'skip').length,
	};
	return Object.entries(seen)
		.filter(([name, count]) => (totals[name] ?? (name === 'skip' ? 0 : undefined)) !== count)
		.map(([name, count]) => `AVA's total of ${name} says ${totals[name] ?? 'nothing'}, ${count} came`);
};
