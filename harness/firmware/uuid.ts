import { createHash } from 'node:crypto';
import { UUID_SIZE } from './image.js';

/** The DNS namespace of RFC 9562, appendix A. */
const DNS_NAMESPACE = Uint8Array.from(Buffer.from('6ba7b8109dad11d180b400c04fd430c8', 'hex'));
const UUID_TEXT = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;

/** A name-based UUID of version 5 (RFC 9562, section 5.5), 16 bytes. */
export const uuid5 = (namespace: Uint8Array, name: string): Uint8Array => {
	if (namespace.length !== UUID_SIZE) throw new RangeError(`namespace: a UUID of 16 bytes was expected, got ${namespace.length}`);
	const bytes = new Uint8Array(createHash('sha1').update(namespace).update(name, 'utf8').digest().subarray(0, UUID_SIZE));
	const view = new DataView(bytes.buffer);
	view.setUint8(6, (view.getUint8(6) & 0x0f) | 0x50);
	view.setUint8(8, (view.getUint8(8) & 0x3f) | 0x80);
	return bytes;
};

/** imgtool's `--vid`: the UUID of a vendor's domain name, or a UUID given as it is. */
export const vendorIdOf = (nameOrUuid: string): Uint8Array => parseUuid(nameOrUuid) ?? uuid5(DNS_NAMESPACE, nameOrUuid);

/** imgtool's `--cid`: the UUID of a hardware class's name below its vendor's, or a UUID given as it is. */
export const classIdOf = (nameOrUuid: string, vendorId: Uint8Array): Uint8Array => parseUuid(nameOrUuid) ?? uuid5(vendorId, nameOrUuid);

/** `c1fd98a3-…`, lower case. */
export const formatUuid = (bytes: Uint8Array): string =>
	Buffer.from(bytes)
		.toString('hex')
		.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');

const parseUuid = (text: string): Uint8Array | undefined => (UUID_TEXT.test(text) ? Uint8Array.from(Buffer.from(text.replaceAll('-', ''), 'hex')) : undefined);
