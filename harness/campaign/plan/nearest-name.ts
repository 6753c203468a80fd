/** The one of `names` that `wanted` most likely meant; undefined where none is near. */
export const nearestName = (wanted: string, names: readonly string[]): string | undefined => {
	const [best] = names
		.map((name) => ({ name, distance: editDistance(wanted.toLowerCase(), name.toLowerCase()) }))
		.filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(name.length, wanted.length) / 2)))
		.sort((one, other) => one.distance - other.distance || (one.name < other.name ? -1 : 1));
	return best?.name;
};

/** Levenshtein's distance over at most the first 64 characters. */
const editDistance = (one: string, other: string): number => {
	const [left, right] = [one.slice(0, 64), other.slice(0, 64)];
	let row = Array.from({ length: right.length + 1 }, (_, index) => index);
	for (let i = 1; i <= left.length; i++) {
		const next = [i];
		for (let j = 1; j <= right.length; j++) {
			const substituted = (row[j - 1] ?? 0) + (left[i - 1] === right[j - 1] ? 0 : 1);
			next.push(Math.min(substituted, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
		}
		row = next;
	}
	return row[right.length] ?? 0;
};
