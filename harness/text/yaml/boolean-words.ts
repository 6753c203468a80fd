import { type Document, isMap, isNode, isPair, isScalar, isSeq, type Node, Scalar } from 'yaml';
import type { WrongKey } from './places.js';

/** What YAML 1.1 readers take for booleans beside true and false. */
const BOOLEAN_WORD = /^(y|n|yes|no|on|off)$/i;

/** Plain words that one reader takes for text and another for a boolean. */
export const findBooleanWords = ({ contents }: Document): readonly WrongKey[] => {
	const wrong: WrongKey[] = [];
	const visit = (node: Node | undefined, path: readonly PropertyKey[]): void => {
		if (isBooleanWord(node)) {
			const word = String(node.value);
			wrong.push({
				path,
				message: `a word that every YAML reader takes for text was expected, got ${word}: YAML 1.1 makes it a boolean ('${word}' in quotes is text)`,
			});
		}
		if (isSeq(node)) for (const [index, item] of node.items.entries()) visit(isNode(item) ? item : undefined, [...path, index]);
		if (!isMap(node)) return;
		for (const pair of node.items) {
			if (!isPair(pair) || !isScalar(pair.key)) continue;
			const here = [...path, String(pair.key.value)];
			visit(pair.key, here);
			visit(isNode(pair.value) ? pair.value : undefined, here);
		}
	};
	visit(contents ?? undefined, []);
	return wrong;
};

const isBooleanWord = (node: Node | undefined): node is Scalar => isScalar(node) && node.type === Scalar.PLAIN && BOOLEAN_WORD.test(String(node.value));
