/** A backslash with what it quotes, a set, or what opens a capturing group, with its name where it has one. */
const PARTS = /\\.|\[(?:\\.|[^\]])*\]|\((?:\?<(?![=!])(\w+)>|(?!\?))/gs;

/** The named groups of a pattern by their names, given what all its groups matched, in order. */
export const nameGroups = (pattern: RegExp, groups: readonly (string | undefined)[]): Readonly<Record<string, string>> => {
	const named: Record<string, string> = {};
	let group = 0;
	for (const [part, name] of pattern.source.matchAll(PARTS)) {
		if (!part.startsWith('(')) continue;
		const value = groups[group++];
		if (name !== undefined && value !== undefined) named[name] = value;
	}
	return named;
};
