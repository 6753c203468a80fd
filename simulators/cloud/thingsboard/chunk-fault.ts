import { chunkResponseTopic, parseChunkResponse, refuseDownload, type TbAnswer, type TbDownloadError } from '../../../harness/protocols/thingsboard/index.js';

/** What a server does wrong with one answer to a request for a chunk. */
export type ChunkFault =
	/** No answer at all. */
	| { readonly kind: 'lost' }
	| { readonly kind: 'twice' }
	/** Fewer bytes than were asked for, or more. */
	| { readonly kind: 'short' | 'long'; readonly byBytes: number }
	/** Under the number of another chunk. */
	| { readonly kind: 'other-chunk'; readonly byChunks: number }
	| { readonly kind: 'other-request' }
	| { readonly kind: 'flipped-bit'; readonly atByte: number }
	| { readonly kind: 'refused'; readonly error: TbDownloadError }
	/** The connection is cut in place of an answer. */
	| { readonly kind: 'cut' };

export const withChunkFault = (answer: TbAnswer, fault: ChunkFault): TbAnswer => {
	const [message] = answer.messages;
	const name = message && parseChunkResponse(message.topic);
	if (!message || !name) return answer;
	const { topic, payload } = message;
	switch (fault.kind) {
		case 'lost':
			return { messages: [] };
		case 'twice':
			return { messages: [message, message] };
		case 'short':
			return { messages: [{ topic, payload: payload.subarray(0, Math.max(0, payload.length - fault.byBytes)) }] };
		case 'long':
			return { messages: [{ topic, payload: Buffer.concat([payload, Buffer.alloc(fault.byBytes)]) }] };
		case 'other-chunk':
			return { messages: [{ topic: chunkResponseTopic({ ...name, chunk: name.chunk + fault.byChunks }), payload }] };
		case 'other-request':
			return { messages: [{ topic: chunkResponseTopic({ ...name, requestId: name.requestId + 1 }), payload }] };
		case 'flipped-bit': {
			const flipped = Uint8Array.from(payload);
			const place = fault.atByte % Math.max(1, flipped.length);
			flipped[place] = (flipped[place] ?? 0) ^ 1;
			return { messages: [{ topic, payload: flipped }] };
		}
		case 'refused':
			return refuseDownload(fault.error);
		case 'cut':
			return { messages: [], closes: true };
	}
};
