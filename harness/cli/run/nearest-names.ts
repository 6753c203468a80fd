import { editDistance } from '../../text/index.js';

/** Up to three of `names` that `wanted` may have meant, nearest first; where it is like none of them, the nearest there are. */
export const nearestNames = (wanted: string, names: readonly string[]): readonly string[] => {
	const nearest = names
		.map((name) => ({ name, distance: name.includes(wanted) || wanted.includes(name) ? 1 : editDistance(wanted, name) }))
		.sort((one, other) => one.distance - other.distance || (one.name < other.name ? -1 : 1))
		.slice(0, 3);
	const alike = nearest.filter(({ name, distance }) => distance <= Math.max(2, Math.ceil(name.length / 2)));
	return (alike.length > 0 ? alike : nearest).map(({ name }) => name);
};
