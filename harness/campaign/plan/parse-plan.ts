import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { checkPlan } from './check-plan.js';
import { nearestName } from './nearest-name.js';
import { PlanError, type PlanProblem } from './plan-error.js';
import { type CampaignPlan, planSchema } from './plan-schema.js';

/** Larger texts are no plan. */
const LARGEST_PLAN_BYTES = 4 * 1024 * 1024;

/** Reads a campaign plan from YAML; throws a PlanError that names every problem by file, line and key. */
export const parsePlan = (text: string, { file }: { readonly file: string }): CampaignPlan => {
	if (text.length > LARGEST_PLAN_BYTES)
		throw new PlanError(file, [{ line: 1, key: 'plan', message: `at most ${LARGEST_PLAN_BYTES} characters were expected, got ${text.length}` }]);
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const broken = [...document.errors, ...document.warnings];
	if (broken.length > 0)
		throw new PlanError(
			file,
			broken.map(({ pos, message }) => ({ line: lines.linePos(pos[0]).line, key: 'plan', message: `YAML was expected, got: ${message}` })),
		);
	const place = new Places(document, lines);
	const result = planSchema.safeParse(toData(document, file));
	if (!result.success) throw new PlanError(file, inOrder(result.error.issues.flatMap((issue) => describeIssue(issue, place))));
	const wrong = checkPlan(result.data);
	if (wrong.length > 0) throw new PlanError(file, inOrder(wrong.map(({ path, message }) => place.problem(path, message))));
	return result.data;
};

const toData = (document: Document, file: string): unknown => {
	try {
		return document.toJS({ maxAliasCount: 100 });
	} catch (error) {
		// Aliases that grow without end, or point nowhere.
		if (!(error instanceof ReferenceError)) throw error;
		throw new PlanError(file, [{ line: 1, key: 'plan', message: `YAML whose aliases end was expected, got: ${error.message}` }]);
	}
};

type Path = readonly PropertyKey[];

const describeIssue = (issue: z.core.$ZodIssue, place: Places): readonly PlanProblem[] => {
	if (issue.code === 'unrecognized_keys') {
		const known = knownKeys(issue.path);
		return issue.keys.map((key) => {
			const near = nearestName(key, known);
			return place.problem([...issue.path, key], `a key of the plan was expected${near === undefined ? '' : `, did you mean ${near}?`}, got '${key}'`);
		});
	}
	return [place.problem(issue.path, `${issue.message}, got ${place.shown(issue.path)}`)];
};

/** The keys that the schema knows at a path. */
const knownKeys = (path: Path): readonly string[] => {
	let schema: unknown = planSchema;
	for (const step of path) schema = childOf(unwrap(schema), step);
	const { shape } = unwrap(schema) as { readonly shape?: object };
	return shape === undefined ? [] : Object.keys(shape);
};

const childOf = (schema: unknown, step: PropertyKey): unknown => {
	const { shape, element } = schema as { readonly shape?: Readonly<Record<PropertyKey, unknown>>; readonly element?: unknown };
	return shape?.[step] ?? element;
};

/** What an optional, defaulted or preprocessed schema is made around. */
const unwrap = (schema: unknown): unknown => {
	let inner = schema as { readonly def?: { readonly innerType?: unknown; readonly out?: unknown; readonly type?: string } } | undefined;
	while (inner?.def?.innerType !== undefined || inner?.def?.type === 'pipe') inner = (inner.def.innerType ?? inner.def.out) as typeof inner;
	return inner ?? {};
};

const inOrder = (problems: readonly PlanProblem[]): readonly PlanProblem[] => [...problems].sort((left, right) => left.line - right.line);

/** Where the keys of a document stand. */
class Places {
	readonly #document: Document;
	readonly #lines: LineCounter;

	constructor(document: Document, lines: LineCounter) {
		this.#document = document;
		this.#lines = lines;
	}

	problem(path: Path, message: string): PlanProblem {
		return { line: this.#lineOf(path), key: path.length === 0 ? 'plan' : formatPath(path), message };
	}

	/** What stands there, short enough for one line. */
	shown(path: Path): string {
		const node = this.#find(path).node;
		if (node === undefined) return 'nothing';
		if (isMap(node)) return 'a mapping';
		if (isSeq(node)) return `a list of ${node.items.length}`;
		const value = isScalar(node) ? node.value : undefined;
		if (value === null || value === undefined || value === '') return 'nothing';
		return typeof value === 'string' ? `'${value.slice(0, 60)}'` : String(value).slice(0, 60);
	}

	#lineOf(path: Path): number {
		return this.#lines.linePos(this.#find(path).offset).line || 1;
	}

	/** The node at a path, and where it, or the deepest one above it that exists, begins. */
	#find(path: Path): { readonly node: Node | undefined; readonly offset: number } {
		let node: Node | undefined = this.#document.contents ?? undefined;
		let offset = node?.range?.[0] ?? 0;
		for (const step of path) {
			const entry: { readonly node: Node | undefined; readonly offset: number | undefined } = childNode(node, step);
			if (entry.offset !== undefined) offset = entry.offset;
			node = entry.node;
			if (entry.offset === undefined) break;
		}
		return { node, offset };
	}
}

const childNode = (node: Node | undefined, step: PropertyKey): { readonly node: Node | undefined; readonly offset: number | undefined } => {
	if (isMap(node)) {
		for (const pair of node.items) {
			if (!isPair(pair) || !isScalar(pair.key) || String(pair.key.value) !== String(step)) continue;
			return { node: isNode(pair.value) ? pair.value : undefined, offset: pair.key.range?.[0] };
		}
	}
	if (isSeq(node)) {
		const item = node.items[Number(step)];
		if (isNode(item)) return { node: item, offset: item.range?.[0] };
	}
	return { node: undefined, offset: undefined };
};

const formatPath = (path: Path): string =>
	path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`)).join('');
