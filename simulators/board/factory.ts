import { BOOT_SECTION_AT, blankNonVolatile, type NonVolatile, PAGE_BYTES } from './avr/non-volatile.js';
import type { HexRun } from './intel-hex.js';
import { SLOT_BYTES } from './image.js';

/** Where the board's EEPROM keeps what, as in firmware/layout.h. */
const RECORD_AT = 0x10;
const JOURNAL_END = 0x40;
const SERIAL_AT = 0x40;
const SERIAL_BYTES = 16;

export interface FactoryOptions {
	readonly bootloader: readonly HexRun[];
	readonly image: Uint8Array;
	/** What the board is known by: up to 16 characters of ASCII. */
	readonly serial: string;
}

/** A board as it leaves the factory: bootloader, golden image, serial number, all else blank. */
export const manufacture = ({ bootloader, image, serial }: FactoryOptions): NonVolatile => {
	const memory = blankNonVolatile();
	for (const run of bootloader) memory.flash.set(run.bytes, run.offsetBytes);
	memory.flash.set(image);
	const name = new TextEncoder().encode(serial);
	if (name.length > SERIAL_BYTES) throw new RangeError(`serial: at most ${SERIAL_BYTES} characters were expected, got ${JSON.stringify(serial)}`);
	memory.eeprom.set(name, SERIAL_AT);
	return memory;
};

export const readSerial = ({ eeprom }: NonVolatile): string =>
	new TextDecoder().decode(eeprom.slice(SERIAL_AT, SERIAL_AT + SERIAL_BYTES).filter((byte) => byte !== 0xff));

/** Areas that a programmer writes. README.md says what each is for. */
export const FLASH_AREAS = ['golden', 'primary', 'secondary'] as const;
export type BoardFlashArea = (typeof FLASH_AREAS)[number];
export const isFlashArea = (name: string): name is BoardFlashArea => (FLASH_AREAS as readonly string[]).includes(name);

/** Writes an area as a programmer does while the chip is held in reset. Throws a RangeError for an image that does not fit. */
export const program = (
	memory: NonVolatile,
	options: { readonly area: BoardFlashArea; readonly image: Uint8Array; readonly bootloader: readonly HexRun[] },
): void => {
	const { area, image, bootloader } = options;
	if (image.length > SLOT_BYTES) throw new RangeError(`image: at most ${SLOT_BYTES} bytes were expected, got ${image.length}`);
	if (area === 'secondary') {
		const stagedAt = SLOT_BYTES + PAGE_BYTES;
		memory.flash.fill(0xff, stagedAt, stagedAt + SLOT_BYTES);
		memory.flash.set(image, stagedAt);
		return;
	}
	if (area === 'golden') {
		memory.flash.fill(0xff);
		for (const run of bootloader) memory.flash.set(run.bytes, run.offsetBytes);
		memory.eeprom.fill(0xff, RECORD_AT, JOURNAL_END);
	}
	memory.flash.fill(0xff, 0, Math.min(SLOT_BYTES, BOOT_SECTION_AT));
	memory.flash.set(image);
};
