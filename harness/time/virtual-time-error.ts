/**
 * Virtual time cannot go on, or a wait ran out. Codes: `deadlock` nothing is due and something is still awaited;
 * `timeout` a condition did not come true within its bound; `limit` the world reached its last allowed instant;
 * `livelock` work at one instant never ends; `world-open` a second world was opened; `callback-threw` a timer's
 * callback threw (the error is `cause`); `closed` the clock was used after its world closed.
 */
export class VirtualTimeError extends Error {
	readonly code: 'deadlock' | 'timeout' | 'limit' | 'livelock' | 'world-open' | 'callback-threw' | 'closed';
	/** Milliseconds since the world opened. */
	readonly atMs: number;

	constructor(code: VirtualTimeError['code'], options: { readonly message: string; readonly atMs: number; readonly cause?: unknown }) {
		super(options.message, options.cause === undefined ? undefined : { cause: options.cause });
		this.name = 'VirtualTimeError';
		this.code = code;
		this.atMs = options.atMs;
	}
}
