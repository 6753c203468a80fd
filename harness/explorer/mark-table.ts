/** A stretch of flash that torn power left in a condition its bytes do not show. */
export interface Mark {
	/**
	 * `unreadable`: reads fail until the sector is erased. `weak`: each read may give another value. `spent`: it reads as erased
	 * and takes no program until it is, on a part that is written once.
	 */
	readonly kind: 'unreadable' | 'weak' | 'spent';
	readonly offsetBytes: number;
	readonly lengthBytes: number;
}

interface Stretch {
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
		return this.intern([...this.marks(set), mark]);
	}

	/** The same whatever the pieces that a stretch was spent in. */
	withSpent(set: number, stretch: Stretch): number {
		let { offsetBytes: from } = stretch;
		let end = from + stretch.lengthBytes;
		const apart = this.marks(set).filter((mark) => {
			const markEnd = mark.offsetBytes + mark.lengthBytes;
			if (mark.kind !== 'spent' || mark.offsetBytes > end || markEnd < from) return true;
			from = Math.min(from, mark.offsetBytes);
			end = Math.max(end, markEnd);
			return false;
		});
		return this.intern([...apart, { kind: 'spent', offsetBytes: from, lengthBytes: end - from }]);
	}

	/** Without what of them lies inside a stretch, as after its erase. */
	without(set: number, stretch: Stretch): number {
		if (set === 0) return 0;
		const end = stretch.offsetBytes + stretch.lengthBytes;
		return this.intern(
			this.marks(set).flatMap(({ kind, offsetBytes, lengthBytes }) => {
				const markEnd = offsetBytes + lengthBytes;
				if (markEnd <= stretch.offsetBytes || offsetBytes >= end) return [{ kind, offsetBytes, lengthBytes }];
				return [
					{ kind, offsetBytes, lengthBytes: stretch.offsetBytes - offsetBytes },
					{ kind, offsetBytes: end, lengthBytes: markEnd - end },
				].filter((rest) => rest.lengthBytes > 0);
			}),
		);
	}

	/** The number of a set. */
	intern(marks: readonly Mark[]): number {
		const sorted = [...marks].sort(
			(left, right) => left.offsetBytes - right.offsetBytes || left.lengthBytes - right.lengthBytes || (left.kind < right.kind ? -1 : 1),
		);
		const distinct = [...new Map(sorted.map((mark) => [`${mark.kind[0]}${mark.offsetBytes}+${mark.lengthBytes}`, mark])).entries()];
		const key = distinct.map(([text]) => text).join();
		const known = this.#numbers.get(key);
		if (known !== undefined) return known;
		this.#sets.push(distinct.map(([, mark]) => mark));
		this.#numbers.set(key, this.#sets.length - 1);
		return this.#sets.length - 1;
	}
}
