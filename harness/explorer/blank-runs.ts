import type { Geometry } from '../flash/index.js';
import { TupleMap } from './tuple-map.js';

/** A stretch of whole units, counted from where the search began. */
export interface UnitRun {
	readonly atBytes: number;
	readonly lengthBytes: number;
}

/** Units that read as erased, by the numbers of the pages that they lie in, each looked at once. */
export class BlankRuns {
	readonly #geometry: Geometry;
	readonly #numbers = new TupleMap();
	readonly #runs: (readonly UnitRun[])[] = [];

	constructor(geometry: Geometry) {
		this.#geometry = geometry;
	}

	/** Those of a stretch inside one page. `read`: its bytes. */
	of(stretch: { readonly page: number; readonly offsetBytes: number; readonly lengthBytes: number }, read: () => Uint8Array): readonly UnitRun[] {
		const { page, offsetBytes, lengthBytes } = stretch;
		let index = this.#numbers.find([page, offsetBytes, lengthBytes, 0, 0]);
		if (index < 0) {
			index = this.#runs.push(this.#find(read())) - 1;
			this.#numbers.put(index);
		}
		return this.#runs[index] as readonly UnitRun[];
	}

	#find(bytes: Uint8Array): readonly UnitRun[] {
		const { writeSizeBytes, erasedByte } = this.#geometry;
		const runs: UnitRun[] = [];
		let from = 0;
		for (let at = 0; at <= bytes.length; at += writeSizeBytes) {
			if (at < bytes.length && bytes.subarray(at, at + writeSizeBytes).every((byte) => byte === erasedByte)) continue;
			if (at > from) runs.push({ atBytes: from, lengthBytes: at - from });
			from = at + writeSizeBytes;
		}
		return runs;
	}
}
