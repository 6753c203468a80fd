/** What goes wrong with a download. Those of the first line end it; the others are met by another request while the limits allow. */
export type DownloadProblem =
	| 'refused'
	| 'untrusted'
	| 'unsafe-redirect'
	| 'too-many-redirects'
	| 'wrong-digest'
	| 'cancelled'
	| 'out-of-time'
	| 'cut'
	| 'silent'
	| 'busy'
	| 'not-an-image'
	| 'encoded'
	| 'wrong-length'
	| 'wrong-range'
	| 'too-long';

const FINAL: ReadonlySet<DownloadProblem> = new Set([
	'refused',
	'untrusted',
	'unsafe-redirect',
	'too-many-redirects',
	'wrong-digest',
	'cancelled',
	'out-of-time',
]);

export class DownloadError extends Error {
	override readonly name = 'DownloadError';
	readonly code: DownloadProblem;
	/** How long the server asks to be left alone. */
	readonly retryAfterMs: number | undefined;
	/** All that went wrong before and with this, in order. */
	problems: readonly DownloadProblem[] = [];

	constructor(code: DownloadProblem, message: string, options: ErrorOptions & { readonly retryAfterMs?: number | undefined } = {}) {
		super(message, options);
		this.code = code;
		this.retryAfterMs = options.retryAfterMs;
	}

	get isFinal(): boolean {
		return FINAL.has(this.code);
	}
}
