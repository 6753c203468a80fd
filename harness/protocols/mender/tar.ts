import { MenderError } from './mender-error.js';

/** A file in a tar archive. */
export interface TarFile {
	readonly name: string;
	readonly bytes: Uint8Array;
}

const BLOCK = 512;
const CHECKSUM = { start: 148, end: 156 };

/**
 * Packs regular files as POSIX ustar (IEEE 1003.1, pax, "ustar Interchange Format"): a block for the head of each, its bytes filled
 * up to whole blocks, two empty blocks behind the last. Names have at most 100 bytes. The same files give the same bytes.
 */
export const packTar = (files: readonly TarFile[]): Buffer => {
	const blocks: Uint8Array[] = [];
	for (const { name, bytes } of files) blocks.push(headOf(name, bytes.length), bytes, Buffer.alloc(filling(bytes.length)));
	return Buffer.concat([...blocks, Buffer.alloc(2 * BLOCK)]);
};

/** Where a file of an archive lies. */
export interface TarHead {
	readonly name: string;
	readonly startBytes: number;
	readonly sizeBytes: number;
}

/** Unpacks regular files; other entries, and an archive that ends early or whose sums are wrong, are a MenderError at `place`. */
export const unpackTar = (archive: Uint8Array, { place }: { readonly place: string }): TarFile[] => {
	const files: TarFile[] = [];
	let isWhole = false;
	for (const { name, startBytes, sizeBytes } of readTarHeads(archive, { place, onEnd: () => (isWhole = true) })) {
		if (startBytes + sizeBytes > archive.length) throw new MenderError(place, `${JSON.stringify(name)} has ${sizeBytes} bytes, and the archive ends before`);
		files.push({ name, bytes: archive.subarray(startBytes, startBytes + sizeBytes) });
	}
	if (!isWhole) throw new MenderError(place, `the archive ends at byte ${archive.length}, without its end mark`);
	return files;
};

/** The heads of regular files as far as the bytes go, the last file's bytes perhaps not; `onEnd` is called at the end mark. Throws as `unpackTar`. */
export function* readTarHeads(archive: Uint8Array, { place, onEnd }: { readonly place: string; readonly onEnd?: () => void }): Generator<TarHead> {
	for (let at = 0; at + BLOCK <= archive.length; ) {
		const head = Buffer.from(archive.buffer, archive.byteOffset + at, BLOCK);
		if (head.every((byte) => byte === 0)) return onEnd?.();
		const name = textAt(head, { start: 0, end: 100 });
		if (Number.parseInt(textAt(head, CHECKSUM), 8) !== checksum(head)) throw new MenderError(place, `the head at byte ${at} has another checksum`);
		const type = head[156];
		if (type !== 0 && type !== 0x30) throw new MenderError(place, `${JSON.stringify(name)} is no regular file`);
		const sizeBytes = Number.parseInt(textAt(head, { start: 124, end: 136 }), 8);
		if (!Number.isSafeInteger(sizeBytes)) throw new MenderError(place, `${JSON.stringify(name)} has a size that is no number`);
		yield { name, startBytes: at + BLOCK, sizeBytes };
		at += BLOCK + sizeBytes + filling(sizeBytes);
	}
}

const filling = (sizeBytes: number): number => (BLOCK - (sizeBytes % BLOCK)) % BLOCK;

/**
 * offset, size: 0, 100 name · 100, 8 mode · 108, 8 uid · 116, 8 gid · 124, 12 size · 136, 12 mtime · 148, 8 checksum ·
 * 156, 1 type · 257, 8 magic and version; numbers are octal digits.
 */
const headOf = (name: string, sizeBytes: number): Buffer => {
	const head = Buffer.alloc(BLOCK);
	if (Buffer.byteLength(name) > 100) throw new TypeError(`tar: a name of at most 100 bytes was expected, got ${JSON.stringify(name)}`);
	head.write(name, 0);
	head.write('0000644\0', 100);
	head.write('0000000\0', 108);
	head.write('0000000\0', 116);
	head.write(`${sizeBytes.toString(8).padStart(11, '0')}\0`, 124);
	head.write('00000000000\0', 136);
	head.write('0', 156);
	head.write('ustar\x0000', 257);
	head.write(`${checksum(head).toString(8).padStart(6, '0')}\0 `, CHECKSUM.start);
	return head;
};

/** The sum of the head's bytes with those of the checksum as spaces. */
const checksum = (head: Buffer): number => head.reduce((sum, byte, at) => sum + (at >= CHECKSUM.start && at < CHECKSUM.end ? 0x20 : byte), 0);

const textAt = (head: Buffer, { start, end }: { readonly start: number; readonly end: number }): string => {
	const nul = head.indexOf(0, start);
	return head.toString('utf8', start, nul === -1 || nul > end ? end : nul);
};
