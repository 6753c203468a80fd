import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { EEPROM_BYTES, FLASH_BYTES, type NonVolatile } from '../avr/non-volatile.js';

/**
 * | offset | size | what |
 * |---|---|---|
 * | 0 | 8 | `BSBOARD1` |
 * | 8 | 32768 | flash |
 * | 32776 | 1024 | EEPROM |
 */
const MAGIC = 'BSBOARD1';
const FLASH_AT = 8;
const EEPROM_AT = FLASH_AT + FLASH_BYTES;
const FILE_BYTES = EEPROM_AT + EEPROM_BYTES;

/** What a board kept, null where it was never made. Throws a RangeError for a file that is no board's. */
export const readStateFile = (path: string): NonVolatile | null => {
	const bytes = readIfPresent(path);
	if (bytes === null) return null;
	if (bytes.length !== FILE_BYTES || bytes.toString('latin1', 0, FLASH_AT) !== MAGIC) {
		throw new RangeError(`${path}: ${FILE_BYTES} bytes that begin with ${MAGIC} were expected, got ${bytes.length}`);
	}
	return { flash: Uint8Array.from(bytes.subarray(FLASH_AT, EEPROM_AT)), eeprom: Uint8Array.from(bytes.subarray(EEPROM_AT)) };
};

/** Whoever reads finds this state or the one before, whole. */
export const writeStateFile = (path: string, { flash, eeprom }: NonVolatile): void => {
	const draft = `${path}.${process.pid}`;
	writeFileSync(draft, Buffer.concat([Buffer.from(MAGIC, 'latin1'), flash, eeprom]));
	renameSync(draft, path);
};

const readIfPresent = (path: string): Buffer | null => {
	try {
		return readFileSync(path);
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw cause;
	}
};
