import test, { type ExecutionContext } from 'ava';
import { Flash, PageStore, PowerLoss } from '../../harness/flash/index.js';
import { TEAR_MODES } from '../../harness/faults/index.js';
import { createRandom, type Random } from '../../harness/time/index.js';
import { bootLayoutOf, withBootloader } from './bootloader-profile.js';
import { RIGHT_PARTS } from './device-parts.js';
import { OneWayCounter } from './one-way-counter.js';
import { FLEET_PROFILES, IMAGE_PROFILES, type Profile } from './profile.js';
import { SlotWriter, type WritingDevice } from './slot-writer.js';
import { UpdateJournal } from './storage/index.js';

const MIB = 1024 * 1024;
const SENSOR = FLEET_PROFILES[0] as Profile;
const GATEWAY = FLEET_PROFILES[2] as Profile;
const withBlocks = (profile: Profile, blockSizeBytes: number): Profile => ({
	...profile,
	name: `${profile.name} in blocks of ${blockSizeBytes}`,
	download: { ...profile.download, blockSizeBytes },
});

/** Blocks as the profile has them, and smaller and larger than its sectors. */
const PROFILES = [
	...FLEET_PROFILES,
	...IMAGE_PROFILES.filter(({ layout }) => layout.slotA.sizeBytes <= MIB),
	...FLEET_PROFILES.flatMap((profile) => [withBlocks(profile, 256), withBlocks(profile, 8_192), withBlocks(profile, 16_384)]),
];

/** A part with one image on its way into slot b. */
class Stand implements WritingDevice {
	readonly flash: Flash;
	readonly tally = { errors: 0 };
	readonly profile: Profile;
	readonly bootloader: WritingDevice['bootloader'];
	readonly image: Uint8Array;
	writer: SlotWriter;

	constructor(profile: Profile, sizeBytes: number) {
		this.profile = profile;
		this.image = createRandom('image').bytes(sizeBytes);
		this.flash = new Flash({ geometry: profile.flash, store: new PageStore({ pageSizeBytes: 1024 }) });
		this.bootloader = RIGHT_PARTS.createBootloader(
			{
				flash: this.flash,
				layout: bootLayoutOf(profile.layout),
				settings: profile.bootloader,
				judge: { judge: () => ({ ok: false, reason: 'not asked' }) },
				counter: new OneWayCounter(),
			},
			profile.bootloader.name ?? 'ab',
		);
		// What lay there before: a slot is never blank when an update begins.
		this.flash.program(profile.layout.slotB.offsetBytes, new Uint8Array(profile.layout.slotB.sizeBytes).fill(0x5a));
		this.writer = this.boot();
		this.writer.begin();
	}

	/** A writer of its own, as after a reset. */
	boot(): SlotWriter {
		const journal = new UpdateJournal({ flash: this.flash, area: this.profile.layout.journal });
		this.writer = new SlotWriter(this, { slot: 'b', journal, job: 'job-1', digest: 'd'.repeat(64), sizeBytes: this.image.length });
		return this.writer;
	}

	get blocks(): number {
		return Math.ceil(this.image.length / this.profile.download.blockSizeBytes);
	}

	get missing(): readonly number[] {
		return Array.from({ length: this.blocks }, (_, block) => block).filter((block) => !this.writer.hasBlock(block));
	}

	write(block: number): void {
		const { blockSizeBytes } = this.profile.download;
		this.writer.write(block, this.image.subarray(block * blockSizeBytes, (block + 1) * blockSizeBytes));
	}

	/** The image's bytes, and the rest of its last unit left erased. */
	assertWhole(t: ExecutionContext, why = this.profile.name): void {
		t.deepEqual(this.missing, [], why);
		const { offsetBytes } = this.profile.layout.slotB;
		const found = Buffer.from(this.flash.read(offsetBytes, this.image.length));
		t.true(found.equals(this.image), `${why}: the image's bytes were expected`);
	}
}

const shuffled = (items: readonly number[], random: Random): readonly number[] =>
	items
		.map((item) => ({ item, order: random.next() }))
		.sort((left, right) => left.order - right.order)
		.map(({ item }) => item);

