import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { Clock } from '../../../harness/time/index.js';
import type { ArtifactFault } from './artifact-fault.js';

const PIECE_BYTES = 1 << 16;
const SLOW_TICK_MS = 50;

/** Sends a body as its fault has it; ends when it is sent, or the client has hung up. */
export const sendBody = async (
	response: ServerResponse,
	{ body, fault, clock }: { readonly body: Uint8Array; readonly fault: ArtifactFault | undefined; readonly clock: Clock },
): Promise<void> => {
	switch (fault?.kind) {
		case 'cut':
			await sendAll(response, body.subarray(0, fault.afterBytes));
			response.destroy();
			return;
		case 'stall':
			await sendAll(response, body.subarray(0, fault.afterBytes));
			if (!response.destroyed) await once(response, 'close');
			return;
		case 'length-too-long':
			await sendAll(response, body);
			response.destroy();
			return;
		case 'slow':
			await sendSlowly(response, { body, clock, bytesPerS: fault.bytesPerS });
			break;
		case 'endless':
			await sendAll(response, body);
			// Time has to pass: a client in the same process would never get to hanging up.
			for (const filler = new Uint8Array(PIECE_BYTES); !response.destroyed; await clock.sleep(1)) await write(response, filler);
			return;
		default:
			await sendAll(response, body);
	}
	response.end();
};

const sendSlowly = async (
	response: ServerResponse,
	options: { readonly body: Uint8Array; readonly clock: Clock; readonly bytesPerS: number },
): Promise<void> => {
	const pieceBytes = Math.max(1, Math.round((options.bytesPerS * SLOW_TICK_MS) / 1000));
	for (let start = 0; start < options.body.length && !response.destroyed; start += pieceBytes) {
		await write(response, options.body.subarray(start, start + pieceBytes));
		await options.clock.sleep(SLOW_TICK_MS);
	}
};

const sendAll = async (response: ServerResponse, body: Uint8Array): Promise<void> => {
	for (let start = 0; start < body.length && !response.destroyed; start += PIECE_BYTES) await write(response, body.subarray(start, start + PIECE_BYTES));
};

/** Resolves when the piece has left for the kernel, or nobody is there to take it. */
const write = (response: ServerResponse, piece: Uint8Array): Promise<void> =>
	new Promise((resolve) => {
		const settle = () => {
			response.off('close', settle);
			resolve();
		};
		response.once('close', settle);
		if (response.destroyed) settle();
		else response.write(piece, settle);
	});
