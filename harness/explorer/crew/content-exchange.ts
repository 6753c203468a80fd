import type { FlashContents } from '../flash-contents.js';
import type { Mark, MarkTable } from '../mark-table.js';
import { Words } from './words.js';

/** What two machines need to know of each other's numbers, so that they can speak of states by them. */
export interface Definitions {
	/** One after the other: 0, page; 1, row, length, its pages; 2, set of marks, length, then kind, offset and length of each. */
	readonly words: Int32Array<ArrayBuffer>;
	/** The bytes of those pages, in order. */
	readonly pages: Uint8Array;
}

const PAGE = 0;
const ROW = 1;
const MARKS = 2;
const MARK_KINDS: readonly Mark['kind'][] = ['unreadable', 'weak', 'spent'];

/** Speaks of states in the numbers of its own machine, and says once what each of them stands for. */
export class ContentTeller {
	readonly #contents: FlashContents;
	readonly #marks: MarkTable;
	readonly #toldPages = new Marked();
	readonly #toldRows = new Marked();
	readonly #toldMarks = new Marked();
	readonly #words = new Words();
	#pages: Uint8Array[] = [];

	constructor(contents: FlashContents, marks: MarkTable) {
		this.#contents = contents;
		this.#marks = marks;
	}

	/** The number that stands at a place of a vector, its meaning being told. */
	tell(place: number, value: number): number {
		if (place < this.#contents.markPlace) this.#tellContent(value);
		else if (place === this.#contents.markPlace) this.#tellMarks(value);
		return value;
	}

	/** What was not told before. */
	take(): Definitions {
		const { pageSizeBytes } = this.#contents.store;
		const pages = new Uint8Array(this.#pages.length * pageSizeBytes);
		this.#pages.forEach((bytes, index) => {
			pages.set(bytes, index * pageSizeBytes);
		});
		this.#pages = [];
		return { words: this.#words.take(), pages };
	}

	#tellContent(content: number): void {
		const contents = this.#contents;
		if (!contents.isRow(content)) {
			if (!this.#toldPages.mark(content)) return;
			this.#push(PAGE, content);
			this.#pages.push(contents.store.bytes(content));
			return;
		}
		if (!this.#toldRows.mark(contents.rowNumber(content))) return;
		const row = contents.rowOf(content);
		for (const page of row) this.#tellContent(page);
		this.#push(ROW, content, row.length, ...row);
	}

	#tellMarks(set: number): void {
		if (set === 0 || !this.#toldMarks.mark(set)) return;
		const marks = this.#marks.marks(set);
		this.#push(MARKS, set, marks.length);
		for (const { kind, offsetBytes, lengthBytes } of marks) this.#push(MARK_KINDS.indexOf(kind), offsetBytes, lengthBytes);
	}

	#push(...words: readonly number[]): void {
		for (const word of words) this.#words.push(word);
	}
}

/** Numbers, each marked once. */
class Marked {
	#marks = new Uint8Array(1 << 10);

	/** False where it was marked before. */
	mark(number: number): boolean {
		if (number >= this.#marks.length) {
			const marks = new Uint8Array(2 * number);
			marks.set(this.#marks);
			this.#marks = marks;
		}
		if (this.#marks[number] === 1) return false;
		this.#marks[number] = 1;
		return true;
	}
}

/** Understands the numbers of another machine. */
export class ContentListener {
	readonly #contents: FlashContents;
	readonly #marks: MarkTable;
	readonly #own = new Map<number, number>();
	readonly #ownMarks = new Map([[0, 0]]);

	constructor(contents: FlashContents, marks: MarkTable) {
		this.#contents = contents;
		this.#marks = marks;
	}

	learn({ words, pages }: Definitions): void {
		const { pageSizeBytes } = this.#contents.store;
		let page = 0;
		for (let at = 0; at < words.length; ) {
			const kind = words[at];
			const number = words[at + 1] as number;
			if (kind === PAGE) {
				this.#own.set(number, this.#contents.internPage(pages.subarray(page * pageSizeBytes, (page + 1) * pageSizeBytes)));
				page++;
				at += 2;
				continue;
			}
			const length = words[at + 2] as number;
			at += 3;
			if (kind === ROW) {
				this.#own.set(number, this.#contents.internRow([...words.subarray(at, at + length)].map((each) => this.#own.get(each) as number)));
				at += length;
				continue;
			}
			const marks = Array.from({ length }, (_, index): Mark => {
				const [mark = 0, offsetBytes = 0, lengthBytes = 0] = words.subarray(at + 3 * index, at + 3 * index + 3);
				return { kind: MARK_KINDS[mark] as Mark['kind'], offsetBytes, lengthBytes };
			});
			this.#ownMarks.set(number, this.#marks.intern(marks));
			at += 3 * length;
		}
	}

	/** One's own number for what the other has at a place of a vector. */
	own(place: number, value: number): number {
		const { markPlace } = this.#contents;
		if (place > markPlace) return value;
		return (place === markPlace ? this.#ownMarks.get(value) : this.#own.get(value)) as number;
	}
}
