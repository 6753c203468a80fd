import { createHash } from 'node:crypto';
import test from 'ava';
import {
	createSigningKey,
	formatVersion,
	parseImage,
	readBehaviour,
	type SigningKey,
	verifyImage,
	IMAGE_DEFECTS,
	type ImageBehaviour,
	type Release,
} from '../../harness/firmware/index.js';
import { createRandom } from '../../harness/time/index.js';
import { acceptanceOf, FLEET_PROFILES, type Profile, profileForImages } from '../device/index.js';
import { RecentImages } from './recent-images.js';
import { Shelf, type ShelfOptions } from './release-shelf.js';
import { readVector, readVectorKeys } from './vectors.js';

/** Of the images that devices leave the factory with. */
/** A counter that is too far ahead is signed well: it is the device's policy that refuses it. */
const REJECTED = IMAGE_DEFECTS.filter((defect) => defect !== 'fast-forward');

const INSTALLED_COUNTER = 5;

interface Stand {
	readonly shelf: Shelf;
	readonly profiles: readonly Profile[];
	/** The harness's keys that images were asked to be signed with. */
	readonly keys: SigningKey[];
}

const stand = (profiles: readonly Profile[], options: Partial<ShelfOptions> & { readonly seed?: string } = {}): Stand => {
	const keys: SigningKey[] = [];
	const random = createRandom(options.seed ?? 'shelf');
	const shelf = new Shelf({ profiles, random, images: new RecentImages(), ...options, onHarnessKey: (key) => void (keys.includes(key) || keys.push(key)) });
	return { shelf, profiles, keys };
};

/** Why each image is refused by the harness's own verifier with the keys of the harness; `accepted` where it is not. */
const verdictsOf = ({ profiles, keys }: Stand, release: Release): readonly string[] =>
	release.images.map(({ hardware, bytes }) => {
		const profile = profiles.find((candidate) => candidate.hardware === hardware);
		if (!profile) return `no device is ${hardware}`;
		if (bytes.length > profile.layout.slotA.sizeBytes) return 'larger than the slot';
		const trusted = keys.map(({ verifyingKey }) => verifyingKey);
		const verdict = verifyImage(bytes, { ...acceptanceOf(profile, trusted), minimumSecurityCounter: INSTALLED_COUNTER });
		return verdict.accepted ? 'accepted' : verdict.reason;
	});

const KIB = 1024;
const CLASSLESS = [16, 64, 1024].map((slotKib) => profileForImages(slotKib * KIB, { holding: [] }));
const SETS: readonly { readonly name: string; readonly profiles: readonly Profile[] }[] = [
	{ name: 'the whole fleet', profiles: FLEET_PROFILES },
	...[...FLEET_PROFILES, ...CLASSLESS].map((profile) => ({ name: profile.name, profiles: [profile] })),
];

for (const { name, profiles } of SETS) {
	test(`${name}: what is installed, the candidate and every behaviour are accepted, and name it in the image`, (t) => {
		const made = stand(profiles);
		const behaviours: readonly ImageBehaviour[] = [
			'healthy',
			'crashes-at-boot',
			'hangs-at-boot',
			'fails-self-test',
			'cannot-connect',
			'crashes-after-minutes',
			'forgets-to-confirm',
			'migrates-settings',
		];
		const releases = [
			made.shelf.installed(),
			made.shelf.candidate(),
			made.shelf.candidate({ sizeBytes: 'fills-slot' }),
			made.shelf.candidate({ sizeBytes: 5_000 }),
		];
		for (const release of [...releases, ...behaviours.map((behaviour) => made.shelf.behaving(behaviour))]) {
			t.deepEqual(new Set(verdictsOf(made, release)), new Set(['accepted']), release.name);
			t.is(release.images.length, profiles.length);
			for (const { bytes, digest } of release.images) {
				t.is(digest, createHash('sha256').update(bytes).digest('hex'));
				t.is(formatVersion(parseImage(bytes).header.version), release.version);
			}
		}
		for (const behaviour of behaviours)
			for (const { bytes } of made.shelf.behaving(behaviour).images) t.is(readBehaviour(parseImage(bytes)) ?? 'healthy', behaviour);
		const filling = made.shelf.candidate({ sizeBytes: 'fills-slot' });
		t.deepEqual(
			filling.images.map(({ bytes }) => bytes.length),
			profiles.map(({ layout }) => layout.slotA.sizeBytes),
		);
		t.is(made.keys.length, 1);
	});

	// Hardware without a class is a user's own: what other images it holds is not known.
	for (const defect of REJECTED.filter((known) => known !== 'dependency-not-met' || profiles.every(({ classId }) => classId !== null))) {
		test(`${name}: an image with the defect '${defect}' is rejected`, (t) => {
			const made = stand(profiles);
			t.deepEqual(new Set(verdictsOf(made, made.shelf.candidate())), new Set(['accepted']));
			const release = made.shelf.forbidden(defect);
			t.false(verdictsOf(made, release).includes('accepted'), verdictsOf(made, release).join('; '));
			t.deepEqual(release, made.shelf.forbidden(defect));
			for (const { bytes, digest } of release.images) t.is(digest, createHash('sha256').update(bytes).digest('hex'));
		});
	}
}

