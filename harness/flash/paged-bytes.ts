import type { PageStore } from './page-store.js';

/** Bytes as numbers of shared pages. It knows nothing of flash: any byte can become any other. */
export class PagedBytes {
	readonly #store: PageStore;
	readonly #pages: Int32Array;
	readonly #blank: number;

	constructor(options: { readonly store: PageStore; readonly sizeBytes: number; readonly erasedByte: 0xff | 0x00 }) {
		this.#store = options.store;
		this.#blank = options.store.erasedPage(options.erasedByte);
		this.#pages = new Int32Array(options.sizeBytes / options.store.pageSizeBytes).fill(this.#blank);
		for (const page of this.#pages) this.#store.retain(page);
	}

	copy(range: ByteRange): Uint8Array {
		const bytes = new Uint8Array(range.lengthBytes);
		this.#eachPart(range, ({ index, inPageBytes, partBytes, inRangeBytes }) => {
			bytes.set(this.#bytes(index).subarray(inPageBytes, inPageBytes + partBytes), inRangeBytes);
		});
		return bytes;
	}

	overwrite(offsetBytes: number, bytes: Uint8Array): void {
		this.#eachPart({ offsetBytes, lengthBytes: bytes.length }, ({ index, inPageBytes, partBytes, inRangeBytes }) => {
			const part = bytes.subarray(inRangeBytes, inRangeBytes + partBytes);
			this.#pages[index] = this.#store.replace(this.#pages[index] as number, { offsetBytes: inPageBytes, bytes: part });
		});
	}

	/** Makes whole pages blank. */
	blank(range: ByteRange): void {
		this.#eachPart(range, ({ index }) => this.#set(index, this.#blank));
	}

	/** Visits the bytes of a range, a page at a time, leaving out pages that are blank as a whole. */
	eachWritten(range: ByteRange, visit: (bytes: Uint8Array, inRangeBytes: number) => void): void {
		this.#eachPart(range, ({ index, inPageBytes, partBytes, inRangeBytes }) => {
			if (this.#pages[index] !== this.#blank) visit(this.#bytes(index).subarray(inPageBytes, inPageBytes + partBytes), inRangeBytes);
		});
	}

	/** Serials of whole pages and, in brackets, the bytes of parts. */
	key(range: ByteRange): string[] {
		const parts: string[] = [];
		this.#eachPart(range, ({ index, inPageBytes, partBytes }) => {
			const isWhole = partBytes === this.#store.pageSizeBytes;
			if (isWhole) parts.push(this.#store.serial(this.#pages[index] as number).toString(36));
			else parts.push(`(${Buffer.from(this.#bytes(index).subarray(inPageBytes, inPageBytes + partBytes)).toString('base64')})`);
		});
		return parts;
	}

	/** Page numbers, held for good on behalf of whoever keeps them. */
	snapshot(): Int32Array {
		for (const page of this.#pages) this.#store.retain(page);
		return this.#pages.slice();
	}

	/** Throws a RangeError unless the snapshot is of as many pages. */
	restore(pages: Int32Array): void {
		if (pages.length !== this.#pages.length) throw new RangeError(`snapshot: one of ${this.#pages.length} pages was expected, got ${pages.length}`);
		pages.forEach((page, index) => {
			if (this.#pages[index] !== page) this.#set(index, page);
		});
	}

	#bytes(index: number): Uint8Array {
		return this.#store.bytes(this.#pages[index] as number);
	}

	#set(index: number, page: number): void {
		this.#store.retain(page);
		this.#store.release(this.#pages[index] as number);
		this.#pages[index] = page;
	}

	#eachPart(range: ByteRange, visit: (part: PagePart) => void): void {
		const { pageSizeBytes } = this.#store;
		const end = range.offsetBytes + range.lengthBytes;
		for (let at = range.offsetBytes; at < end; ) {
			const index = Math.floor(at / pageSizeBytes);
			const inPageBytes = at - index * pageSizeBytes;
			const partBytes = Math.min(pageSizeBytes - inPageBytes, end - at);
			visit({ index, inPageBytes, partBytes, inRangeBytes: at - range.offsetBytes });
			at += partBytes;
		}
	}
}

export interface ByteRange {
	readonly offsetBytes: number;
	readonly lengthBytes: number;
}

/** Where a range meets a page. */
interface PagePart {
	readonly index: number;
	readonly inPageBytes: number;
	readonly partBytes: number;
	readonly inRangeBytes: number;
}
