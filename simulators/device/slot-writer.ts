import type { Device } from './device.js';
import type { Region } from './profile.js';
import type { UpdateJournal } from './storage/index.js';

/**
 * Writes an image into a slot chunk by chunk: a chunk is as many whole sectors as a block needs, erased just before
 * its first block, and marked in the journal once all of it is written and reads back right. What was begun and not
 * marked is erased and fetched again, so that nothing is programmed twice on flash that forbids it.
 */
export class SlotWriter {
	readonly slot: 'a' | 'b';
	readonly blocksPerChunk: number;
	readonly #device: WritingDevice;
	readonly #region: Region;
	readonly #chunkBytes: number;
	readonly #options: SlotWriterOptions;
	/** Blocks of chunks that are written in part, by chunk. In memory: a reset forgets them. */
	readonly #partial = new Map<number, Set<number>>();

	constructor(device: WritingDevice, options: SlotWriterOptions) {
		const { layout, download, flash } = device.profile;
		this.#device = device;
		this.#options = options;
		this.slot = options.slot;
		this.#region = options.slot === 'a' ? layout.slotA : layout.slotB;
		const sectorBytes = (flash.sectors.at(-1) as { sizeBytes: number }).sizeBytes;
		this.#chunkBytes = Math.max(sectorBytes, download.blockSizeBytes);
		this.blocksPerChunk = this.#chunkBytes / download.blockSizeBytes;
	}

	/** Notes the update in the journal, in place of any other. */
	begin(): void {
		const { journal, job, digest, sizeBytes, slot } = this.#options;
		journal.begin({ job, digest, sizeBytes, blockSizeBytes: this.#chunkBytes, slot });
	}

	hasBlock(block: number): boolean {
		const chunk = Math.floor(block / this.blocksPerChunk);
		return this.#options.journal.hasBlock(chunk) || (this.#partial.get(chunk)?.has(block) ?? false);
	}

	write(block: number, bytes: Uint8Array): void {
		const { flash, profile } = this.#device;
		const chunk = Math.floor(block / this.blocksPerChunk);
		const offsetBytes = this.#region.offsetBytes + block * profile.download.blockSizeBytes;
		const written = this.#partial.get(chunk) ?? this.#eraseChunk(chunk);
		const padded = padToUnit(bytes, { unitBytes: profile.flash.writeSizeBytes, filler: profile.flash.erasedByte });
		flash.program(offsetBytes, padded);
		if (!flash.isHolding(offsetBytes, padded)) {
			// The supply sagged and the flash took wrong bits: the chunk is fetched again.
			this.#partial.delete(chunk);
			this.#device.tally.errors++;
			return;
		}
		written.add(block);
		if (written.size < this.#blocksOf(chunk)) return;
		// Where its marks are full the journal knows the chunk until the next reset.
		this.#options.journal.markBlock(chunk);
		this.#partial.delete(chunk);
	}

	#eraseChunk(chunk: number): Set<number> {
		const written = new Set<number>();
		this.#device.flash.erase(this.#region.offsetBytes + chunk * this.#chunkBytes, this.#chunkBytes);
		this.#partial.set(chunk, written);
		return written;
	}

	#blocksOf(chunk: number): number {
		const bytes = Math.min(this.#chunkBytes, this.#options.sizeBytes - chunk * this.#chunkBytes);
		return Math.ceil(bytes / this.#device.profile.download.blockSizeBytes);
	}
}

/** What a writer needs of its device. */
export interface WritingDevice extends Pick<Device, 'profile' | 'flash'> {
	/** Of which it counts errors. */
	readonly tally: { errors: number };
}

export interface SlotWriterOptions {
	readonly slot: 'a' | 'b';
	readonly journal: UpdateJournal;
	readonly job: string;
	/** SHA-256 of the bytes to install, hex. */
	readonly digest: string;
	readonly sizeBytes: number;
}

/** The bytes, filled up to whole units of programming. */
export const padToUnit = (bytes: Uint8Array, options: { readonly unitBytes: number; readonly filler: number }): Uint8Array => {
	const rest = bytes.length % options.unitBytes;
	if (rest === 0) return bytes;
	const padded = new Uint8Array(bytes.length + options.unitBytes - rest).fill(options.filler);
	padded.set(bytes);
	return padded;
};
