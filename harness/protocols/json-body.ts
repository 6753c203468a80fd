import type { z } from 'zod';
import { decodeFields, type StreamFormat } from './aws-iot/index.js';

/** Makes the error that names a place in a body and says what is wrong there. */
export type MalformedBody = (place: string, problem: string, options?: ErrorOptions) => Error;

/**
 * Makes the readers of one protocol's bodies, in JSON or, where that is asked for, in CBOR: each holds a body to a bound and to its schema, and throws what
 * `malformed` makes, by the place of the member that is wrong: `deploymentBase.deployment.chunks.0.version`.
 */
export const createJsonReaders = ({ mostBytes, malformed }: { readonly mostBytes: number; readonly malformed: MalformedBody }) => {
	const parseJson = (place: string, body: Uint8Array): unknown => {
		try {
			return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
		} catch (cause) {
			throw malformed(place, `expected JSON in UTF-8, got ${JSON.stringify(Buffer.from(body.subarray(0, 40)).toString())}`, { cause });
		}
	};
	const parseCbor = (place: string, body: Uint8Array): unknown => {
		const fields = decodeFields(body, 'cbor');
		if (!fields) throw malformed(place, `expected a map in CBOR, got ${Buffer.from(body.subarray(0, 20)).toString('hex')}`);
		return fields;
	};
	return <T>(place: string, schema: z.ZodType<T>) =>
		(body: Uint8Array, format: StreamFormat = 'json'): T => {
			if (body.length > mostBytes) throw malformed(place, `a body of ${body.length} bytes; at most ${mostBytes} are read`);
			const parsed = schema.safeParse(format === 'cbor' ? parseCbor(place, body) : parseJson(place, body));
			if (parsed.success) return parsed.data;
			const [issue] = parsed.error.issues;
			throw malformed([place, ...(issue?.path ?? [])].map(String).join('.'), issue?.message ?? 'is malformed');
		};
};
