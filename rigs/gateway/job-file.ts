import { z } from 'zod';
import { GatewayError } from './gateway-error.js';

/** What a gateway needs of a job: AWS's `afr_ota` document with one file, its version and the SHA-256 of its bytes. */
const document = z.object({
	afr_ota: z.object({
		protocols: z.array(z.string()).refine((protocols) => protocols.includes('MQTT')),
		streamname: z.string().min(1),
		files: z
			.array(
				z.object({
					fileid: z.int().nonnegative(),
					filesize: z
						.int()
						.positive()
						.max(16 * 2 ** 20),
					version: z.string(),
					sha256: z.string().regex(/^[0-9a-f]{64}$/),
				}),
			)
			.length(1),
	}),
});

export interface JobFile {
	readonly stream: string;
	readonly fileId: number;
	readonly sizeBytes: number;
	readonly version: string;
	/** SHA-256, hex. */
	readonly digest: string;
}

/** Throws a GatewayError that names the member which is missing or wrong. */
export const readJobFile = (value: unknown): JobFile => {
	const read = document.safeParse(value);
	if (!read.success) {
		const [issue] = read.error.issues;
		throw new GatewayError('document', `job document: ${issue?.path.join('.') || 'an object'}: ${issue?.message ?? 'wrong'}`);
	}
	const { streamname: stream, files } = read.data.afr_ota;
	const [file] = files as [(typeof files)[number]];
	return { stream, fileId: file.fileid, sizeBytes: file.filesize, version: file.version, digest: file.sha256 };
};
