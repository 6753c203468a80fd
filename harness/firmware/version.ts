/** A version as an MCUboot header carries it: major and minor 0-255, revision 0-65535, build 0-4294967295. */
export interface Version {
	readonly major: number;
	readonly minor: number;
	readonly revision: number;
	readonly build: number;
}

const LIMITS = { major: 0xff, minor: 0xff, revision: 0xffff, build: 0xffff_ffff } as const;
const VERSION_TEXT = /^(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\.(0|[1-9]\d*)(?:\+(0|[1-9]\d*))?)?)?$/;

/** Reads `1`, `1.2`, `1.2.3` or `1.2.3+4`, as imgtool does; parts left out are 0. Throws a RangeError that names the part. */
export const parseVersion = (text: string): Version => {
	const parts = VERSION_TEXT.exec(text);
	if (parts === null) throw new RangeError(`version: major.minor.revision+build was expected, got ${JSON.stringify(text)}`);
	const [, major, minor, revision, build] = parts;
	const version = { major: Number(major), minor: Number(minor ?? 0), revision: Number(revision ?? 0), build: Number(build ?? 0) };
	assertVersion(version);
	return version;
};

/** All four parts, `1.2.3+4`, so that equal versions are equal texts. */
export const formatVersion = (version: Version): string => `${version.major}.${version.minor}.${version.revision}+${version.build}`;

/**
 * Negative where `a` is older than `b`, 0 where equal, positive where newer. The build number counts only with `withBuild`,
 * as in bootutil, which ignores it unless it is built with MCUBOOT_VERSION_CMP_USE_BUILD_NUMBER.
 */
export const compareVersions = (a: Version, b: Version, options: { readonly withBuild?: boolean } = {}): number =>
	a.major - b.major || a.minor - b.minor || a.revision - b.revision || (options.withBuild === true ? a.build - b.build : 0);

/** Throws a RangeError unless every part fits its header field. */
export const assertVersion = (version: Version): void => {
	for (const part of ['major', 'minor', 'revision', 'build'] as const) {
		const value = version[part];
		if (!Number.isInteger(value) || value < 0 || value > LIMITS[part]) {
			throw new RangeError(`version ${part}: a whole number from 0 to ${LIMITS[part]} was expected, got ${value}`);
		}
	}
};
