import type { BootLayout } from '../../../harness/bootloader/index.js';
import type { FlashArea, Geometry } from '../../../harness/flash/index.js';
import { PAGE_BYTES } from '../avr/non-volatile.js';

/** Where firmware/layout.h has its boot record and the journal of a swap. */
const RECORD_AT = 0x10;
const RECORD_BYTES = 16;
const JOURNAL_AT = 0x20;
/** The explorer's smallest sector stands for one byte of EEPROM, which is erased by itself. */
export const CELL_BYTES = 32;

/** What the explorer's part holds of an ATmega328P: both slots page by page, then the bytes of EEPROM that the bootloader decides by. */
export interface ExploredLayout {
	readonly geometry: Geometry;
	readonly layout: BootLayout;
	readonly staged: FlashArea;
	/** Bytes of the chip's flash that are the part's, from 0 on. */
	readonly flashBytes: number;
	/** Addresses in EEPROM, each with its place in the part. */
	readonly cells: readonly { readonly address: number; readonly offsetBytes: number }[];
}

export const layOutExplored = ({ slotPages }: { readonly slotPages: number }): ExploredLayout => {
	const slotBytes = slotPages * PAGE_BYTES;
	const flashBytes = 2 * slotBytes + PAGE_BYTES;
	const journalBytes = Math.ceil((2 * slotPages) / 8);
	const addresses = [
		...Array.from({ length: RECORD_BYTES }, (_, index) => RECORD_AT + index),
		...Array.from({ length: journalBytes }, (_, index) => JOURNAL_AT + index),
	];
	const cells = addresses.map((address, index) => ({ address, offsetBytes: flashBytes + index * CELL_BYTES }));
	return {
		geometry: {
			sectors: [
				{ count: flashBytes / PAGE_BYTES, sizeBytes: PAGE_BYTES },
				{ count: cells.length, sizeBytes: CELL_BYTES },
			],
			writeSizeBytes: 1,
			erasedByte: 0xff,
			writeOnce: false,
		},
		layout: {
			slotA: { offsetBytes: 0, sizeBytes: slotBytes },
			slotB: { offsetBytes: slotBytes, sizeBytes: slotBytes + PAGE_BYTES },
			scratch: null,
			records: [{ offsetBytes: flashBytes, sizeBytes: cells.length * CELL_BYTES }],
		},
		staged: { offsetBytes: slotBytes + PAGE_BYTES, sizeBytes: slotBytes },
		flashBytes,
		cells,
	};
};
