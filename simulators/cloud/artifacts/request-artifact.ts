import { DownloadError } from './download-error.js';
import type { HttpAnswer, HttpPort } from './http-port.js';

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

export interface ArtifactQuery {
	readonly url: string;
	readonly headers: Readonly<Record<string, string>>;
	readonly mostRedirects: number;
	readonly signal: AbortSignal;
	/** Called at each head that comes, redirects included. */
	readonly onAnswer: () => void;
}

/**
 * Asks for a URL and follows its redirects: a bounded number, to http and https alone, never from https to http, and with the
 * credentials only as far as they were meant for.
 */
export const requestArtifact = async (http: HttpPort, { url, headers, mostRedirects, signal, onAnswer }: ArtifactQuery): Promise<HttpAnswer> => {
	let at = new URL(url);
	for (let hop = 0; ; hop++) {
		const isHome = at.origin === new URL(url).origin;
		const answer = await http({ method: 'GET', url: at.href, headers: isHome ? headers : withoutCredentials(headers) }, { signal });
		onAnswer();
		if (!REDIRECTS.has(answer.status)) return answer;
		if (hop === mostRedirects)
			throw new DownloadError('too-many-redirects', `${url}: more than ${mostRedirects} redirects, the last to ${answer.headers.location}`);
		at = redirected(at, answer.headers.location);
	}
};

const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'proxy-authorization']);

const withoutCredentials = (headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
	Object.fromEntries(Object.entries(headers).filter(([name]) => !CREDENTIALS.has(name.toLowerCase())));

const redirected = (from: URL, location: string | undefined): URL => {
	const to = location !== undefined && URL.canParse(location, from.href) ? new URL(location, from) : undefined;
	if (!to) throw new DownloadError('refused', `${from.href}: a redirect to ${JSON.stringify(location)}, which is no URL`);
	const isSafe = to.protocol === 'https:' || (to.protocol === 'http:' && from.protocol === 'http:');
	if (!isSafe) throw new DownloadError('unsafe-redirect', `${from.href}: a redirect to ${to.href}; only http and https are followed, and https to https alone`);
	return to;
};
