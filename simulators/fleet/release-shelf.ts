import { createHash } from 'node:crypto';
import {
	type BuildOptions,
	buildImage,
	corruptImage,
	createSigningKey,
	encodeBehaviour,
	encodeStatement,
	formatVersion,
	type KeylessDefect,
	parseImage,
	parseVersion,
	type ReleaseStatement,
	type SigningKey,
	type ImageBehaviour,
	type ImageDefect,
	type Release,
	type ReleaseImage,
} from '../../harness/firmware/index.js';
import type { CandidateOptions, ReleaseShelf } from '../../harness/ports/index.js';
import type { UserImage } from '../../harness/scenario/index.js';
import type { Random } from '../../harness/time/index.js';
import type { Profile } from '../device/index.js';
import { RecentImages } from './recent-images.js';
import type { AskedRelease } from './release-faults.js';
import { readVector } from './vectors.js';

const INSTALLED_VERSION = '1.0.0';
/** Security counter of the images that devices leave the factory with. */
const INSTALLED_COUNTER = 5;
/** Nothing comes after it: a device that takes it takes no other image. */
const HIGHEST_COUNTER = 0xffff_ffff;
/** An image has this many blocks and a part of one, unless it is asked to be of another size. */
const IMAGE_BLOCKS = 16.5;

export interface ShelfOptions {
	readonly profiles: readonly Profile[];
	readonly random: Random;
	/** The user's images, where the case runs on them. */
	readonly user?: { readonly image: UserImage; readonly from?: UserImage };
	/** What devices run at the start, where it is not the shelf's own choice. */
	readonly installed?: { readonly version: string; readonly securityCounter: number };
	readonly vectors?: { readonly installed: string; readonly candidate: string };
	/** Size of an image that is not asked to be of any. */
	readonly imageBlocks?: number;
	/** Where images are kept for the next shelf; by default in one place for all of the process. */
	readonly images?: RecentImages;
	/** Called before an image signed by the harness's own key is handed out. */
	readonly onHarnessKey: (key: SigningKey) => void;
	/** Whether the next release that is to go wrong does: one that takes no part is healthy in its place. */
	readonly keepsWrong?: () => boolean;
	/** Called when a release is made that is to go wrong: with what is wrong, and the images that it is wrong with. */
	readonly onAsked?: (asked: AskedRelease) => void;
}

interface Recipe {
	readonly name: string;
	readonly version: string;
	readonly behaviour: ImageBehaviour;
	/** Hardware that it behaves so on; healthy on the others. */
	readonly onlyOn?: string;
	readonly securityCounter?: number;
	readonly sizeBytes?: 'fills-slot' | number;
	readonly key?: SigningKey;
	/** Hardware whose class the image names; its own by default. */
	readonly classOf?: Profile;
	readonly needsOther?: string;
}

/** Makes releases: the user's bytes, MCUboot's vectors, or images of the harness's own with a key derived from the seed. */
export class Shelf implements ReleaseShelf {
	readonly #options: ShelfOptions;
	readonly #made = new Map<string, Release>();
	/** Whether each release that is to go wrong does, by name. */
	readonly #kept = new Map<string, boolean>();
	readonly #harnessKey: SigningKey;
	/** Every key that images were signed with, the newest last. */
	readonly #signers: SigningKey[];

	constructor(options: ShelfOptions) {
		this.#options = options;
		this.#harnessKey = keyOf(options.random.stream('harness-key').bytes(32));
		this.#signers = [this.#harnessKey];
	}

