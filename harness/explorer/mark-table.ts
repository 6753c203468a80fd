/** A stretch of flash that torn power left in a condition its bytes do not show. */
export interface Mark {
	/** `unreadable`: reads fail until the sector is erased. `weak`: each read may give another value. */
	readonly kind: 'unreadable' | 'weak';
	readonly offsetBytes: number;
	readonly lengthBytes: number;
}

/** Distinct sets of marks, each known by a number; 0 is the set of none. */
export class MarkTable {
	readonly #sets: (readonly Mark[])[] = [[]];
	readonly #numbers = new Map<string, number>([['', 0]]);

	marks(set: number): readonly Mark[] {
		return this.#sets[set] as readonly Mark[];
	}

	/** Reads of what some of them mark may come out one way or the other. */
	isWeak(set: number): boolean {
		return this.marks(set).some(({ kind }) => kind === 'weak');
	}

	with(set: number, mark: Mark): number {
		return this.#intern([...this.marks(set), mark]);
	}

	/** Without those that lie inside a stretch, as after its erase. */
	without(set: number, stretch: { readonly offsetBytes: number; readonly lengthBytes: number }): number {
		if (set === 0) return 0;
		const end = stretch.offsetBytes + stretch.lengthBytes;
		return this.#intern(this.marks(set).filter(({ offsetBytes }) => offsetBytes < stretch.offsetBytes || offsetBytes >= end));
	}

	#intern(marks: readonly Mark[]): number {
		const sorted = [...marks].sort((left, right) => left.offsetBytes - right.offsetBytes || left.lengthBytes - right.lengthBytes);
		const distinct = [...new Map(sorted.map((mark) => [`${mark.kind[0]}${mark.offsetBytes}+${mark.lengthBytes}`, mark])).entries()];
		const key = distinct.map(([text]) => text).join();
		const known = this.#numbers.get(key);
		if (known !== undefined) return known;
		this.#sets.push(distinct.map(([, mark]) => mark));
		this.#numbers.set(key, this.#sets.length - 1);
		return this.#sets.length - 1;
	}
}
