import { editDistance } from './edit-distance.js';

/** A key of a hostile file may be as long as the file: what lies behind this many characters is not compared. */
const COMPARED = 64;

/** The one of `names` that `wanted` most likely meant; undefined where none is near. */
export const nearestName = (wanted: string, names: readonly string[]): string | undefined => {
	const [best] = names
		.map((name) => ({ name, distance: editDistance(compared(wanted), compared(name)) }))
		.filter(({ name, distance }) => distance <= Math.max(1, Math.floor(Math.max(name.length, wanted.length) / 2)))
		.sort((one, other) => one.distance - other.distance || (one.name < other.name ? -1 : 1));
	return best?.name;
};

const compared = (name: string): string => name.toLowerCase().slice(0, COMPARED);
