import { type Document, isMap, isNode, isPair, isScalar, isSeq, type LineCounter, type Node } from 'yaml';

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

type Path = readonly PropertyKey[];

/** Where the keys of a document stand. */
export class Places {
	readonly #document: Document;
	readonly #lines: LineCounter;
	readonly #whole: string;
	readonly #secretKeys: readonly string[];

	constructor(
		document: Document,
		{ lines, whole, secretKeys }: { readonly lines: LineCounter; readonly whole: string; readonly secretKeys: readonly string[] },
	) {
		this.#document = document;
		this.#lines = lines;
		this.#whole = whole;
		this.#secretKeys = secretKeys;
	}

	problem(path: Path, message: string): YamlProblem {
		return { line: this.#lineOf(path), key: path.length === 0 ? this.#whole : formatPath(path), message };
	}

	/** What stands there, short enough for one line. */
	shown(path: Path): string {
		const node = this.#find(path).node;
		if (node === undefined) return 'nothing';
		if (path.some((step) => this.#secretKeys.includes(String(step)))) return 'a value that is not shown';
		if (isMap(node)) return node.items.length === 0 ? 'an empty mapping' : 'a mapping';
		if (isSeq(node)) return `a list of ${node.items.length}`;
		const value = isScalar(node) ? node.value : undefined;
		if (value === null || value === undefined || value === '') return 'nothing';
		return typeof value === 'string'
			? `'${hideCredentials(value)
					.slice(0, 60)
					.replaceAll(/\p{Cc}/gu, '\ufffd')}'`
			: String(value).slice(0, 60);
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

/** What stands before the host of an address is told to nobody. */
const hideCredentials = (value: string): string => value.replaceAll(/:\/\/[^/@\s]*@/g, '://…@');

const formatPath = (path: Path): string =>
	path.map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${String(step)}`)).join('');
