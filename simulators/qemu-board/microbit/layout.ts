/** Where the micro:bit's firmware keeps what, as in firmware/part.h. */
export const RUNNING_AT = 0x4000;
export const SLOT_BYTES = 0x2000;
export const PAGE_BYTES = 0x400;
/** A page into the second slot. */
export const STAGED_AT = RUNNING_AT + SLOT_BYTES + PAGE_BYTES;
/** The firmware uses the first quarter of the part. */
export const USED_BYTES = 0x10000;
/** The hardware that images of this board are for, as its bootloader holds it. */
export const MICROBIT_HARDWARE = 0x5122;
