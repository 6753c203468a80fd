import type { IncomingMessage } from 'node:http';

/** What a client sent; undefined where it is longer than `mostBytes`. Throws for a body without an end. */
export const readRequestBody = async (request: IncomingMessage, { mostBytes }: { readonly mostBytes: number }): Promise<Buffer | undefined> => {
	const pieces: Buffer[] = [];
	let sizeBytes = 0;
	for await (const piece of request as AsyncIterable<Buffer>) {
		sizeBytes += piece.length;
		if (sizeBytes <= mostBytes) pieces.push(piece);
		else if (sizeBytes > 8 * mostBytes) throw new Error('a body without an end');
	}
	return sizeBytes > mostBytes ? undefined : Buffer.concat(pieces);
};
