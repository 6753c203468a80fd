import { type Document, isMap, isNode, isPair, isScalar, isSeq, LineCounter, type Node, parseDocument } from 'yaml';
import type { z } from 'zod';
import { nearestName } from '../nearest-name.js';

/** One thing wrong with a YAML file: where it stands, what was expected there and what came. */
export interface YamlProblem {
	/** From 1. */
	readonly line: number;
	/** Dotted path, such as `windows[0].timeZone`; the file's own word for the whole. */
	readonly key: string;
	readonly message: string;
}

export interface WrongKey {
	readonly path: readonly PropertyKey[];
	readonly message: string;
}

export interface YamlShape<Schema extends z.ZodType> {
	readonly schema: Schema;
	/** What the file is called where a problem is about all of it: `plan`. */
	readonly whole: string;
	/** What is wrong between keys that each are right. */
	readonly check: (data: z.output<Schema>) => readonly WrongKey[];
	/** The error that is thrown for problems, which come in the order of their lines. */
	readonly fail: (problems: readonly YamlProblem[]) => Error;
}

/** Larger texts are nothing that people write. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/** Reads YAML of a schema; every problem is told by line and key. */
export const readYaml = <Schema extends z.ZodType>(text: string, shape: YamlShape<Schema>): z.output<Schema> => {
	const { whole, fail } = shape;
	if (text.length > LARGEST_BYTES) throw fail([{ line: 1, key: whole, message: `at most ${LARGEST_BYTES} characters were expected, got ${text.length}` }]);
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const broken = [...document.errors, ...document.warnings];
	if (broken.length > 0) {
		throw fail(broken.map(({ pos, message }) => ({ line: lines.linePos(pos[0]).line, key: whole, message: `YAML was expected, got: ${message}` })));
	}
	const place = new Places(document, { lines, whole });
	const result = shape.schema.safeParse(toData(document, shape));
	if (!result.success) throw fail(inOrder(result.error.issues.flatMap((issue) => describeIssue(issue, { place, shape }))));
	const wrong = shape.check(result.data);
	if (wrong.length > 0) throw fail(inOrder(wrong.map(({ path, message }) => place.problem(path, message))));
	return result.data;
};

const toData = (document: Document, { whole, fail }: Pick<YamlShape<z.ZodType>, 'whole' | 'fail'>): unknown => {
	try {
		return document.toJS({ maxAliasCount: 100 });
	} catch (error) {
		// Aliases that grow without end, or point nowhere.
		if (!(error instanceof ReferenceError)) throw error;
		throw fail([{ line: 1, key: whole, message: `YAML whose aliases end was expected, got: ${error.message}` }]);
	}
};

type Path = readonly PropertyKey[];

const describeIssue = (
	issue: z.core.$ZodIssue,
	{ place, shape }: { readonly place: Places; readonly shape: Pick<YamlShape<z.ZodType>, 'schema' | 'whole'> },
): readonly YamlProblem[] => {
	if (issue.code === 'unrecognized_keys') {
		const known = knownKeys(issue.path, shape.schema);
		return issue.keys.map((key) => {
			const near = nearestName(key, known);
			return place.problem(
				[...issue.path, key],
				`a key of the ${shape.whole} was expected${near === undefined ? '' : `, did you mean ${near}?`}, got '${key}'`,
			);
		});
	}
	return [place.problem(issue.path, `${issue.message}, got ${place.shown(issue.path)}`)];
};

/** The keys that the schema knows at a path. */
const knownKeys = (path: Path, root: z.ZodType): readonly string[] => {
	let schema: unknown = root;
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

const inOrder = (problems: readonly YamlProblem[]): readonly YamlProblem[] => [...problems].sort((left, right) => left.line - right.line);

/** Where the keys of a document stand. */
class Places {
	readonly #document: Document;
	readonly #lines: LineCounter;
	readonly #whole: string;

	constructor(document: Document, { lines, whole }: { readonly lines: LineCounter; readonly whole: string }) {
		this.#document = document;
		this.#lines = lines;
		this.#whole = whole;
	}

	problem(path: Path, message: string): YamlProblem {
		return { line: this.#lineOf(path), key: path.length === 0 ? this.#whole : formatPath(path), message };
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