	/** Images are signed with another key from here on; `before` is the one that they were signed with. */
	rotateKey(): { readonly before: SigningKey; readonly after: SigningKey; readonly version: number } {
		const { random, user, vectors } = this.#options;
		if (user ?? vectors) throw new RangeError('rotateKeys: a fleet of harness images was expected, it runs on others');
		const before = this.#signer;
		const after = createSigningKey(random.stream(`harness-key-${this.#signers.length + 1}`).bytes(32));
		this.#signers.push(after);
		return { before, after, version: this.#signers.length };
	}

	/** Says of an image what its devices go by, with the key that images are signed with by now. */
	state(statement: ReleaseStatement): string {
		return encodeStatement(statement, this.#signer);
	}

	/** A key that was never anybody's. */
	strangerKey(): SigningKey {
		return createSigningKey(this.#options.random.stream('unknown-key').bytes(32));
	}

	revoked(): Release {
		const key = this.#signers.at(-2);
		if (key === undefined) throw new RangeError('revoked: a rotation of keys was expected before it');
		// Above that of any other release: nothing but its key speaks against it.
		const securityCounter = (this.#options.installed?.securityCounter ?? INSTALLED_COUNTER) + 2;
		const name = `revoked-key-${this.#signers.length - 1}`;
		const recipe = { name, version: this.#nextVersion(3), behaviour: 'healthy', securityCounter } as const;
		return this.#keeps(name) ? this.#wrong('revoked-key', this.#build({ ...recipe, key })) : this.#build(recipe);
	}

	get #signer(): SigningKey {
		return this.#signers.at(-1) ?? this.#harnessKey;
	}

	/** Of that version, where one is named that is not the one that devices run at the start unless told otherwise. */
	installed(version?: string): Release {
		const { user, vectors, installed } = this.#options;
		const key = this.#harnessKey;
		if (version !== undefined && version !== (installed?.version ?? INSTALLED_VERSION)) {
			if (user ?? vectors)
				throw new RangeError(`places: a fleet of harness images was expected where places have versions of their own, got ${version} on others`);
			return this.#build({
				name: `installed-${version}`,
				version,
				behaviour: 'healthy',
				securityCounter: installed?.securityCounter ?? INSTALLED_COUNTER,
				key,
			});
		}
		if (installed) return this.#build({ name: 'installed', ...installed, behaviour: 'healthy', key });
		if (user?.from) return this.#fromUser('installed', user.from);
		if (vectors) return this.vector(vectors.installed);
		// Whatever version and counter the user's image has, what it replaces must not be newer.
		if (user) return this.#build({ name: 'installed', version: '0.0.1', behaviour: 'healthy', securityCounter: 0, key });
		return this.#build({ name: 'installed', version: INSTALLED_VERSION, behaviour: 'healthy', key });
	}

	candidate({ sizeBytes, revocable = false }: CandidateOptions = {}): Release {
		const { user, vectors } = this.#options;
		if (user) return this.#fromUser('candidate', user.image);
		if (vectors) return this.vector(vectors.candidate);
		const counter = this.#options.installed?.securityCounter ?? INSTALLED_COUNTER;
		return this.#build({
			name: revocable ? 'candidate-revocable' : 'candidate',
			version: this.#nextVersion(0),
			behaviour: 'healthy',
			securityCounter: revocable ? counter : counter + 1,
			...(sizeBytes === undefined ? {} : { sizeBytes }),
		});
	}

