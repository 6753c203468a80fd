import { createHash } from 'node:crypto';
import { z } from 'zod';
import { createJsonReaders } from '../json-body.js';
import { ThingsboardError } from './tb-error.js';

export const TB_LIMITS = { messageBytes: 65_536, firmwareBytes: 2 ** 31 } as const;

/** A message to or from a broker. */
export interface TbMessage {
	readonly topic: string;
	readonly payload: Uint8Array;
}

/** States of an update: the first two are the server's own, the others the device's to report. */
export const FW_STATES = ['QUEUED', 'INITIATED', 'DOWNLOADING', 'DOWNLOADED', 'VERIFIED', 'UPDATING', 'UPDATED', 'FAILED'] as const;
export type FwState = (typeof FW_STATES)[number];

/** By ThingsBoard's names. It has CRC32 and Murmur3 too, which prove nothing against a stranger. */
const ALGORITHMS: Readonly<Record<string, string | undefined>> = Object.assign(Object.create(null), {
	MD5: 'md5',
	SHA256: 'sha256',
	SHA384: 'sha384',
	SHA512: 'sha512',
});

/** The shared attributes that a package becomes. */
const firmware = z.object({
	fw_title: z.string().min(1).max(255),
	fw_version: z.string().min(1).max(255),
	fw_tag: z.string().max(255).nullish(),
	fw_size: z.number().int().nonnegative().max(TB_LIMITS.firmwareBytes),
	fw_checksum_algorithm: z.string().min(1).max(32),
	fw_checksum: z.string().min(1).max(256),
});

const telemetry = z.object({
	current_fw_title: z.string().max(255).optional(),
	current_fw_version: z.string().max(255).optional(),
	fw_state: z.enum(FW_STATES).optional(),
	fw_error: z.string().max(65_536).optional(),
});

const attributeRequest = z.object({ sharedKeys: z.string().max(4096).optional(), clientKeys: z.string().max(4096).optional() });
const attributes = z.record(z.string().min(1).max(255), z.unknown());
const attributeResponse = z.object({ shared: attributes.optional(), client: attributes.optional() });

export type TbFirmware = z.infer<typeof firmware>;
export type TbTelemetry = z.infer<typeof telemetry>;
export type TbAttributes = Readonly<Record<string, unknown>>;

const reader = createJsonReaders({ mostBytes: TB_LIMITS.messageBytes, malformed: (...of) => new ThingsboardError(...of) });

/** Each throws a ThingsboardError that names the member. */
export const parseTelemetry = reader<TbTelemetry>('telemetry', telemetry);
export const parseAttributes = reader<TbAttributes>('attributes', attributes);
export const parseAttributeRequest = reader('attributeRequest', attributeRequest);
export const parseAttributeResponse = reader('attributeResponse', attributeResponse);

/** Undefined where none of the attributes is a firmware's; throws where only some are, or one is wrong. */
export const firmwareOf = (given: TbAttributes): TbFirmware | undefined => {
	if (given['fw_title'] === undefined && given['fw_version'] === undefined) return undefined;
	return reader<TbFirmware>('attributes', firmware)(Buffer.from(JSON.stringify(given)));
};

export const FIRMWARE_KEYS: readonly string[] = Object.keys(firmware.shape);

export const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value));

/** In hexadecimal digits; undefined for an algorithm that is not known, or not safe. */
export const checksumOf = (pieces: Iterable<Uint8Array>, algorithm: string): string | undefined => {
	const name = ALGORITHMS[algorithm];
	if (name === undefined) return undefined;
	const hash = createHash(name);
	for (const piece of pieces) hash.update(piece);
	return hash.digest('hex');
};

export const isChecksumKnown = (algorithm: string): boolean => ALGORITHMS[algorithm] !== undefined;
