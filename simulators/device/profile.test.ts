import test from 'ava';
import { Flash, geometrySizeBytes, isWholeSectors, PageStore } from '../../harness/flash/index.js';
import { BOOTLOADER_NAMES } from '../../harness/bootloader/index.js';
import { withBootloader } from './bootloader-profile.js';
import { FLEET_PROFILES, IMAGE_PROFILES, type Profile, profileForImages, type Region } from './profile.js';
import { UpdateJournal } from './storage/index.js';

const VARIANTS = FLEET_PROFILES.flatMap((profile) => BOOTLOADER_NAMES.map((name) => withBootloader(profile, name)));
const ALL = [...FLEET_PROFILES, ...IMAGE_PROFILES, ...VARIANTS];
const KIB = 1024;
const MIB = 1024 * KIB;

const regionsOf = ({ layout }: Profile): readonly Region[] => [
	...layout.records,
	...layout.settings,
	layout.journal,
	layout.outcome,
	...layout.time,
	layout.slotA,
	layout.slotB,
	...(layout.scratch === undefined ? [] : [layout.scratch]),
];

for (const profile of ALL) {
	test(`the regions of ${profile.name} are whole sectors inside its flash, and none lies in another`, (t) => {
		const regions = [...regionsOf(profile)].sort((left, right) => left.offsetBytes - right.offsetBytes);
		for (const [index, { offsetBytes, sizeBytes }] of regions.entries()) {
			t.true(isWholeSectors(profile.flash, { offsetBytes, lengthBytes: sizeBytes }));
			const before = regions[index - 1];
			if (before) t.true(before.offsetBytes + before.sizeBytes <= offsetBytes);
		}
		const last = regions.at(-1) as Region;
		t.true(last.offsetBytes + last.sizeBytes <= geometrySizeBytes(profile.flash));
		t.true(profile.largestImageBytes <= profile.layout.slotA.sizeBytes);
		if (profile.bootloader.name !== 'mcuboot-swap-offset') t.is(profile.layout.slotA.sizeBytes, profile.layout.slotB.sizeBytes);
		t.is(profile.layout.slotA.sizeBytes % profile.download.blockSizeBytes, 0);
	});

	test(`the journal of ${profile.name} has room for every mark of an image that fills its slot, under the longest names`, (t) => {
		const flash = new Flash({ geometry: profile.flash, store: new PageStore({ pageSizeBytes: 1024 }) });
		const journal = new UpdateJournal({ flash, area: profile.layout.journal });
		const sectorBytes = profile.flash.sectors.at(-1)?.sizeBytes ?? 0;
		const blockSizeBytes = Math.max(sectorBytes, profile.download.blockSizeBytes);
		const { sizeBytes } = profile.layout.slotA;
		journal.begin({ job: 'j'.repeat(64), digest: 'f'.repeat(64), sizeBytes, blockSizeBytes, slot: 'b' });
		const blocks = sizeBytes / blockSizeBytes;
		for (let block = 0; block < blocks; block++) t.true(journal.markBlock(block));
		journal.setPhase('trial-requested');
		const read = new UpdateJournal({ flash, area: profile.layout.journal });
		t.like(read.current(), { phase: 'trial-requested', received: blocks });
	});
}

test('the fleet has three hardware revisions that differ in geometry, bootloader and protocol', (t) => {
	for (const pick of [
		({ hardware }: Profile) => hardware,
		({ flash }: Profile) => JSON.stringify(flash),
		({ bootloader }: Profile) => `${bootloader.trialBoots}`,
		({ classId }: Profile) => Buffer.from(classId ?? []).toString('hex'),
	])
		t.is(new Set(FLEET_PROFILES.map(pick)).size, 3);
	t.deepEqual(new Set(FLEET_PROFILES.map(({ download }) => download.format)), new Set(['cbor', 'json']));
});

test('images get the smallest profile that holds all of them', (t) => {
	for (const [index, { layout, name }] of IMAGE_PROFILES.entries()) {
		const slotBytes = layout.slotA.sizeBytes;
		t.is(profileForImages(slotBytes, { holding: [] }).name, name);
		t.is(profileForImages(1, { holding: [1, slotBytes, 5] }).name, name);
		const larger = IMAGE_PROFILES[index + 1];
		if (larger) t.is(profileForImages(slotBytes + 1, { holding: [slotBytes] }).name, larger.name);
	}
	t.is(profileForImages(16 * MIB, { holding: [] }).layout.slotA.sizeBytes, 16 * MIB);
});

test('images beyond 16 MiB are refused by their size', (t) => {
	for (const [download, holding] of [
		[16 * MIB + 1, []],
		[1, [16 * MIB + 1]],
	] as const)
		t.throws(() => profileForImages(download, { holding }), { instanceOf: RangeError, message: /16777217 bytes/ });
});

test('an image from 4 KiB up is downloaded in at least 16 blocks of a size that streams allow and slots divide by', (t) => {
	const sizes = [...Array.from({ length: 5_000 }, (_, index) => 4 * KIB + index * 7), 64 * KIB - 1, 64 * KIB, 64 * KIB + 1, 300_001, MIB, 16 * MIB];
	for (const sizeBytes of sizes) {
		const { download, layout } = profileForImages(sizeBytes, { holding: [] });
		const { blockSizeBytes } = download;
		if (Math.ceil(sizeBytes / blockSizeBytes) < 16 || blockSizeBytes < 256 || blockSizeBytes > 4 * KIB || layout.slotA.sizeBytes % blockSizeBytes !== 0)
			t.fail(`${sizeBytes} bytes in blocks of ${blockSizeBytes}`);
		if (blockSizeBytes < 4 * KIB && Math.ceil(sizeBytes / (2 * blockSizeBytes)) >= 16)
			t.fail(`${sizeBytes} bytes: blocks of ${blockSizeBytes} could be larger`);
	}
	t.is(profileForImages(100, { holding: [] }).download.blockSizeBytes, 256);
});
