import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { Flash, geometrySizeBytes, PageStore } from '../../harness/flash/index.js';
import { SettingsStore } from '../device/storage/index.js';
import { NETWORKED_PROFILE } from './profile.js';

/** What a board keeps without power. */
export interface KeptMemory {
	readonly flash: Uint8Array;
	/** Its one-way security counter. */
	counter: number;
}

/**
 * | offset | size | what |
 * |---|---|---|
 * | 0 | 8 | `BSBOARD2` |
 * | 8 | 4 | security counter, little endian |
 * | 12 | all of flash | flash |
 */
const MAGIC = 'BSBOARD2';
const COUNTER_AT = 8;
const FLASH_AT = 12;
const FLASH_BYTES = geometrySizeBytes(NETWORKED_PROFILE.flash);

export const blankMemory = (): KeptMemory => ({ flash: new Uint8Array(FLASH_BYTES).fill(NETWORKED_PROFILE.flash.erasedByte), counter: 0 });

/** Settings as whatever runs on the board will read them; none where they cannot be read. */
export const settingsIn = ({ flash: bytes }: KeptMemory): Readonly<Record<string, string>> => {
	const flash = new Flash({ geometry: NETWORKED_PROFILE.flash, store: new PageStore() });
	flash.program(0, bytes);
	const settings = new SettingsStore({ flash, areas: NETWORKED_PROFILE.layout.settings }).read(1);
	return settings === 'unreadable' ? {} : settings;
};

/** What a board kept, null where it was never made. Throws a RangeError for a file that is no board's. */
export const readMemoryFile = (path: string): KeptMemory | null => {
	let bytes: Buffer;
	try {
		bytes = readFileSync(path);
	} catch (cause) {
		if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return null;
		throw cause;
	}
	if (bytes.length !== FLASH_AT + FLASH_BYTES || bytes.toString('latin1', 0, COUNTER_AT) !== MAGIC)
		throw new RangeError(`${path}: ${FLASH_AT + FLASH_BYTES} bytes that begin with ${MAGIC} were expected, got ${bytes.length}`);
	return { flash: Uint8Array.from(bytes.subarray(FLASH_AT)), counter: bytes.readUInt32LE(COUNTER_AT) };
};

/** Whoever reads finds this memory or the one before, whole. */
export const writeMemoryFile = (path: string, { flash, counter }: KeptMemory): void => {
	const head = Buffer.alloc(FLASH_AT);
	head.write(MAGIC, 'latin1');
	head.writeUInt32LE(counter, COUNTER_AT);
	const draft = `${path}.${process.pid}`;
	writeFileSync(draft, Buffer.concat([head, flash]));
	renameSync(draft, path);
};
