import type { Clock } from '../../../harness/time/index.js';
import { askServer } from './ask-server.js';
import { parseContentRange } from './byte-range.js';
import type { HttpPort } from './http-port.js';

/** The size of what lies at a link that may be good for GET alone, by asking for its first byte; undefined where the server does not say. */
export const learnSize = async (
	url: string,
	options: { readonly http: HttpPort; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<number | undefined> => {
	const answer = await askServer({ method: 'GET', url, headers: { range: 'bytes=0-0', 'accept-encoding': 'identity' } }, options);
	return answer?.status === 206 ? parseContentRange(answer.headers['content-range'])?.totalBytes : undefined;
};
