import type { TearMode } from '../faults/index.js';
import { createRandom } from '../time/index.js';

/** What power left of a program. An adversarial bound, not measured physics. */
export interface TornProgram {
	/** What the range holds afterwards. */
	readonly bytes: Uint8Array;
	/** Of the range, from its start: units whose programming began. */
	readonly begunBytes: number;
	/** Offset in the range of the one unit that reads as an error until erased, -1: none. */
	readonly unreadableAt: number;
}

interface Tear {
	readonly tear: TearMode;
	readonly seed: number;
}

/**
 * What a program leaves when power goes inside it. Only bits that differ between `before` and `wanted` end up either
 * way. `prefix`: some whole units, or all of a single unit but its last byte. `half`: the first half of the bytes, in
 * the middle of a unit where it so falls. `bits`: a seeded half of the differing bits. `unreadable`: some whole units,
 * then one in error.
 */
export const tearProgram = (before: Uint8Array, options: Tear & { readonly wanted: Uint8Array; readonly writeSizeBytes: number }): TornProgram => {
	const { wanted, writeSizeBytes, tear } = options;
	const random = createRandom(`tear/program/${tear}/${options.seed}`);
	const units = wanted.length / writeSizeBytes;
	const whole = (doneBytes: number): TornProgram => ({
		bytes: joined(wanted, { rest: before, atBytes: doneBytes }),
		begunBytes: Math.ceil(doneBytes / writeSizeBytes) * writeSizeBytes,
		unreadableAt: -1,
	});
	switch (tear) {
		case 'before':
			return whole(0);
		case 'after':
			return whole(wanted.length);
		case 'prefix':
			if (units > 1) return whole((1 + random.integer(units - 1)) * writeSizeBytes);
			return wanted.length > 1 ? whole(wanted.length - 1) : { bytes: mixed(before, { wanted, mask: () => 0xf0 }), begunBytes: 1, unreadableAt: -1 };
		case 'half':
			return wanted.length > 1 ? whole(wanted.length >> 1) : { bytes: mixed(before, { wanted, mask: () => 0x0f }), begunBytes: 1, unreadableAt: -1 };
		case 'bits':
			return { bytes: mixed(before, { wanted, mask: () => random.integer(256) }), begunBytes: wanted.length, unreadableAt: -1 };
		case 'unreadable': {
			const at = random.integer(units) * writeSizeBytes;
			return { bytes: joined(wanted, { rest: before, atBytes: at }), begunBytes: at + writeSizeBytes, unreadableAt: at };
		}
	}
};

/**
 * What an erase leaves of its sector when power goes inside it. `prefix`: the first phase, in which cells are
 * programmed from the end of the sector on, as an S29GL512N does (linux-mtd, 2009). `half`: the first half erased.
 * `bits`: any bit may be old, programmed or erased. `unreadable`: the whole sector is in error; what it holds is not told.
 */
export const tearErase = (
	before: Uint8Array,
	options: Tear & { readonly erasedByte: 0xff | 0x00 },
): { readonly bytes: Uint8Array; readonly unreadable: boolean } => {
	const { erasedByte, tear } = options;
	const random = createRandom(`tear/erase/${tear}/${options.seed}`);
	const filled = (byte: number) => new Uint8Array(before.length).fill(byte);
	const programmedByte = erasedByte ^ 0xff;
	switch (tear) {
		case 'before':
			return { bytes: before.slice(), unreadable: false };
		case 'after':
			return { bytes: filled(erasedByte), unreadable: false };
		case 'prefix':
			return { bytes: joined(before, { rest: filled(programmedByte), atBytes: random.integer(before.length) }), unreadable: false };
		case 'half':
			return { bytes: joined(filled(erasedByte), { rest: before, atBytes: before.length >> 1 }), unreadable: false };
		case 'bits': {
			const emptied = mixed(before, { wanted: filled(programmedByte), mask: () => random.integer(256) });
			return { bytes: mixed(emptied, { wanted: filled(erasedByte), mask: () => random.integer(256) }), unreadable: false };
		}
		case 'unreadable':
			return { bytes: filled(programmedByte), unreadable: true };
	}
};

/** What a program leaves when the supply sags: a seeded part of the differing bits, at least one, stays as it was. */
export const weakenProgram = (before: Uint8Array, options: { readonly wanted: Uint8Array; readonly seed: number }): Uint8Array => {
	const { wanted } = options;
	const random = createRandom(`brown-out/${options.seed}`);
	const differing: number[] = [];
	wanted.forEach((byte, index) => {
		if (byte !== before[index]) differing.push(index);
	});
	const bytes = mixed(before, { wanted, mask: () => random.integer(256) | random.integer(256) | random.integer(256) });
	if (differing.length === 0) return bytes;
	const missed = random.pick(differing);
	bytes[missed] = before[missed] as number;
	return bytes;
};

const joined = (head: Uint8Array, options: { readonly rest: Uint8Array; readonly atBytes: number }): Uint8Array => {
	const bytes = options.rest.slice();
	bytes.set(head.subarray(0, options.atBytes));
	return bytes;
};

/** `before` with the masked bits taken from `wanted`. */
const mixed = (before: Uint8Array, options: { readonly wanted: Uint8Array; readonly mask: () => number }): Uint8Array =>
	before.map((byte, index) => {
		const mask = options.mask();
		return (byte & ~mask) | ((options.wanted[index] as number) & mask);
	});
