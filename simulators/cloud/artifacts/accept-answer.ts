import type { ArtifactSink } from './artifact-sink.js';
import { parseContentRange } from './byte-range.js';
import { DownloadError } from './download-error.js';
import type { HttpAnswer } from './http-port.js';

const BUSY: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504]);

/**
 * Judges an answer by its head alone, before a byte of its body is kept. Returns with the sink where the body continues it;
 * throws a DownloadError.
 */
export const acceptAnswer = (
	{ status, headers }: HttpAnswer,
	{ sink, sizeBytes, url }: { readonly sink: ArtifactSink; readonly sizeBytes: number; readonly url: string },
): void => {
	if (BUSY.has(status)) throw new DownloadError('busy', `${url}: status ${status}`, { retryAfterMs: parseRetryAfter(headers['retry-after']) });
	if (status === 416) {
		sink.clear();
		throw new DownloadError('wrong-range', `${url}: status 416 for what is kept; it begins anew`);
	}
	if (status !== 200 && status !== 206) throw new DownloadError('refused', `${url}: status ${status}`);
	if (/^text\/html\b/i.test(headers['content-type'] ?? '')) throw new DownloadError('not-an-image', `${url}: a web page came in place of the image`);
	const encoding = headers['content-encoding'] ?? 'identity';
	if (encoding.toLowerCase() !== 'identity') throw new DownloadError('encoded', `${url}: encoded as ${encoding}, which was not asked for`);
	if (status === 200) sink.clear();
	else assertContinues(headers['content-range'], { sink, sizeBytes, url });
	const wantedBytes = sizeBytes - sink.sizeBytes;
	const length = headers['content-length'];
	if (length !== undefined && Number(length) !== wantedBytes)
		throw new DownloadError('wrong-length', `${url}: ${wantedBytes} bytes are wanted, and the answer promises ${length}`);
	sink.validator = isStrong(headers.etag) ? headers.etag : undefined;
};

const assertContinues = (
	header: string | undefined,
	{ sink, sizeBytes, url }: { readonly sink: ArtifactSink; readonly sizeBytes: number; readonly url: string },
): void => {
	const range = parseContentRange(header);
	const isRight = range?.start === sink.sizeBytes && range.end < sizeBytes && (range.totalBytes ?? sizeBytes) === sizeBytes;
	if (isRight) return;
	const problem = `${url}: bytes from ${sink.sizeBytes} of ${sizeBytes} were asked for, got Content-Range ${JSON.stringify(header)}`;
	if (range?.totalBytes !== undefined && range.totalBytes !== sizeBytes) sink.clear();
	throw new DownloadError('wrong-range', problem);
};

/** If-Range takes strong validators alone (RFC 9110, 13.1.5). */
const isStrong = (etag: string | undefined): etag is string => etag !== undefined && /^"[^"]*"$/.test(etag);

const parseRetryAfter = (header: string | undefined): number | undefined => (/^\d{1,6}$/.test(header ?? '') ? Number(header) * 1000 : undefined);