test('a release that misbehaves on one hardware is healthy on the others', (t) => {
	const made = stand(FLEET_PROFILES);
	const release = made.shelf.behaving('crashes-at-boot', { onlyOn: 'meter-r2' });
	t.deepEqual(
		release.images.map(({ hardware, bytes }) => [hardware, readBehaviour(parseImage(bytes)) ?? 'healthy']),
		[
			['sensor-r1', 'healthy'],
			['meter-r2', 'crashes-at-boot'],
			['gateway-r3', 'healthy'],
		],
	);
	t.deepEqual(new Set(verdictsOf(made, release)), new Set(['accepted']));
});

const everything = ({ shelf }: Stand): readonly string[] =>
	[shelf.installed(), shelf.candidate(), shelf.behaving('healthy'), shelf.behaving('hangs-at-boot'), ...IMAGE_DEFECTS.map((defect) => shelf.forbidden(defect))]
		.filter(({ name }) => name !== 'html-page')
		.flatMap(({ name, images }) => images.map(({ hardware, digest }) => `${name} ${hardware} ${digest}`));

test('the same seed gives the same bytes, another seed others, and the order of asking changes nothing', (t) => {
	const first = everything(stand(FLEET_PROFILES));
	const reversed = stand(FLEET_PROFILES);
	for (const defect of [...IMAGE_DEFECTS].reverse()) reversed.shelf.forbidden(defect);
	t.deepEqual(everything(reversed), first);
	const other = new Set(everything(stand(FLEET_PROFILES, { seed: 'another' })));
	t.deepEqual(
		first.filter((line) => other.has(line)),
		[],
	);
	t.is(new Set(first.map((line) => line.split(' ')[2])).size, first.length);
});

const userImage = (file: string) => {
	const { bytes } = readVector(file);
	return { name: file, bytes, digest: createHash('sha256').update(bytes).digest('hex') };
};

test("a user's images go out byte for byte, and no key of the harness is trusted for them", (t) => {
	const image = userImage('ed-plain.bin');
	const from = userImage('ed-base.bin');
	const profile = profileForImages(image.bytes.length, { holding: [image.bytes.length, from.bytes.length] });
	const made = stand([profile], { user: { image, from } });
	for (const [release, wanted] of [
		[made.shelf.installed(), from],
		[made.shelf.candidate(), image],
		[made.shelf.candidate({ sizeBytes: 'fills-slot' }), image],
	] as const) {
		t.is(release.origin, 'user');
		t.is(release.images.length, 1);
		t.deepEqual(Buffer.from(release.images[0]?.bytes ?? []), Buffer.from(wanted.bytes));
		t.is(release.images[0]?.digest, wanted.digest);
		t.is(release.version, formatVersion(parseImage(wanted.bytes).header.version));
	}
	const keyless = IMAGE_DEFECTS.filter((defect) => !['downgrade', 'dependency-not-met', 'mix-and-match', 'fast-forward'].includes(defect));
	for (const defect of keyless) {
		const release = made.shelf.forbidden(defect);
		for (const { hardware, bytes } of release.images) {
			const isLarger = bytes.length > profile.layout.slotA.sizeBytes;
			t.true(isLarger || hardware !== profile.hardware || !verifyImage(bytes, acceptanceOf(profile, readVectorKeys())).accepted, defect);
		}
	}
	t.deepEqual(made.keys, []);
	made.shelf.behaving('healthy');
	t.is(made.keys.length, 1);
});

