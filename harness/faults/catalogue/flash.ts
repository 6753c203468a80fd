import type { FaultRow } from './row.js';

/** Flash. */
export const FLASH_ROWS: readonly FaultRow[] = [
	{ id: 'F1', fault: 'a torn word reads as an ECC error until it is erased', sightings: [{ seen: 'power-cut', form: / unreadable / }] },
	{
		id: 'F2',
		fault: 'marginal bits: reads differ between reads, temperatures and boots',
		whyNot:
			'the flash of a device in a fleet gives every read the same answer: bits that wander need a board, or the weak bits that `blackstart explore --tears L4` walks a bootloader over.',
	},
	{
		id: 'F3',
		fault: 'an interrupted write disturbs other pages of its sector',
		whyNot:
			'a torn write reaches no further than its own range in a device of a fleet; neighbours that it disturbs need a board, or `blackstart explore --tears L4`, which walks a bootloader over them.',
	},
	{
		id: 'F4',
		fault: 'a word programmed twice is refused, as flash with ECC does',
		proofs: [{ test: 'harness/flash/power.test.ts', title: 'a write-once unit torn before a visible bit moved looks blank and takes no program' }],
	},
	{
		id: 'F5',
		fault: 'writes to the status area fail',
		sightings: [{ seen: 'brown-out', form: / (record|journal)$/ }],
		proofs: [
			{ test: 'simulators/bootloader/ab-bootloader.test.ts', title: 'a trial that cannot be counted does not run while a good image is there' },
			{ test: 'simulators/device/storage/update-journal.test.ts', title: 'marks that power tears again and again never claim their block' },
		],
	},
	{
		id: 'F6',
		fault: 'an erase that is ten times slower than its data sheet says',
		whyNot:
			'flash operations take no virtual time: how long a part takes needs a board. That a wait ends is exercised with hangs (M9), silence (N2) and slow links.',
	},
	{
		id: 'F7',
		fault: 'a write or erase that silently does nothing, a stuck bit, a worn sector',
		sightings: [{ seen: 'image-behaviour', form: /^wears-flash$/ }],
		proofs: [{ test: 'harness/flash/flash.test.ts', title: 'a rewrite of a worn area says so and leaves it' }, { exhibit: 'trusts-a-weak-supply' }],
	},
	{
		id: 'F8',
		fault: 'bit rot in the running slot and in the fallback',
		proofs: [
			{ test: 'simulators/bootloader/ab-bootloader.test.ts', title: 'a confirmed image that rots gives way to the other valid one' },
			{ test: 'simulators/bootloader/ab-bootloader.test.ts', title: 'a trial whose fallback is gone runs on rather than nothing' },
		],
	},
	{
		id: 'F9',
		fault: 'a scratch area or page that two images share',
		proofs: [
			{ test: 'simulators/bootloader/mcuboot/power-cuts.test.ts', title: 'a scratch area of two sectors' },
			{ test: 'simulators/bootloader/mcuboot/known-limits.test.ts', title: 'half-erased-scratch: swap-scratch takes what an erase left' },
		],
	},
	{
		id: 'F10',
		fault: 'a stale trailer or metadata from an earlier life',
		proofs: [
			{ scenario: 'healthy-release', title: 'an image that imgtool signed reaches every device: ed25519, padded and marked as confirmed' },
			{ exhibit: 'factory-slot-without-a-record' },
		],
	},
	{
		id: 'F11',
		fault: 'an image one byte over its slot',
		sightings: [{ seen: 'image-defect', form: /^too-large$/ }],
		proofs: [{ exhibit: 'image-overruns-its-slot' }],
	},
	{
		id: 'F12',
		fault: 'the file system is full, or a store cannot be written, during the update',
		proofs: [
			{ test: 'simulators/device/storage/settings-store.test.ts', title: 'settings that do not fit are refused and those stored stay' },
			{ test: 'simulators/device/slot-writer.test.ts', title: 'a chunk that the journal has no room for counts until the next reset' },
		],
	},
];
