import type { Clock } from '../../../harness/time/index.js';
import type { HttpAnswer, HttpPort, HttpRequest } from './http-port.js';

/** A request that takes longer has failed. */
const REQUEST_MS = 30_000;
const MOST_ANSWER_BYTES = 1 << 20;

/** Asks for an answer that is small and comes soon; undefined where none came, or none that ends. */
export const askServer = async (
	request: HttpRequest,
	{ http, clock, signal }: { readonly http: HttpPort; readonly clock: Clock; readonly signal: AbortSignal },
): Promise<(Pick<HttpAnswer, 'status' | 'headers'> & { readonly body: Uint8Array }) | undefined> => {
	const controller = new AbortController();
	const stop = () => controller.abort();
	signal.addEventListener('abort', stop);
	const timer = clock.after(REQUEST_MS, stop);
	let isWhole = false;
	try {
		const answer = await http(request, { signal: controller.signal });
		const pieces: Uint8Array[] = [];
		let sizeBytes = 0;
		for await (const piece of answer.body) {
			sizeBytes += piece.length;
			if (sizeBytes > MOST_ANSWER_BYTES) return undefined;
			pieces.push(piece);
		}
		isWhole = true;
		return { status: answer.status, headers: answer.headers, body: Buffer.concat(pieces) };
	} catch {
		// The network failed, or the time was up: the state machine asks again later.
		return undefined;
	} finally {
		timer.cancel();
		// An abort of what has ended costs an error that nobody reads.
		if (!isWhole) controller.abort();
		signal.removeEventListener('abort', stop);
	}
};
