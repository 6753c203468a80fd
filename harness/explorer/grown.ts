/** A copy with room for twice as much. */
export const grown = (values: Int32Array): Int32Array<ArrayBuffer> => {
	const larger = new Int32Array(2 * values.length);
	larger.set(values);
	return larger;
};
