import type { Bootloader, UpdateTarget } from '../../harness/bootloader/index.js';
import { sectorAt } from '../../harness/flash/index.js';
import type { Device } from './device.js';
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
	readonly #target: UpdateTarget;
	readonly #chunkBytes: number;
	readonly #options: SlotWriterOptions;
	/** Blocks of chunks that are written in part, by chunk. In memory: a reset forgets them. */
	readonly #partial = new Map<number, Set<number>>();

	constructor(device: WritingDevice, options: SlotWriterOptions) {
		const { download, flash } = device.profile;
		this.#device = device;
		this.#options = options;
		this.slot = options.slot;
		this.#target = device.bootloader.updateTarget(options.slot === 'a' ? 'b' : 'a');
		const sectorBytes = (flash.sectors.at(-1) as { sizeBytes: number }).sizeBytes;
		this.#chunkBytes = Math.max(sectorBytes, download.blockSizeBytes);
		this.blocksPerChunk = this.#chunkBytes / download.blockSizeBytes;
	}

	/** Notes the update in the journal, in place of any other, and clears what a bootloader may keep around the image's place. */
	begin(): void {
		const { journal, job, digest, sizeBytes, slot } = this.#options;
		journal.begin({ job, digest, sizeBytes, blockSizeBytes: this.#chunkBytes, slot });
		this.#clearAround();
	}

	hasBlock(block: number): boolean {
		const chunk = Math.floor(block / this.blocksPerChunk);
		return this.#options.journal.hasBlock(chunk) || (this.#partial.get(chunk)?.has(block) ?? false);
	}

	write(block: number, bytes: Uint8Array): void {
		const { flash, profile } = this.#device;
		const chunk = Math.floor(block / this.blocksPerChunk);
		const offsetBytes = this.#target.image.offsetBytes + block * profile.download.blockSizeBytes;
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

	/** Sectors that are not the image's alone, where they are not blank. */
	#clearAround(): void {
		const { flash } = this.#device;
		const { erase, image } = this.#target;
		const [imageEnd, end] = [image, erase].map((area) => area.offsetBytes + area.sizeBytes) as [number, number];
		if (erase.offsetBytes === image.offsetBytes && end === imageEnd) return;
		for (let at = erase.offsetBytes; at < end; ) {
			const { offsetBytes, sizeBytes } = sectorAt(flash.geometry, at);
			at = offsetBytes + sizeBytes;
			const isImages = offsetBytes >= image.offsetBytes && at <= imageEnd;
			if (!isImages && !flash.isErased(offsetBytes, sizeBytes)) flash.erase(offsetBytes, sizeBytes);
		}
	}

	#eraseChunk(chunk: number): Set<number> {
		const written = new Set<number>();
		this.#device.flash.erase(this.#target.image.offsetBytes + chunk * this.#chunkBytes, this.#chunkBytes);
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
	readonly bootloader: Pick<Bootloader, 'updateTarget'>;
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
