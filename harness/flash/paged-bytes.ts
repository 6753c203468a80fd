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
		const { pageSizeBytes } = this.#store;
		const first = Math.floor(range.offsetBytes / pageSizeBytes);
		const inFirstBytes = range.offsetBytes - first * pageSizeBytes;
		if (inFirstBytes + range.lengthBytes <= pageSizeBytes) return this.#bytes(first).slice(inFirstBytes, inFirstBytes + range.lengthBytes);
		const bytes = new Uint8Array(range.lengthBytes);
		this.#eachPart(range, ({ index, inPageBytes, partBytes, inRangeBytes }) => {
			bytes.set(this.#bytes(index).subarray(inPageBytes, inPageBytes + partBytes), inRangeBytes);
		});
		return bytes;
	}

	overwrite(offsetBytes: number, bytes: Uint8Array): void {
		const { pageSizeBytes } = this.#store;
		let index = Math.floor(offsetBytes / pageSizeBytes);
		let inPageBytes = offsetBytes - index * pageSizeBytes;
		for (let at = 0; at < bytes.length; ) {
			const partBytes = Math.min(pageSizeBytes - inPageBytes, bytes.length - at);
			const part = partBytes === bytes.length ? bytes : bytes.subarray(at, at + partBytes);
			this.#pages[index] = this.#store.replace(this.#pages[index] as number, { offsetBytes: inPageBytes, bytes: part });
			at += partBytes;
			index++;
			inPageBytes = 0;
		}
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

	/** True where a range holds those bytes. */
	isEqual(offsetBytes: number, bytes: Uint8Array): boolean {
		let isEqual = true;
		this.#eachPart({ offsetBytes, lengthBytes: bytes.length }, ({ index, inPageBytes, partBytes, inRangeBytes }) => {
			// Native, and without a view of either: what was programmed is read back for every block of every device.
			isEqual &&= Buffer.prototype.compare.call(this.#bytes(index), bytes, inRangeBytes, inRangeBytes + partBytes, inPageBytes, inPageBytes + partBytes) === 0;
		});
		return isEqual;
	}

	/** Serials of whole pages, eight bytes each, between the bytes of the parts of pages at both ends: of one length for all ranges that begin alike. */
	key(range: ByteRange): string {
		const { pageSizeBytes } = this.#store;
		const serials: number[] = [];
		const parts = ['', ''];
		this.#eachPart(range, ({ index, inPageBytes, partBytes }) => {
			if (partBytes === pageSizeBytes) serials.push(this.#store.serial(this.#pages[index] as number));
			else parts[serials.length === 0 && inPageBytes > 0 ? 0 : 1] += asText(this.#bytes(index).subarray(inPageBytes, inPageBytes + partBytes));
		});
		return `${parts[0]}${asText(new Uint8Array(Float64Array.from(serials).buffer))}${parts[1]}`;
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

/** One character a byte: a key made of digits would take ten times as long. */
const asText = (bytes: Uint8Array): string => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');

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
