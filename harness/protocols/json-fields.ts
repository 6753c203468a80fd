/** The members of a message that is a JSON object of at most so many bytes; undefined where it is none. */
export const parseJsonFields = (payload: Uint8Array, { mostBytes }: { readonly mostBytes: number }): Readonly<Record<string, unknown>> | undefined => {
	if (payload.length > mostBytes) return undefined;
	let value: unknown;
	try {
		value = JSON.parse(Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength).toString());
	} catch {
		// Not JSON: whoever asked says what that means.
		return undefined;
	}
	return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : undefined;
};
