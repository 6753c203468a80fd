import { crc32 } from 'node:zlib';
import { createRandom } from '../../../harness/time/index.js';
import { factoryEnvironment, layoutOf, readProductFile } from './product.js';
import { encodeScriptImage } from './script-image.js';

export const UBOOT_APPLICATIONS = ['golden', 'candidate', 'crashes', 'silent'] as const;
export type UbootApplication = (typeof UBOOT_APPLICATIONS)[number];

const VERSIONS: Readonly<Record<UbootApplication, string>> = { golden: '1.0.0', candidate: '2.0.0', crashes: '3.0.0', silent: '3.0.0' };

export interface UbootImage {
	readonly version: string;
	readonly bytes: Uint8Array<ArrayBuffer>;
	/** CRC-32 of the whole image, 8 hex digits: what this U-Boot can tell of a slot. */
	readonly digest: string;
}

/** An application of the U-Boot product: a script that says what runs and confirms itself while on trial, and fill to the end of its slot. */
export const ubootImage = (application: UbootApplication): UbootImage => {
	const version = VERSIONS[application];
	const bytes = encodeScriptImage(scriptOf(application), {
		name: `sensor ${version}`,
		sizeBytes: layoutOf(factoryEnvironment('one-copy')).imageBytes,
		fill: (sizeBytes) => {
			const random = createRandom(`uboot/fill/${application}/${version}`);
			return Uint8Array.from({ length: sizeBytes }, () => random.integer(256));
		},
	});
	return { version, bytes, digest: crc32(bytes).toString(16).padStart(8, '0') };
};

const scriptOf = (application: UbootApplication): string =>
	[
		`setenv version ${VERSIONS[application]}\n`,
		readProductFile('begin.scr'),
		...(application === 'crashes' ? ['echo panic: stack overflow\nreset\n'] : []),
		...(application === 'silent' ? [] : [readProductFile('confirm.scr')]),
	].join('');
