/** What an ATmega328P keeps without power. The chip writes into both arrays in place. */
export interface NonVolatile {
	/** 32 KiB, program words little endian. */
	readonly flash: Uint8Array<ArrayBuffer>;
	/** 1 KiB. */
	readonly eeprom: Uint8Array<ArrayBuffer>;
}

export const FLASH_BYTES = 0x8000;
export const EEPROM_BYTES = 0x400;
export const PAGE_BYTES = 128;
export const PAGES = FLASH_BYTES / PAGE_BYTES;
/** First byte of the section that self-programming works from and that can be read while the other one is busy. */
export const BOOT_SECTION_AT = 0x7000;

export const blankNonVolatile = (): NonVolatile => ({
	flash: new Uint8Array(FLASH_BYTES).fill(0xff),
	eeprom: new Uint8Array(EEPROM_BYTES).fill(0xff),
});

/** One step of erasing or programming, as the chip begins it. */
export interface Operation {
	readonly memory: 'flash' | 'eeprom';
	/** `replace` erases one EEPROM byte and programs it in one go. */
	readonly kind: 'erase' | 'program' | 'replace';
	readonly offsetBytes: number;
	readonly before: Uint8Array;
	/** What is there once it has ended. */
	readonly wanted: Uint8Array;
	readonly beginsAtCycle: number;
	readonly endsAtCycle: number;
}