test('an image of an unknown key is signed well, by a key that nobody is asked to trust', (t) => {
	const made = stand(FLEET_PROFILES);
	const release = made.shelf.forbidden('unknown-key');
	const stranger = createSigningKey(createRandom('shelf').stream('unknown-key').bytes(32));
	for (const { hardware, bytes } of release.images) {
		const profile = FLEET_PROFILES.find((candidate) => candidate.hardware === hardware) as Profile;
		t.true(verifyImage(bytes, acceptanceOf(profile, [stranger.verifyingKey])).accepted);
	}
	t.true(made.keys.every((key) => key.verifyingKey !== stranger.verifyingKey));
	t.deepEqual(
		release.images.map(({ bytes }) => parseImage(bytes).header.payloadSizeBytes),
		made.shelf.candidate().images.map(({ bytes }) => parseImage(bytes).header.payloadSizeBytes),
	);
});

test("images of MCUboot's imgtool go out byte for byte, to every hardware, under no key of the harness", (t) => {
	const vectors = { installed: 'ed-base.bin', candidate: 'ed-plain.bin' };
	const profile = profileForImages(readVector('ed-plain.bin').bytes.length, { holding: [] });
	const made = stand([profile], { vectors });
	t.deepEqual(Buffer.from(made.shelf.installed().images[0]?.bytes ?? []), Buffer.from(readVector('ed-base.bin').bytes));
	t.deepEqual(Buffer.from(made.shelf.candidate().images[0]?.bytes ?? []), Buffer.from(readVector('ed-plain.bin').bytes));
	for (const file of ['c-html.bin', 'c-trunc-half.bin', 'ed-ver-max.bin'])
		t.deepEqual(Buffer.from(made.shelf.vector(file).images[0]?.bytes ?? []), Buffer.from(readVector(file).bytes));
	t.is(made.shelf.candidate().origin, 'imgtool');
	t.deepEqual(made.keys, []);
	for (const name of ['no-such.bin', '../vectors/ed-base.bin', 'keys/ed25519-A.pub.pem']) t.throws(() => made.shelf.vector(name), { instanceOf: RangeError });
});

test('shelves of one seed hand out the very same images; another seed, release, size or hardware has its own', (t) => {
	const [first] = FLEET_PROFILES as readonly [Profile, ...Profile[]];
	const bytesOf = (release: Release) => release.images[0]?.bytes as Uint8Array;
	const images = new RecentImages();
	const [one, again] = [stand([first], { images }), stand([first], { images })];
	t.is(bytesOf(one.shelf.candidate()), bytesOf(again.shelf.candidate()));
	t.is(again.keys.length, 1);
	const others = [
		stand([first], { images, seed: 'another' }).shelf.candidate(),
		stand([{ ...first, hardware: 'another' }], { images }).shelf.candidate(),
		again.shelf.installed(),
		again.shelf.candidate({ sizeBytes: 20_000 }),
		again.shelf.behaving('hangs-at-boot'),
		again.shelf.forbidden('unknown-key'),
	].map(bytesOf);
	t.is(new Set([bytesOf(one.shelf.candidate()), ...others].map((bytes) => Buffer.from(bytes).toString('latin1'))).size, 1 + others.length);
});

test('images kept for the next world are bounded in bytes, and the oldest are made anew', (t) => {
	const images = new RecentImages();
	const made: string[] = [];
	const get = (name: string) =>
		images.get(name, () => {
			made.push(name);
			return new Uint8Array(1_500_000);
		});
	for (const name of ['a', 'b', 'a', 'c', 'c', 'b', 'a']) get(name);
	t.deepEqual(made, ['a', 'b', 'c', 'a']);
});