for (const profile of PROFILES) {
	const { sizeBytes } = profile.layout.slotA;
	for (const imageBytes of [sizeBytes, sizeBytes - 1, Math.floor(sizeBytes / 2) + 3, 1]) {
		test(`${profile.name}: an image of ${imageBytes} bytes is written whole, in any order`, (t) => {
			const stand = new Stand(profile, imageBytes);
			const operations = stand.flash.operations;
			for (const block of shuffled(stand.missing, createRandom('order'))) stand.write(block);
			stand.assertWhole(t);
			const chunks = Math.ceil(stand.blocks / stand.writer.blocksPerChunk);
			const sectorBytes = profile.flash.sectors.at(-1)?.sizeBytes ?? 0;
			const sectorsPerChunk = Math.max(1, profile.download.blockSizeBytes / sectorBytes);
			t.is(stand.flash.operations - operations, chunks * sectorsPerChunk + stand.blocks + chunks);
			stand.boot();
			stand.assertWhole(t, 'after a reset');
		});
	}

	test(`${profile.name}: after a reset only the blocks of chunks that were not whole are missing`, (t) => {
		const stand = new Stand(profile, sizeBytes - 5);
		const random = createRandom('half');
		const { blocksPerChunk } = stand.writer;
		const written = new Set(shuffled(stand.missing, random).slice(0, Math.ceil(stand.blocks * 0.6)));
		for (const block of written) stand.write(block);
		t.deepEqual(stand.missing.length, stand.blocks - written.size);
		stand.boot();
		const isWhole = (chunk: number): boolean =>
			Array.from({ length: Math.min(blocksPerChunk, stand.blocks - chunk * blocksPerChunk) }, (_, index) => chunk * blocksPerChunk + index).every((block) =>
				written.has(block),
			);
		const expected = Array.from({ length: stand.blocks }, (_, block) => block).filter((block) => !isWhole(Math.floor(block / blocksPerChunk)));
		t.deepEqual(stand.missing, expected);
		for (const block of expected) stand.write(block);
		stand.assertWhole(t);
	});

	test(`${profile.name}: power lost at every operation of two chunks, torn in every way, costs these chunks at most`, (t) => {
		const chunkBytes = Math.max(profile.flash.sectors.at(-1)?.sizeBytes ?? 0, profile.download.blockSizeBytes);
		const imageBytes = Math.min(sizeBytes, chunkBytes * 2 - 3);
		const model = new Stand(profile, imageBytes);
		const begun = model.flash.operations;
		for (const block of model.missing) model.write(block);
		const operations = model.flash.operations - begun;
		const step = Math.max(1, Math.floor(operations / 12));
		for (let operation = 0; operation < operations; operation += step) {
			for (const tear of TEAR_MODES) {
				const stand = new Stand(profile, imageBytes);
				stand.flash.armCut({ operation, tear, tearSeed: operation });
				const error = t.throws(
					() => {
						for (const block of stand.missing) stand.write(block);
					},
					{ instanceOf: PowerLoss },
				);
				t.truthy(error);
				stand.flash.powerOn();
				stand.boot();
				for (const block of stand.missing) stand.write(block);
				stand.assertWhole(t, `operation ${operation} ${tear}`);
			}
		}
	});

	test(`${profile.name}: a supply that sags at any program of two chunks is noticed, and the chunk written again`, (t) => {
		const chunkBytes = Math.max(profile.flash.sectors.at(-1)?.sizeBytes ?? 0, profile.download.blockSizeBytes);
		const imageBytes = Math.min(sizeBytes, chunkBytes * 2 - 3);
		for (let operation = 0; operation < 10; operation++) {
			const stand = new Stand(profile, imageBytes);
			stand.flash.armBrownOut(operation, operation * 77);
			for (let round = 0; round < 3; round++) for (const block of stand.missing) stand.write(block);
			stand.assertWhole(t, `operation ${operation}`);
			stand.boot();
			stand.assertWhole(t, `operation ${operation}, after a reset`);
		}
	});
}

test('a chunk that the journal has no room for counts until the next reset, and is fetched again then', (t) => {
	for (const profile of [SENSOR, GATEWAY]) {
		const stand = new Stand(profile, profile.layout.slotA.sizeBytes);
		const { journal } = profile.layout;
		const unitBytes = Math.max(4, profile.flash.writeSizeBytes);
		// Junk before the five entries that are kept for the phases, as torn marks would leave it.
		stand.flash.program(journal.offsetBytes + journal.sizeBytes - 6 * unitBytes, new Uint8Array(unitBytes));
		stand.boot();
		for (const block of stand.missing) stand.write(block);
		stand.assertWhole(t);
		const update = new UpdateJournal({ flash: stand.flash, area: journal });
		update.setPhase('trial-requested');
		t.is(update.current()?.phase, 'trial-requested');
		stand.boot();
		t.is(stand.missing.length, stand.blocks);
		for (const block of stand.missing) stand.write(block);
		stand.assertWhole(t);
	}
});

test('what a bootloader keeps around the place of an image is cleared before the first byte, and what is an image is left alone', (t) => {
	for (const [name, around] of [
		['ab', []],
		['esp-otadata', []],
		['mcuboot-swap-move', [14, 15]],
		['mcuboot-swap-scratch', [15]],
		['mcuboot-swap-offset', [0, 16]],
		['mcuboot-overwrite', [15]],
	] as const) {
		const profile = name === 'ab' ? SENSOR : withBootloader(SENSOR, name);
		const stand = new Stand(profile, profile.largestImageBytes);
		const { slotB } = profile.layout;
		const sectors = Array.from({ length: slotB.sizeBytes / 4096 }, (_, sector) => sector);
		t.deepEqual(
			sectors.filter((sector) => stand.flash.isErased(slotB.offsetBytes + sector * 4096, 4096)),
			[...around],
			name,
		);
		for (const block of stand.missing) stand.write(block);
		const { offsetBytes } = stand.bootloader.updateTarget('a').image;
		t.true(stand.flash.isHolding(offsetBytes, stand.image), name);
	}
});
