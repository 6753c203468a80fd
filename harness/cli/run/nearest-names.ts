/** Up to three of `names` that `wanted` may have meant, nearest first; where it is like none of them, the nearest there are. */
export const nearestNames = (wanted: string, names: readonly string[]): readonly string[] => {
	const nearest = names
		.map((name) => ({ name, distance: name.includes(wanted) || wanted.includes(name) ? 1 : editDistance(wanted, name) }))
		.sort((one, other) => one.distance - other.distance || (one.name < other.name ? -1 : 1))
		.slice(0, 3);
	const alike = nearest.filter(({ name, distance }) => distance <= Math.max(2, Math.ceil(name.length / 2)));
	return (alike.length > 0 ? alike : nearest).map(({ name }) => name);
};

/** Levenshtein's distance: insertions, deletions and substitutions between two words. */
const editDistance = (one: string, other: string): number => {
	let row = Array.from({ length: other.length + 1 }, (_, index) => index);
	for (let i = 1; i <= one.length; i++) {
		const next = [i];
		for (let j = 1; j <= other.length; j++) {
			const substituted = (row[j - 1] ?? 0) + (one[i - 1] === other[j - 1] ? 0 : 1);
			next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[other.length] ?? 0;
};
