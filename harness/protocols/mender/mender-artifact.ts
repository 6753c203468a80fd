import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { createJsonReaders } from '../json-body.js';
import { MenderError } from './mender-error.js';
import { packTar, type TarFile, unpackTar } from './tar.js';

/** What a `.mender` file is made of: one payload, of the update module that `payloadType` names. */
export interface MenderArtifact {
	readonly artifactName: string;
	readonly deviceTypes: readonly string[];
	readonly payloadType: string;
	readonly files: readonly TarFile[];
}

/** Why an artifact is not to be installed. */
export type ArtifactRefusal = 'unsigned' | 'wrong-signature' | 'wrong-checksum';

const MOST_UNPACKED_BYTES = 1 << 28;
const VERSION = Buffer.from('{"format":"mender","version":3}');

/**
 * Writes a Mender artifact of format 3 (mender-artifact, "Mender Artifact file format"): a tar archive of `version`, `manifest`,
 * `manifest.sig`, `header.tar.gz` and `data/0000.tar.gz`, in this order. The manifest names the SHA-256 of the two archives' outsides
 * and insides, and the signature, base64 of RSA PKCS#1 v1.5 or of ECDSA P-256 as r and s, is over the manifest alone.
 */
export const packMenderArtifact = (
	{ artifactName, deviceTypes, payloadType, files }: MenderArtifact,
	{ signer }: { readonly signer?: KeyObject } = {},
): Buffer => {
	const json = (name: string, value: unknown): TarFile => ({ name, bytes: Buffer.from(JSON.stringify(value)) });
	const header = pack([
		json('header-info', {
			payloads: [{ type: payloadType }],
			artifact_provides: { artifact_name: artifactName },
			artifact_depends: { device_type: deviceTypes },
		}),
		json('headers/0000/type-info', { type: payloadType, artifact_provides: { [`rootfs-image.${payloadType}.version`]: artifactName } }),
		{ name: 'headers/0000/meta-data', bytes: new Uint8Array(0) },
	]);
	const summed = [
		...files.map(({ name, bytes }) => ({ name: `data/0000/${name}`, bytes })),
		{ name: 'header.tar.gz', bytes: header },
		{ name: 'version', bytes: VERSION },
	];
	const manifest = Buffer.from(summed.map(({ name, bytes }) => `${sha256(bytes)}  ${name}\n`).join(''));
	return packTar([
		{ name: 'version', bytes: VERSION },
		{ name: 'manifest', bytes: manifest },
		...(signer ? [{ name: 'manifest.sig', bytes: Buffer.from(signManifest(manifest, signer)) }] : []),
		{ name: 'header.tar.gz', bytes: header },
		{ name: 'data/0000.tar.gz', bytes: pack(files) },
	]);
};

/**
 * Reads an artifact of one payload and holds it against its manifest, and that against the key. A refusal is not an error: the
 * bytes are an artifact, and none to install. Throws a MenderError where they are none.
 */
export const openMenderArtifact = (bytes: Uint8Array, { verifier }: { readonly verifier?: KeyObject | undefined } = {}): MenderArtifact | ArtifactRefusal => {
	const outer = unpackTar(bytes, { place: 'artifact' });
	const file = (name: string): Uint8Array => {
		const found = outer.find((each) => each.name === name);
		if (!found) throw new MenderError(`artifact.${name}`, 'is missing');
		return found.bytes;
	};
	parseVersion(file('version'));
	const manifest = file('manifest');
	const signature = outer.find(({ name }) => name === 'manifest.sig')?.bytes;
	if (verifier && !signature) return 'unsigned';
	if (verifier && signature && !isManifestSigned(manifest, { signature, verifier })) return 'wrong-signature';
	const sums = parseManifest(manifest);
	const isAsSummed = (name: string, content: Uint8Array): boolean => sums.get(name) === sha256(content);
	if (!isAsSummed('version', file('version')) || !isAsSummed('header.tar.gz', file('header.tar.gz'))) return 'wrong-checksum';
	const header = unpack(file('header.tar.gz'), 'artifact.header');
	const info = parseHeaderInfo(header.find(({ name }) => name === 'header-info')?.bytes ?? new Uint8Array(0));
	const files = unpack(file('data/0000.tar.gz'), 'artifact.data');
	const promised = [...sums.keys()].filter((name) => name.startsWith('data/'));
	const isWhole = promised.length === files.length && files.every(({ name, bytes: content }) => isAsSummed(`data/0000/${name}`, content));
	if (!isWhole) return 'wrong-checksum';
	const [payload] = info.payloads;
	return {
		artifactName: info.artifact_provides.artifact_name,
		deviceTypes: info.artifact_depends.device_type,
		payloadType: payload?.type ?? '',
		files,
	};
};

const signManifest = (manifest: Uint8Array, key: KeyObject): string => sign('sha256', manifest, { key, dsaEncoding: 'ieee-p1363' }).toString('base64');

const isManifestSigned = (manifest: Uint8Array, { signature, verifier }: { readonly signature: Uint8Array; readonly verifier: KeyObject }): boolean =>
	verify('sha256', manifest, { key: verifier, dsaEncoding: 'ieee-p1363' }, Buffer.from(Buffer.from(signature).toString(), 'base64'));

const parseManifest = (manifest: Uint8Array): ReadonlyMap<string, string> =>
	new Map(
		Buffer.from(manifest)
			.toString()
			.split('\n')
			.filter((line) => line !== '')
			.map((line) => {
				const [, sum, name] = /^([0-9a-f]{64}) {2}(\S+)$/.exec(line) ?? [];
				if (sum === undefined || name === undefined) throw new MenderError('artifact.manifest', `${JSON.stringify(line.slice(0, 100))} is no line of it`);
				return [name, sum] as const;
			}),
	);

const reader = createJsonReaders({ mostBytes: 1 << 20, malformed: (...of) => new MenderError(...of) });
const parseVersion = reader('artifact.version', z.object({ format: z.literal('mender'), version: z.literal(3) }));
const parseHeaderInfo = reader(
	'artifact.header-info',
	z.object({
		payloads: z.array(z.object({ type: z.string().min(1) })).length(1),
		artifact_provides: z.object({ artifact_name: z.string().min(1) }),
		artifact_depends: z.object({ device_type: z.array(z.string()).min(1) }),
	}),
);

const pack = (files: readonly TarFile[]): Buffer => gzipSync(packTar(files));

const unpack = (bytes: Uint8Array, place: string): TarFile[] => {
	let archive: Buffer;
	try {
		archive = gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED_BYTES });
	} catch (cause) {
		throw new MenderError(place, `expected gzip of at most ${MOST_UNPACKED_BYTES} bytes`, { cause });
	}
	return unpackTar(archive, { place });
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
