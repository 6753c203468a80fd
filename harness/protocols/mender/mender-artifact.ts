import { createHash, type KeyObject, sign, verify } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { z } from 'zod';
import { createJsonReaders } from '../json-body.js';
import { MenderError } from './mender-error.js';
import { packTar, readTarHeads, type TarFile, unpackTar } from './tar.js';

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
 * `manifest.sig`, `header.tar.gz` and `data/0000.tar.gz`, in this order; without compression both lack `.gz`. The manifest names the SHA-256 of the two archives' outsides
 * and insides, and the signature, base64 of RSA PKCS#1 v1.5 or of ECDSA P-256 as r and s, is over the manifest alone.
 */
export const packMenderArtifact = (
	{ artifactName, deviceTypes, payloadType, files }: MenderArtifact,
	{ signer, compression = 'gzip' }: { readonly signer?: KeyObject; readonly compression?: 'gzip' | 'none' } = {},
): Buffer => {
	const suffix = compression === 'gzip' ? '.gz' : '';
	const pack = (archived: readonly TarFile[]): Buffer => (compression === 'gzip' ? gzipSync(packTar(archived)) : packTar(archived));
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
		{ name: `header.tar${suffix}`, bytes: header },
		{ name: 'version', bytes: VERSION },
	];
	const manifest = Buffer.from(summed.map(({ name, bytes }) => `${sha256(bytes)}  ${name}\n`).join(''));
	return packTar([
		{ name: 'version', bytes: VERSION },
		{ name: 'manifest', bytes: manifest },
		...(signer ? [{ name: 'manifest.sig', bytes: Buffer.from(signManifest(manifest, signer)) }] : []),
		{ name: `header.tar${suffix}`, bytes: header },
		{ name: `data/0000.tar${suffix}`, bytes: pack(files) },
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
	const suffix = outer.some(({ name }) => name === 'header.tar') ? '' : '.gz';
	const headerName = `header.tar${suffix}`;
	if (!isAsSummed('version', file('version')) || !isAsSummed(headerName, file(headerName))) return 'wrong-checksum';
	const unpack = suffix === '' ? unpackPlain : unpackGzip;
	const header = unpack(file(headerName), 'artifact.header');
	const info = parseHeaderInfo(header.find(({ name }) => name === 'header-info')?.bytes ?? new Uint8Array(0));
	const files = unpack(file(`data/0000.tar${suffix}`), 'artifact.data');
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

/** What the beginning of an artifact without compression tells of its one file. */
export interface MenderArtifactHead {
	readonly artifactName: string;
	readonly deviceTypes: readonly string[];
	/** Of the artifact, where the file begins. */
	readonly offsetBytes: number;
	readonly sizeBytes: number;
	/** As its manifest has it, hex. */
	readonly digest: string;
}

/**
 * Reads the beginning of an artifact of one file, for a device that has no room for the whole: where the file lies, so that it can
 * be fetched by Range. Throws a MenderError where it is none, is compressed, or does not hold to its manifest.
 */
export const openMenderHead = (bytes: Uint8Array): MenderArtifactHead => {
	const heads = [...readTarHeads(bytes, { place: 'artifact' })];
	const file = (name: string): Uint8Array => {
		const found = heads.find((each) => each.name === name);
		const end = found === undefined ? 0 : found.startBytes + found.sizeBytes;
		if (found === undefined || end > bytes.length) throw new MenderError(`artifact.${name}`, 'is missing in what came');
		return bytes.subarray(found.startBytes, end);
	};
	parseVersion(file('version'));
	const sums = parseManifest(file('manifest'));
	const header = file('header.tar');
	if (sums.get('header.tar') !== sha256(header)) throw new MenderError('artifact.header.tar', 'has another checksum than its manifest says');
	const info = parseHeaderInfo(unpackTar(header, { place: 'artifact.header' }).find(({ name }) => name === 'header-info')?.bytes ?? new Uint8Array(0));
	const data = heads.find(({ name }) => name === 'data/0000.tar');
	const [inner] = data === undefined ? [] : readTarHeads(bytes.subarray(data.startBytes), { place: 'artifact.data' });
	const digest = inner && sums.get(`data/0000/${inner.name}`);
	if (data === undefined || inner === undefined || digest === undefined) throw new MenderError('artifact.data', 'is missing in what came');
	return {
		artifactName: info.artifact_provides.artifact_name,
		deviceTypes: info.artifact_depends.device_type,
		offsetBytes: data.startBytes + inner.startBytes,
		sizeBytes: inner.sizeBytes,
		digest,
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

const unpackPlain = (bytes: Uint8Array, place: string): TarFile[] => unpackTar(bytes, { place });

const unpackGzip = (bytes: Uint8Array, place: string): TarFile[] => {
	let archive: Buffer;
	try {
		archive = gunzipSync(bytes, { maxOutputLength: MOST_UNPACKED_BYTES });
	} catch (cause) {
		throw new MenderError(place, `expected gzip of at most ${MOST_UNPACKED_BYTES} bytes`, { cause });
	}
	return unpackTar(archive, { place });
};

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
