import { isStreamId } from '../../harness/protocols/index.js';

/**
 * The job document of an update: AWS's `afr_ota` shape with one file, and beside its standard members the ones
 * a careful device needs: the version, the hardware the file is for, the SHA-256 of its bytes and the stream's version.
 */
export interface UpdateDocument {
	readonly stream: string;
	/** Where the file is fetched from by HTTP; over the stream where absent. */
	readonly url?: string;
	/** Where the file is a part of what the URL brings, from `offsetBytes` on; `sizeBytes` is that of the whole. */
	readonly container?: { readonly offsetBytes: number; readonly sizeBytes: number };
	/** Version that the stream must have for the whole transfer; any where absent. */
	readonly streamVersion?: number;
	readonly fileId: number;
	readonly sizeBytes: number;
	readonly version: string;
	readonly hardware: string;
	/** SHA-256 of the bytes to install, hex. */
	readonly digest: string;
	/** Seconds since the epoch from which on the job is stale and not to be begun; absent: it never is. Against freeze attacks (TUF, 1.5.2). */
	readonly expiresS?: number;
	/** The key sets that lead from the factory's to the one that signs images by now; empty while that is the factory's. */
	readonly keySets: readonly string[];
	/** What whoever signs releases says of the image; absent where nobody said anything. */
	readonly statement?: string;
}

export const encodeUpdateDocument = (update: UpdateDocument): Record<string, unknown> => ({
	afr_ota: {
		protocols: [update.url === undefined ? 'MQTT' : 'HTTP'],
		streamname: update.stream,
		...(update.streamVersion === undefined ? {} : { streamversion: update.streamVersion }),
		files: [
			{
				filepath: '/',
				filesize: update.sizeBytes,
				fileid: update.fileId,
				certfile: '/',
				...(update.url === undefined ? {} : { update_data_url: update.url, auth_scheme: 'none' }),
				...(update.container === undefined ? {} : { container: { offset: update.container.offsetBytes, size: update.container.sizeBytes } }),
				version: update.version,
				hardware: update.hardware,
				sha256: update.digest,
				...(update.expiresS === undefined ? {} : { expires: update.expiresS }),
				...(update.keySets.length === 0 ? {} : { key_sets: update.keySets }),
				...(update.statement === undefined ? {} : { statement: update.statement }),
			},
		],
	},
});

/** Reads a job document; throws a TypeError that names the member which is missing or wrong. */
export const parseUpdateDocument = (document: unknown): UpdateDocument => {
	const ota = member(document, 'afr_ota');
	const protocols = member(ota, 'protocols');
	const isByUrl = Array.isArray(protocols) && protocols.includes('HTTP');
	if (!isByUrl && !(Array.isArray(protocols) && protocols.includes('MQTT')))
		throw new TypeError('afr_ota.protocols: a list with "MQTT" or "HTTP" was expected');
	const files = member(ota, 'files');
	if (!Array.isArray(files) || files.length !== 1) throw new TypeError('afr_ota.files: exactly one file was expected');
	const file: unknown = files[0];
	return {
		stream: streamId(ota, 'streamname'),
		...(isByUrl ? { url: httpsUrl(file, 'update_data_url') } : {}),
		...(member(file, 'container') === undefined ? {} : { container: container(member(file, 'container')) }),
		...(member(ota, 'streamversion') === undefined ? {} : { streamVersion: whole(ota, 'streamversion') }),
		fileId: whole(file, 'fileid'),
		sizeBytes: whole(file, 'filesize'),
		version: text(file, 'version'),
		hardware: text(file, 'hardware'),
		digest: sha256(file, 'sha256'),
		...(member(file, 'expires') === undefined ? {} : { expiresS: whole(file, 'expires') }),
		keySets: texts(file, 'key_sets'),
		...(member(file, 'statement') === undefined ? {} : { statement: text(file, 'statement') }),
	};
};

const member = (value: unknown, name: string): unknown => {
	if (typeof value !== 'object' || value === null) throw new TypeError(`${name}: its parent is no object`);
	return (value as Record<string, unknown>)[name];
};

const text = (value: unknown, name: string): string => {
	const found = member(value, name);
	if (typeof found !== 'string' || found === '') throw new TypeError(`${name}: text was expected, got ${JSON.stringify(found)}`);
	return found;
};

const texts = (value: unknown, name: string): readonly string[] => {
	const found = member(value, name) ?? [];
	if (!(Array.isArray(found) && found.every((one) => typeof one === 'string')))
		throw new TypeError(`${name}: a list of text was expected, got ${JSON.stringify(found)}`);
	return found as readonly string[];
};

const streamId = (value: unknown, name: string): string => {
	const found = text(value, name);
	if (!isStreamId(found)) throw new TypeError(`${name}: a stream's name was expected, got ${JSON.stringify(found)}`);
	return found;
};

/** Images come over TLS or not at all. */
const httpsUrl = (value: unknown, name: string): string => {
	const found = text(value, name);
	if (!URL.canParse(found) || new URL(found).protocol !== 'https:')
		throw new TypeError(`${name}: an https URL was expected, got ${JSON.stringify(found.slice(0, 100))}`);
	return found;
};

const container = (value: unknown): NonNullable<UpdateDocument['container']> => ({ offsetBytes: whole(value, 'offset'), sizeBytes: whole(value, 'size') });

const sha256 = (value: unknown, name: string): string => {
	const found = text(value, name);
	if (!/^[0-9a-f]{64}$/.test(found)) throw new TypeError(`${name}: 64 hex digits were expected, got ${JSON.stringify(found)}`);
	return found;
};

const whole = (value: unknown, name: string): number => {
	const found = member(value, name);
	if (!Number.isSafeInteger(found) || (found as number) < 0) throw new TypeError(`${name}: a whole number was expected, got ${JSON.stringify(found)}`);
	return found as number;
};
