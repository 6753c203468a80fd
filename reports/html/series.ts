/** Changes of counts over time, gathered in any order and read as steps; as few instants as show them well. */
export class Series {
	readonly #at: number[] = [];
	readonly #name: number[] = [];
	readonly #by: number[] = [];
	readonly #names: string[] = [];
	readonly #numbers = new Map<string, number>();

	add(at: number, name: string, by: number): void {
		let number = this.#numbers.get(name);
		if (number === undefined) {
			number = this.#names.length;
			this.#numbers.set(name, number);
			this.#names.push(name);
		}
		this.#at.push(at);
		this.#name.push(number);
		this.#by.push(by);
	}

	/** Instants of the changes, ascending. */
	get instants(): Float64Array {
		return Float64Array.from(this.#at).sort();
	}

	/** At each of `instants` the sum of the changes up to it, or since the one before. */
	read(instants: readonly number[], { running }: { readonly running: boolean }): Record<string, number[]> {
		const columns = this.#names.map(() => new Array<number>(instants.length).fill(0));
		for (let index = 0; index < this.#at.length; index++) {
			const slot = firstNotBefore(instants, this.#at[index] as number);
			const column = columns[this.#name[index] as number] as number[];
			column[slot] = (column[slot] as number) + (this.#by[index] as number);
		}
		if (running)
			for (const column of columns) for (let slot = 1; slot < column.length; slot++) column[slot] = (column[slot] as number) + (column[slot - 1] as number);
		return Object.fromEntries(this.#names.map((name, number) => [name, columns[number] as number[]]));
	}
}

/** At most about `most` of the instants, close together where much changes, and the last one. */
export const thinInstants = (instants: Float64Array, most: number): readonly number[] => {
	const last = instants.at(-1) ?? 0;
	const kept: number[] = [0];
	const changes = Math.max(1, instants.length / (most / 2));
	const gapMs = last / (most / 2);
	let since = 0;
	for (const [index, at] of instants.entries()) {
		since++;
		const before = kept.at(-1) as number;
		if (at === before || instants[index + 1] === at) continue;
		if (since < changes && at - before < gapMs) continue;
		kept.push(at);
		since = 0;
	}
	if (kept.at(-1) !== last) kept.push(last);
	return kept;
};

const firstNotBefore = (instants: readonly number[], at: number): number => {
	let low = 0;
	let high = instants.length - 1;
	while (low < high) {
		const middle = (low + high) >> 1;
		if ((instants[middle] as number) < at) low = middle + 1;
		else high = middle;
	}
	return low;
};
