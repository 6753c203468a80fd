import { setTimeout as sleep } from 'node:timers/promises';

/** How fast a board can take what it is sent. Without any, at the speed of the line. */
export interface Pacing {
	readonly characterDelayMs?: number;
	readonly chunkBytes?: number;
	readonly chunkDelayMs?: number;
}

/** Bytes in the pieces they are sent in, each given out when its time has come. */
export async function* pieces(bytes: Uint8Array, { characterDelayMs = 0, chunkBytes = bytes.length, chunkDelayMs = 0 }: Pacing): AsyncGenerator<Uint8Array> {
	const size = characterDelayMs > 0 ? 1 : Math.max(1, chunkBytes);
	for (let at = 0; at < bytes.length; at += size) {
		const delayMs = (at > 0 ? characterDelayMs : 0) + (at > 0 && at % Math.max(1, chunkBytes) === 0 ? chunkDelayMs : 0);
		if (delayMs > 0) await sleep(delayMs);
		yield bytes.subarray(at, at + size);
	}
}
