import { crc32 } from 'node:zlib';
import { type Flash, readWhole } from '../../../harness/flash/index.js';
import { type DeviceParts, RIGHT_PARTS, type SettingsPart } from '../../device/index.js';
import { overriding } from './overriding.js';

type Values = Exclude<ReturnType<SettingsPart['read']>, 'unreadable'>;

type CreateSettings = DeviceParts['createSettings'];

/** Migrates by writing the new schema and dropping the old one, before anybody knows whether the new image stays. */
export const createHastyStore: CreateSettings = (options) => {
	const store = RIGHT_PARTS.createSettings(options);
	return overriding(store, {
		// What the older image had is gone: there is nothing to fall back to.
		dropNewer: (newest) => {
			if (store.schemas().some((schema) => schema <= newest)) store.dropNewer(newest);
		},
		write: (settings, schema) => {
			store.write(settings, schema);
			store.dropOlder();
		},
	});
};

/** Keeps every schema it ever wrote. */
export const createHoardingStore: CreateSettings = (options) => overriding(RIGHT_PARTS.createSettings(options), { dropOlder: () => {} });

/** Keeps what an image wrote that was given up. */
export const createSouvenirStore: CreateSettings = (options) => overriding(RIGHT_PARTS.createSettings(options), { dropNewer: () => {} });

/** Begins a new schema with the factory's settings. */
export const createFormattingStore: CreateSettings = (options) => {
	const store = RIGHT_PARTS.createSettings(options);
	return overriding(store, { write: (settings, schema) => store.write(schema === 1 ? settings : FACTORY_SETTINGS, schema) });
};
const FACTORY_SETTINGS: Values = { name: 'unnamed', reportEveryS: '3600' };

/** Has eight characters for a value where a new schema is written. */
export const createTruncatingStore: CreateSettings = (options) => {
	const store = RIGHT_PARTS.createSettings(options);
	const shorten = (settings: Values): Values => Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, value.slice(0, 8)]));
	return overriding(store, { write: (settings, schema) => store.write(schema === 1 ? settings : shorten(settings), schema) });
};

/** Reads nothing at all once a word of it cannot be read. */
export const createEccFatalStore: CreateSettings = (options) => {
	const store = RIGHT_PARTS.createSettings(options);
	const isHealthy = (): boolean => options.areas.every((area) => readWhole(options.flash, area) !== null);
	return overriding(store, { read: (schema) => (isHealthy() ? store.read(schema) : 'unreadable') });
};

/**
 * All schemas in one sector, which every change erases and rewrites.
 *
 * | offset | size | field | little-endian |
 * | --- | --- | --- | --- |
 * | 0 | 4 | length of the text | |
 * | 4 | 4 | CRC-32 | of the text |
 * | 8 | | text | JSON, settings by schema |
 */
export const createOneSectorStore: CreateSettings = ({ flash, areas }) => {
	const [area] = areas;
	const load = (): Readonly<Record<string, Values>> => parseSector(readWhole(flash, area));
	const store = (all: Readonly<Record<string, Values>>): void => {
		flash.erase(area.offsetBytes, area.sizeBytes);
		flash.program(area.offsetBytes, encodeSector(flash, all));
	};
	const schemas = (): readonly number[] => Object.keys(load()).map(Number);
	const keepOnly = (isKept: (schema: number) => boolean): void => {
		const kept = Object.entries(load()).filter(([schema]) => isKept(Number(schema)));
		if (kept.length < schemas().length) store(Object.fromEntries(kept));
	};
	return {
		read: (schema) => load()[schema] ?? 'unreadable',
		schemas,
		write: (settings, schema) => store({ ...load(), [schema]: settings }),
		dropOlder: () => keepOnly((schema) => schema === schemas().at(-1)),
		dropNewer: (newest) => keepOnly((schema) => schema <= newest),
	};
};

const HEADER_BYTES = 8;

const encodeSector = (flash: Flash, all: Readonly<Record<string, Values>>): Uint8Array => {
	const text = Buffer.from(JSON.stringify(all));
	const units = Math.ceil((HEADER_BYTES + text.length) / flash.geometry.writeSizeBytes);
	const bytes = new Uint8Array(units * flash.geometry.writeSizeBytes).fill(flash.geometry.erasedByte);
	const view = new DataView(bytes.buffer);
	view.setUint32(0, text.length, true);
	view.setUint32(4, crc32(text), true);
	bytes.set(text, HEADER_BYTES);
	return bytes;
};

const parseSector = (bytes: Uint8Array | null): Readonly<Record<string, Values>> => {
	if (bytes === null) return {};
	const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
	const lengthBytes = view.getUint32(0, true);
	const text = bytes.subarray(HEADER_BYTES, HEADER_BYTES + lengthBytes);
	if (text.length !== lengthBytes || crc32(text) !== view.getUint32(4, true)) return {};
	return JSON.parse(Buffer.from(text).toString()) as Record<string, Values>;
};
