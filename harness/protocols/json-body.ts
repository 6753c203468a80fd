import type { z } from 'zod';

/** Makes the error that names a place in a body and says what is wrong there. */
export type MalformedBody = (place: string, problem: string, options?: ErrorOptions) => Error;

/**
 * Makes the readers of one protocol's JSON bodies: each holds a body in UTF-8 to a bound and to its schema, and throws what
 * `malformed` makes, by the place of the member that is wrong: `deploymentBase.deployment.chunks.0.version`.
 */
export const createJsonReaders = ({ mostBytes, malformed }: { readonly mostBytes: number; readonly malformed: MalformedBody }) => {
	const parseJson = (place: string, body: Uint8Array): unknown => {
		if (body.length > mostBytes) throw malformed(place, `a body of ${body.length} bytes; at most ${mostBytes} are read`);
		try {
			return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
		} catch (cause) {
			throw malformed(place, `expected JSON in UTF-8, got ${JSON.stringify(Buffer.from(body.subarray(0, 40)).toString())}`, { cause });
		}
	};
	return <T>(place: string, schema: z.ZodType<T>) =>
		(body: Uint8Array): T => {
			const parsed = schema.safeParse(parseJson(place, body));
			if (parsed.success) return parsed.data;
			const [issue] = parsed.error.issues;
			throw malformed([place, ...(issue?.path ?? [])].map(String).join('.'), issue?.message ?? 'is malformed');
		};
};