	behaving(behaviour: ImageBehaviour, { onlyOn }: { readonly onlyOn?: string } = {}): Release {
		const name = onlyOn === undefined ? behaviour : `${behaviour}-on-${onlyOn}`;
		const isWrong = behaviour !== 'healthy' && this.#keeps(name);
		const release = this.#build({
			name,
			version: this.#nextVersion(1),
			behaviour: isWrong ? behaviour : 'healthy',
			...(onlyOn === undefined ? {} : { onlyOn }),
		});
		if (isWrong) {
			const images = release.images.filter(({ hardware }) => (onlyOn ?? hardware) === hardware);
			this.#options.onAsked?.({ fault: 'image-behaviour', form: behaviour, images });
		}
		return release;
	}

	forbidden(defect: ImageDefect): Release {
		return this.#keeps(defect) ? this.#wrong(defect, this.#defective(defect)) : this.candidate();
	}

	/** A release that is asked for again is the same one, with either key. */
	#keeps(name: string): boolean {
		const known = this.#kept.get(name) ?? this.#options.keepsWrong?.() ?? true;
		this.#kept.set(name, known);
		return known;
	}

	/** One release for each defect and set of keys, however often it is asked for. */
	#wrong(defect: NonNullable<Release['defect']>, made: Release): Release {
		const release = this.#once(`${made.name}, ${defect} of ${this.#signers.length}`, () => ({ ...made, defect }));
		this.#options.onAsked?.({ fault: 'image-defect', form: defect, images: release.images });
		return release;
	}

	#defective(defect: ImageDefect): Release {
		switch (defect) {
			case 'unknown-key':
				return this.#resigned();
			case 'other-hardware':
				return this.#forOtherHardware();
			case 'downgrade':
				return this.#build({ name: defect, version: '0.9.0', behaviour: 'healthy', securityCounter: INSTALLED_COUNTER - 1 });
			case 'dependency-not-met':
				return this.#build({ name: defect, version: '2.0.0', behaviour: 'healthy', needsOther: '9.0.0' });
			case 'mix-and-match':
				return this.#mixed();
			case 'fast-forward':
				return this.#build({ name: defect, version: '2.0.0', behaviour: 'healthy', securityCounter: HIGHEST_COUNTER });
			default:
				return this.#corrupted(defect);
		}
	}

	vector(file: string): Release {
		return this.#once(`imgtool-${file.replace(/\.bin$/, '')}`, (name) => {
			const { bytes, version } = readVector(file);
			return { name, version, origin: 'imgtool', images: this.#options.profiles.map((profile) => releaseImage(profile, bytes)) };
		});
	}

	/** Newer by a major version than what is installed. */
	#nextVersion(minor: number): string {
		const { installed } = this.#options;
		return `${installed === undefined ? 2 : parseVersion(installed.version).major + 1}.${minor}.0`;
	}

	#fromUser(name: string, image: UserImage): Release {
		return this.#once(name, () => ({
			name,
			version: formatVersion(parseImage(image.bytes).header.version),
			origin: 'user',
			images: this.#options.profiles.map((profile) => releaseImage(profile, image.bytes)),
		}));
	}

	#corrupted(defect: KeylessDefect): Release {
		return this.#once(defect, (name) => {
			const { version, origin, images } = this.candidate();
			const slots = new Map(this.#options.profiles.map(({ hardware, largestImageBytes }) => [hardware, largestImageBytes]));
			return {
				name,
				version,
				origin,
				images: images.map(({ hardware, bytes }) => {
					const slotSizeBytes = slots.get(hardware) as number;
					return describeImage(hardware, corruptImage(bytes, { defect, slotSizeBytes }));
				}),
			};
		});
	}

	/** What the candidate's digest and signature cover, with those of another signed release behind it. */
	#mixed(): Release {
		return this.#once('mix-and-match', (name) => {
			const { version, origin, images } = this.candidate();
			const others = new Map(this.#build({ name: 'mixed-in', version: '2.2.0', behaviour: 'healthy' }).images.map((image) => [image.hardware, image.bytes]));
			return {
				name,
				version,
				origin,
				images: images.map(({ hardware, bytes }) => {
					const other = others.get(hardware) as Uint8Array;
					const signed = bytes.subarray(0, parseImage(bytes).hashedRegion.lengthBytes);
					const proof = other.subarray(parseImage(other).hashedRegion.lengthBytes);
					return describeImage(hardware, new Uint8Array(Buffer.concat([signed, proof])));
				}),
			};
		});
	}

	/** The candidate's payload under a signature of a key that no device knows. */
	#resigned(): Release {
		const stranger = this.strangerKey();
		return this.#once('unknown-key', (name) => {
			const { version, origin, images } = this.candidate();
			return { name, version, origin, images: images.map(({ hardware, bytes }) => describeImage(hardware, resign(bytes, stranger))) };
		});
	}

	/** Each image names the class of the next hardware. Where hardware has no class, the release is for another board altogether. */
	#forOtherHardware(): Release {
		const { profiles } = this.#options;
		const [first] = profiles as readonly [Profile];
		if (profiles.length === 1 && first.classId === null) {
			const candidate = this.candidate();
			return { ...candidate, name: 'other-hardware', images: candidate.images.map((image) => ({ ...image, hardware: 'another-board' })) };
		}
		return this.#once('other-hardware', (name) => {
			const version = formatVersion(parseVersion('2.0.0'));
			const images = profiles.map((profile, index) => {
				const classOf = profiles[(index + 1) % profiles.length] as Profile;
				return releaseImage(
					profile,
					this.#image(profile, { name, version, behaviour: 'healthy', classOf: profiles.length > 1 ? classOf : strangerTo(profile) }),
				);
			});
			return { name, version, origin: 'harness', images };
		});
	}

	#build(recipe: Recipe): Release {
		const signers = recipe.key === undefined ? this.#signers.length : 1;
		const suffix = signers === 1 ? '' : `-key-${signers}`;
		return this.#once(`${recipe.name}${recipe.sizeBytes === undefined ? '' : `-${recipe.sizeBytes}`}${suffix}`, (name) => ({
			name,
			version: formatVersion(parseVersion(recipe.version)),
			origin: 'harness',
			images: this.#options.profiles.map((profile) => releaseImage(profile, this.#image(profile, recipe))),
		}));
	}

	#image(profile: Profile, recipe: Recipe): Uint8Array {
		const key = recipe.key ?? this.#signer;
		if (key === this.#harnessKey) this.#options.onHarnessKey(key);
		return (this.#options.images ?? IMAGES).get(
			nameImage(profile, { recipe: { ...recipe, sizeBytes: this.#sizeOf(profile, recipe) }, keys: [this.#harnessKey, key] }),
			() => this.#buildImage(profile, { recipe, key }),
		);
	}

	#buildImage(profile: Profile, { recipe, key }: { readonly recipe: Recipe; readonly key: SigningKey }): Uint8Array {
		const options: Omit<BuildOptions, 'payload'> = {
			version: parseVersion(recipe.version),
			securityCounter: recipe.securityCounter ?? INSTALLED_COUNTER,
			vendorTlvs: [encodeBehaviour((recipe.onlyOn ?? profile.hardware) === profile.hardware ? recipe.behaviour : 'healthy')],
			key,
			...(profile.classId === null ? {} : { classId: (recipe.classOf ?? profile).classId as Uint8Array }),
			...(recipe.needsOther === undefined ? {} : { dependencies: [{ imageId: 1, version: parseVersion(recipe.needsOther) }] }),
		};
		const emptyBytes = buildImage({ ...options, payload: new Uint8Array(0) }).length;
		const payloadBytes = Math.max(1, this.#sizeOf(profile, recipe) - emptyBytes);
		const random = this.#options.random.stream(`payload/${profile.hardware}/${recipe.name}/${recipe.version}`);
		return buildImage({ ...options, payload: random.bytes(payloadBytes) });
	}

	#sizeOf({ largestImageBytes, download }: Profile, { sizeBytes }: Recipe): number {
		if (sizeBytes === 'fills-slot') return largestImageBytes;
		return Math.min(largestImageBytes, sizeBytes ?? Math.floor((this.#options.imageBlocks ?? IMAGE_BLOCKS) * download.blockSizeBytes));
	}

	#once(name: string, make: (name: string) => Release): Release {
		const known = this.#made.get(name);
		if (known) return known;
		const release = make(name);
		this.#made.set(name, release);
		return release;
	}
}

/** Worlds of one seed have the same key. */
const KEYS = new Map<string, SigningKey>();
const MOST_KEYS = 8;

const keyOf = (seed: Uint8Array): SigningKey => {
	const name = Buffer.from(seed).toString('hex');
	const key = KEYS.get(name) ?? createSigningKey(seed);
	KEYS.set(name, key);
	for (const oldest of KEYS.keys()) {
		if (KEYS.size <= MOST_KEYS) break;
		KEYS.delete(oldest);
	}
	return key;
};

/** Worlds of one seed have the same images; the museum opens many, one after the other. */
const IMAGES = new RecentImages();

/** Everything that an image is made from: the harness's key stands for the seed. */
const nameImage = (profile: Profile, { recipe, keys }: { readonly recipe: Recipe; readonly keys: readonly SigningKey[] }): string => {
	const { hardware, classId, largestImageBytes, download } = profile;
	const { key: _, classOf, ...others } = recipe;
	const hashes = keys.map(({ verifyingKey }) => Buffer.from(verifyingKey.keyHash).toString('hex'));
	return JSON.stringify([hashes, hardware, classId, largestImageBytes, download.blockSizeBytes, classOf?.classId, others]);
};

const strangerTo = (profile: Profile): Profile => ({ ...profile, classId: (profile.classId as Uint8Array).map((byte) => byte ^ 0xff) });

const resign = (bytes: Uint8Array, key: SigningKey): Uint8Array => {
	const { header, securityCounter, dependencies, classId, vendorId } = parseImage(bytes);
	return buildImage({
		version: header.version,
		payload: bytes.subarray(header.headerSizeBytes, header.headerSizeBytes + header.payloadSizeBytes),
		headerSizeBytes: header.headerSizeBytes,
		flags: header.flags,
		dependencies,
		key,
		...(securityCounter === undefined ? {} : { securityCounter }),
		...(classId === undefined ? {} : { classId }),
		...(vendorId === undefined ? {} : { vendorId }),
	});
};

const releaseImage = (profile: Profile, bytes: Uint8Array): ReleaseImage => describeImage(profile.hardware, bytes);

const describeImage = (hardware: string, bytes: Uint8Array): ReleaseImage => ({ hardware, bytes, digest: createHash('sha256').update(bytes).digest('hex') });
