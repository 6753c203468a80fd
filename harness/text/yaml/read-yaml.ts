import { LineCounter, parseDocument, type YAMLError } from 'yaml';
import type { z } from 'zod';
import { nearestName } from '../nearest-name.js';
import { findBooleanWords } from './boolean-words.js';
import { knownKeys } from './known-keys.js';
import { Places, type WrongKey, type YamlProblem } from './places.js';

export interface YamlShape<Schema extends z.ZodType> {
	readonly schema: Schema;
	/** What the file is called where a problem is about all of it: `plan`. */
	readonly whole: string;
	/** Keys whose values are told to nobody. */
	readonly secretKeys?: readonly string[];
	/** Refuses plain words that YAML 1.1 readers take for booleans (`on`, `off`, `yes`, `no`), as keys and as values. */
	readonly refuseBooleanWords?: boolean;
}

export interface CheckedYamlShape<Schema extends z.ZodType> extends YamlShape<Schema> {
	/** What is wrong between keys that each are right. */
	readonly check: (data: z.output<Schema>) => readonly WrongKey[];
	/** The error that is thrown for problems, which come in the order of their lines. */
	readonly fail: (problems: readonly YamlProblem[]) => Error;
}

/** A file as far as it can be read. */
export interface InspectedYaml<Data> {
	/** Undefined where a problem was found. */
	readonly data: Data | undefined;
	/** As written; undefined where it is no YAML. */
	readonly raw: unknown;
	/** In the order of their lines. */
	readonly problems: readonly YamlProblem[];
	/** Gives what is wrong with a key its line. */
	locate(wrong: WrongKey): YamlProblem;
}

/** Larger texts are nothing that people write. */
const LARGEST_BYTES = 4 * 1024 * 1024;

/** Reads YAML of a schema; every problem is told by line and key. */
export const readYaml = <Schema extends z.ZodType>(text: string, shape: CheckedYamlShape<Schema>): z.output<Schema> => {
	const { data, problems, locate } = inspectYaml(text, shape);
	if (data === undefined || problems.length > 0) throw shape.fail(problems);
	const wrong = shape.check(data);
	if (wrong.length > 0) throw shape.fail(inOrder(wrong.map(locate)));
	return data;
};

/** Reads YAML of a schema as far as that goes. */
export const inspectYaml = <Schema extends z.ZodType>(text: string, shape: YamlShape<Schema>): InspectedYaml<z.output<Schema>> => {
	const { whole } = shape;
	const unreadable = (problems: readonly YamlProblem[]) => ({
		data: undefined,
		raw: undefined,
		problems,
		locate: ({ message }: WrongKey) => ({ line: 1, key: whole, message }),
	});
	if (text.length > LARGEST_BYTES)
		return unreadable([{ line: 1, key: whole, message: `at most ${LARGEST_BYTES} characters were expected, got ${text.length}` }]);
	const lines = new LineCounter();
	const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
	const broken = [...document.errors, ...document.warnings];
	if (broken.length > 0) {
		return unreadable(broken.map((error) => ({ line: lines.linePos(error.pos[0]).line, key: whole, message: explain(error, text) })));
	}
	let raw: unknown;
	try {
		raw = document.toJS({ maxAliasCount: 100 });
	} catch (error) {
		// Aliases that grow without end, or point nowhere.
		if (!(error instanceof ReferenceError)) throw error;
		return unreadable([{ line: 1, key: whole, message: `YAML whose aliases end was expected, got: ${error.message}` }]);
	}
	const place = new Places(document, { lines, whole, secretKeys: shape.secretKeys ?? [] });
	const locate = ({ path, message }: WrongKey): YamlProblem => place.problem(path, message);
	const result = shape.schema.safeParse(raw);
	const problems = (result.error?.issues ?? []).flatMap((issue) => describeIssue(issue, { place, shape, raw }));
	const told = new Set(problems.map(({ key }) => key));
	const words = shape.refuseBooleanWords === true ? findBooleanWords(document).map(locate) : [];
	problems.push(...words.filter(({ key }) => !told.has(key)));
	return { data: result.success && problems.length === 0 ? result.data : undefined, raw, problems: inOrder(problems), locate };
};

/** In words of the file, where the parser's are of its own interface. */
const explain = ({ code, message, pos }: YAMLError, text: string): string => {
	if (code === 'MULTIPLE_DOCS') return 'one document was expected, got another behind ---';
	if (code !== 'DUPLICATE_KEY') return `YAML was expected, got: ${message}`;
	const [, name = ''] = /^["']?([^\s"':]+)/.exec(text.slice(pos[0])) ?? [];
	return `every key once was expected, got ${name} again`;
};

const describeIssue = (
	issue: z.core.$ZodIssue,
	{ place, shape, raw }: { readonly place: Places; readonly shape: YamlShape<z.ZodType>; readonly raw: unknown },
): readonly YamlProblem[] => {
	if (issue.code === 'unrecognized_keys') {
		const known = knownKeys(issue.path, { schema: shape.schema, raw });
		return issue.keys.map((key) => {
			const near = nearestName(key, known);
			return place.problem(
				[...issue.path, key],
				`a key of the ${shape.whole} was expected${near === undefined ? '' : `, did you mean ${near}?`}, got '${key}'`,
			);
		});
	}
	if (issue.code === 'invalid_key') return [place.problem(issue.path, `${issue.issues[0]?.message ?? issue.message}, got '${String(issue.path.at(-1))}'`)];
	return [place.problem(issue.path, `${issue.message}, got ${place.shown(issue.path)}`)];
};

/** A value that is wrong in two ways may be told in the same words: once is enough. */
const inOrder = (problems: readonly YamlProblem[]): readonly YamlProblem[] => {
	const isFirst = ({ line, key, message }: YamlProblem, index: number): boolean =>
		problems.findIndex((other) => other.line === line && other.key === key && other.message === message) === index;
	return problems.filter(isFirst).sort((left, right) => left.line - right.line);
};
