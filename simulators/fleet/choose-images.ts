import { BOOTLOADER_NAMES, isBootloaderName } from '../../harness/bootloader/index.js';
import { parseVerifyingKey, type VerifyingKey } from '../../harness/firmware/index.js';
import type { FleetOptions, FleetPlace } from '../../harness/ports/index.js';
import type { RunOptions } from '../../harness/scenario/index.js';
import { FLEET_PROFILES, type Profile, profileForImages, withBootloader } from '../device/index.js';
import type { Shelf } from './release-shelf.js';
import type { Place } from './roster.js';
import { readVector, readVectorKeys } from './vectors.js';

export interface Images {
	readonly profiles: readonly Profile[];
	readonly places: readonly Place[];
	readonly keys: readonly VerifyingKey[];
	readonly shelf: Pick<ConstructorParameters<typeof Shelf>[0], 'user' | 'vectors'>;
}

/** Which images a case runs on, the hardware that holds them and the keys devices trust from the start. */
export const chooseImages = (run: RunOptions, options: FleetOptions): Images => {
	const { vectors, harnessImages } = options;
	if (vectors) {
		const sizes = [vectors.installed, vectors.candidate].map((file) => readVector(file).bytes.length);
		return { ...inTurn([profileForImages(sizes[1] as number, { holding: sizes })]), keys: readVectorKeys(), shelf: { vectors } };
	}
	if (run.image === undefined || harnessImages) {
		const keys = run.image === undefined ? run.keys.map((pem) => parseVerifyingKey(pem)) : [];
		return { ...(options.places === undefined ? inTurn(namedProfiles(options.profiles)) : layOutPlaces(options.places)), keys, shelf: {} };
	}
	const sizes = [run.image, ...(run.from ? [run.from] : [])].map(({ bytes }) => bytes.length);
	const profile = profileForImages(run.image.bytes.length, { holding: sizes });
	return {
		...inTurn([profile]),
		keys: run.keys.map((pem) => parseVerifyingKey(pem)),
		shelf: { user: { image: run.image, ...(run.from ? { from: run.from } : {}) } },
	};
};

const inTurn = (profiles: readonly Profile[]): Pick<Images, 'profiles' | 'places'> => ({
	profiles,
	places: profiles.map((profile) => ({ profile, share: 1 })),
});

export const segmentsOf = (places: readonly Place[]): ReadonlySet<string> => new Set(places.flatMap(({ segment }) => segment ?? []));

/** Hardware that the catalogue does not have, or that must hold a size, is a plain device of that name. */
const layOutPlaces = (places: readonly FleetPlace[]): Pick<Images, 'profiles' | 'places'> => {
	const profiles = new Map<string, Profile>();
	for (const { hardware, holdsBytes } of places) {
		if (profiles.has(hardware)) continue;
		const known = holdsBytes === undefined ? FLEET_PROFILES.find((profile) => profile.hardware === hardware) : undefined;
		const sizeBytes = Math.max(PLAIN_SLOT_BYTES, holdsBytes ?? 0);
		profiles.set(hardware, known ?? { ...profileForImages(holdsBytes ?? PLAIN_SLOT_BYTES, { holding: [sizeBytes] }), name: hardware, hardware });
	}
	return {
		profiles: [...profiles.values()],
		places: places.map(({ hardware, segment, share = 1, devices, model, installed }) => ({
			profile: profiles.get(hardware) as Profile,
			share,
			...(segment === undefined ? {} : { segment }),
			...(devices === undefined ? {} : { devices }),
			...(model === undefined ? {} : { model }),
			...(installed === undefined ? {} : { installed }),
		})),
	};
};
const PLAIN_SLOT_BYTES = 65_536;

export const describeImages = ({ shelf: { user, vectors }, profiles }: Images): string => {
	const hardware = profiles.map(({ name }) => name).join(', ');
	if (vectors) return `imgtool's ${vectors.installed} and ${vectors.candidate}, on ${hardware}`;
	if (!user) return `the harness's own, on ${hardware}`;
	return `the user's ${user.image.name} over ${user.from ? `the user's ${user.from.name}` : "one of the harness's own"}, on ${hardware}`;
};

/** `sensor`, or with another bootloader than its own, `sensor/esp-otadata`. */
const namedProfiles = (names: readonly string[] | undefined): readonly Profile[] => {
	if (names === undefined) return FLEET_PROFILES;
	return names.map((name) => {
		const [hardware, bootloader] = name.split('/') as [string, string?];
		const profile = FLEET_PROFILES.find((candidate) => candidate.name === hardware);
		if (!profile) throw new RangeError(`profiles: one of ${FLEET_PROFILES.map((known) => known.name).join(', ')} was expected, got '${name}'`);
		if (bootloader === undefined) return profile;
		if (!isBootloaderName(bootloader)) throw new RangeError(`profiles: a bootloader of ${BOOTLOADER_NAMES.join(', ')} was expected, got '${name}'`);
		return withBootloader(profile, bootloader);
	});
};
