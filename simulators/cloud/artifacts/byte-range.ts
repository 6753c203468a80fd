/** Bytes `start` to `end`, both inclusive as in the headers. */
export interface ByteRange {
	readonly start: number;
	readonly end: number;
}

/**
 * Reads a Range header (RFC 9110, 14.2). `whole`: none, of another unit, malformed or of several parts, all of which a server may
 * answer with everything. `unsatisfiable` is for 416.
 */
export const parseRange = (header: string | undefined, sizeBytes: number): ByteRange | 'whole' | 'unsatisfiable' => {
	const [, first, last] = /^bytes=(\d{0,15})-(\d{0,15})$/i.exec(header?.replaceAll(' ', '') ?? '') ?? [];
	if (first === undefined || last === undefined || (first === '' && last === '')) return 'whole';
	if (first === '') {
		const suffix = Number(last);
		return suffix === 0 || sizeBytes === 0 ? 'unsatisfiable' : { start: Math.max(0, sizeBytes - suffix), end: sizeBytes - 1 };
	}
	const start = Number(first);
	if (last !== '' && Number(last) < start) return 'whole';
	if (start >= sizeBytes) return 'unsatisfiable';
	return { start, end: last === '' ? sizeBytes - 1 : Math.min(Number(last), sizeBytes - 1) };
};

/** Reads `Content-Range: bytes 0-9/10`; undefined where it is none. A total of `*` is undefined too. */
export const parseContentRange = (header: string | undefined): (ByteRange & { readonly totalBytes: number | undefined }) | undefined => {
	const [, start, end, total] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/i.exec(header ?? '') ?? [];
	if (start === undefined || end === undefined || Number(end) < Number(start)) return undefined;
	return { start: Number(start), end: Number(end), totalBytes: total === '*' ? undefined : Number(total) };
};
