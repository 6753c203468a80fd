/**
 * What is due when: entries by whole-millisecond instant, in the order they were added within one instant.
 * A heap holds each instant once; the entries of an instant are a plain list, so that thousands of timers
 * that fall together cost one heap operation.
 */
export class InstantQueue<Entry> {
	readonly #byInstant = new Map<number, Entry[]>();
	#instants: number[] = [];
	#size = 0;

	/** Entries in all. */
	get size(): number {
		return this.#size;
	}

	/** The entries of the earliest instant, or undefined. */
	get next(): readonly Entry[] | undefined {
		return this.#byInstant.get(this.#instants[0] as number);
	}

	/** The earliest instant that holds entries, or undefined. */
	get nextMs(): number | undefined {
		return this.#instants[0];
	}

	add(instantMs: number, entry: Entry): void {
		this.#size++;
		const entries = this.#byInstant.get(instantMs);
		if (entries) {
			entries.push(entry);
			return;
		}
		this.#byInstant.set(instantMs, [entry]);
		this.#siftUp(instantMs);
	}

	/** Removes the earliest instant and returns its entries. */
	takeNext(): Entry[] {
		const instant = this.#instants[0];
		if (instant === undefined) return [];
		const last = this.#instants.pop() as number;
		if (this.#instants.length > 0) this.#siftDown(last);
		const entries = this.#byInstant.get(instant) as Entry[];
		this.#byInstant.delete(instant);
		this.#size -= entries.length;
		return entries;
	}

	/** Removes all entries but those. */
	keep(isKept: (entry: Entry) => boolean): void {
		this.#size = 0;
		for (const [instant, entries] of this.#byInstant) {
			const kept = entries.filter(isKept);
			this.#size += kept.length;
			if (kept.length > 0) this.#byInstant.set(instant, kept);
			else this.#byInstant.delete(instant);
		}
		// Ascending order is a heap.
		this.#instants = [...this.#byInstant.keys()].sort((left, right) => left - right);
	}

	#siftUp(instant: number): void {
		const heap = this.#instants;
		let index = heap.length;
		heap.push(instant);
		while (index > 0) {
			const parent = (index - 1) >> 1;
			if ((heap[parent] as number) <= instant) break;
			heap[index] = heap[parent] as number;
			index = parent;
		}
		heap[index] = instant;
	}

	#siftDown(instant: number): void {
		const heap = this.#instants;
		const { length } = heap;
		let index = 0;
		for (let child = 1; child < length; child = 2 * index + 1) {
			if (child + 1 < length && (heap[child + 1] as number) < (heap[child] as number)) child++;
			if ((heap[child] as number) >= instant) break;
			heap[index] = heap[child] as number;
			index = child;
		}
		heap[index] = instant;
	}
}
