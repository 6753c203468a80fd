import type { Duplex } from 'node:stream';
import { encodePublishHeader, packetSize, parseFrequent } from '../network/index.js';

/** mqtt-packet's parser, as far as Aedes uses it. */
interface PacketParser {
	/** Takes bytes in and gives out the packets that are whole; returns how many bytes wait for their rest. */
	parse(bytes: Buffer): number;
	emit(event: 'packet', packet: object): boolean;
	readonly error: Error | null;
}

/**
 * Has a connection's parser give out PUBLISH and PUBACK by a short way where they arrive whole. Whatever else comes, and
 * what comes behind a packet that is unfinished, is the parser's own.
 */
export const shortenParsing = (parser: PacketParser): void => {
	const parseAll = parser.parse.bind(parser);
	let heldBytes = 0;
	parser.parse = (bytes) => {
		let at = 0;
		while (heldBytes === 0 && at < bytes.length) {
			const end = at + packetSize(bytes, at);
			if (end <= at || end > bytes.length) break;
			const whole = end - at === bytes.length ? bytes : bytes.subarray(at, end);
			const packet = parser.error === null ? parseFrequent([whole]) : undefined;
			if (packet === undefined) heldBytes = parseAll(whole);
			else parser.emit('packet', packet);
			at = end;
		}
		if (at < bytes.length) heldBytes = parseAll(at === 0 ? bytes : bytes.subarray(at));
		return heldBytes;
	};
};

/** What a QoS 0 message is for its connection: blocks of one download differ in their payload alone. */
export class MessageWriter {
	#topic = '';
	#payloadBytes = -1;
	#header: Buffer | undefined;

	/** The message's two parts, together as one write; false where the stream asks to wait. */
	write(stream: Duplex, { topic, payload }: { readonly topic: string; readonly payload: Uint8Array }): boolean {
		if (this.#header === undefined || topic !== this.#topic || payload.length !== this.#payloadBytes) {
			this.#header = encodePublishHeader(topic, { payloadBytes: payload.length, retain: false, messageId: undefined });
			this.#topic = topic;
			this.#payloadBytes = payload.length;
		}
		stream.cork();
		stream.write(this.#header);
		const hasRoom = stream.write(payload);
		stream.uncork();
		return hasRoom;
	}
}
