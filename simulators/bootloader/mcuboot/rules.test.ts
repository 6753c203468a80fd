import test from 'ava';
import { Flash, PageStore } from '../../../harness/flash/index.js';
import { type McubootName, resumeSourceOf, rulesOf, swapTypeOf } from './rules.js';
import { SlotTrailer, type TrailerContent } from './slot-trailer.js';

const MAGIC_BYTES = [0x77, 0xc2, 0x95, 0xf3, 0x60, 0xd2, 0xef, 0x7f, 0x35, 0x52, 0x50, 0x0f, 0x2c, 0xb6, 0x79, 0x80];
/** Bytes that a field reads as, and the letter for it in the tables below. */
const MAGICS = { G: MAGIC_BYTES, U: new Array<number>(16).fill(0xff), B: [...MAGIC_BYTES.slice(0, 15), 0] } as const;
const FLAGS = { S: [0x01], U: [0xff], B: [0x81] } as const;

/** Magic, image_ok, copy_done of the primary, then of the secondary; a dot is anything. In order; what matches none asks for no swap. */
const TABLE: readonly (readonly [string, string])[] = [
	['...GU.', 'test'],
	['...GS.', 'perm'],
	['GUS...', 'revert'],
];
const TABLE_OF_OFFSET: readonly (readonly [string, string])[] = [['...GUS', 'revert'], ...TABLE];

const SWAPS: readonly { readonly name: McubootName; readonly table: typeof TABLE; readonly counts: Readonly<Record<string, number>> }[] = [
	{ name: 'mcuboot-swap-move', table: TABLE, counts: { none: 546, perm: 81, test: 81, revert: 21 } },
	{ name: 'mcuboot-swap-scratch', table: TABLE, counts: { none: 546, perm: 81, test: 81, revert: 21 } },
	{ name: 'mcuboot-overwrite', table: TABLE, counts: { none: 546, perm: 81, test: 81, revert: 21 } },
	{ name: 'mcuboot-swap-offset', table: TABLE_OF_OFFSET, counts: { none: 546, perm: 81, test: 54, revert: 48 } },
];

const lookUp = (table: readonly (readonly [string, string])[], state: string): string =>
	table.find(([pattern]) => [...pattern].every((letter, index) => letter === '.' || letter === state[index]))?.[1] ?? 'none';

const SLOT = { offsetBytes: 0, sizeBytes: 2048 };
const SHAPE = { writeSizeBytes: 4, maxAlignBytes: 8, maxSectors: 128, swapsByOffset: false };

/** A trailer of those bytes, as the loader reads it from flash. */
const readState = (letters: string): TrailerContent => {
	const flash = new Flash({
		geometry: { sectors: [{ count: 1, sizeBytes: 2048 }], writeSizeBytes: 1, erasedByte: 0xff, writeOnce: false },
		store: new PageStore({ pageSizeBytes: 256 }),
	});
	flash.program(2048 - 16, Uint8Array.from(MAGICS[letters[0] as keyof typeof MAGICS]));
	flash.program(2048 - 24, Uint8Array.from(FLAGS[letters[1] as keyof typeof FLAGS]));
	flash.program(2048 - 32, Uint8Array.from(FLAGS[letters[2] as keyof typeof FLAGS]));
	return new SlotTrailer(flash, { area: SLOT, shape: SHAPE }).read();
};

const TRAILERS = [...'GUB'].flatMap((magic) => [...'SUB'].flatMap((imageOk) => [...'SUB'].map((copyDone) => magic + imageOk + copyDone)));
const CONTENTS = new Map(TRAILERS.map((letters) => [letters, readState(letters)]));

for (const { name, table, counts } of SWAPS) {
	test(`${name} asks for what MCUboot's swap table says in each of the 729 states of two trailers`, (t) => {
		const found: Record<string, number> = {};
		for (const primary of TRAILERS) {
			for (const secondary of TRAILERS) {
				const trailers = { primary: CONTENTS.get(primary)!, secondary: CONTENTS.get(secondary)! };
				const type = swapTypeOf(rulesOf(name).swapRows, trailers);
				if (type !== lookUp(table, primary + secondary)) t.is(type, lookUp(table, primary + secondary) as typeof type, `${primary} ${secondary}`);
				found[type] = (found[type] ?? 0) + 1;
			}
		}
		t.deepEqual(found, counts);
	});
}

/** Magic and copy_done of the primary, then magic of the secondary or of the scratch area. */
const RESUMES: readonly { readonly name: McubootName; readonly states: Readonly<Record<string, string>> }[] = [
	{ name: 'mcuboot-swap-move', states: { GUU: 'primary', GUB: 'primary' } },
	{ name: 'mcuboot-swap-offset', states: { GUU: 'primary', GUB: 'primary' } },
	{
		name: 'mcuboot-swap-scratch',
		states: {
			GUU: 'primary',
			GUB: 'primary',
			UUU: 'primary',
			UUB: 'primary',
			...Object.fromEntries([...'GUB'].flatMap((magic) => [...'SUB'].map((copyDone) => [`${magic}${copyDone}G`, 'scratch']))),
		},
	},
];

for (const { name, states } of RESUMES) {
	test(`${name} goes on from the status that MCUboot goes on from`, (t) => {
		for (const magic of 'GUB') {
			for (const copyDone of 'SUB') {
				for (const other of 'GUB') {
					const trailers = { primary: CONTENTS.get(`${magic}U${copyDone}`)!, other: CONTENTS.get(`${other}UU`)! };
					const state = magic + copyDone + other;
					t.is(resumeSourceOf(rulesOf(name).resumeRows, trailers), (states[state] ?? 'none') as never, state);
				}
			}
		}
	});
}

test('swap_info says the type of a swap in its low nibble, and what it cannot mean is no swap', (t) => {
	const expected: Readonly<Record<number, readonly [string, string]>> = {
		1: ['none', 'none'],
		2: ['test', 'test'],
		3: ['perm', 'perm'],
		4: ['revert', 'revert'],
		5: ['fail', 'none'],
		10: ['unknown', 'none'],
		0: ['unknown', 'none'],
		255: ['none', 'none'],
		18: ['test', 'test'],
	};
	for (const [byte, [raw, type]] of Object.entries(expected)) {
		const flash = new Flash({
			geometry: { sectors: [{ count: 1, sizeBytes: 2048 }], writeSizeBytes: 1, erasedByte: 0xff, writeOnce: false },
			store: new PageStore({ pageSizeBytes: 256 }),
		});
		flash.program(2048 - 40, Uint8Array.of(Number(byte)));
		const trailer = new SlotTrailer(flash, { area: SLOT, shape: SHAPE });
		t.deepEqual([trailer.readSwapType(), trailer.read().swapType] as string[], [raw, type], byte);
	}
});
