import type { IPubackPacket, IPublishPacket } from 'mqtt-packet';
import type { ProtocolLevel } from './packet-codec.js';

/**
 * PUBLISH and PUBACK: nine in ten packets of a fleet are one of the two, and the general codec spends most
 * of its time on what they do not have. Everything else, and everything that is not quite right, is left to that.
 *
 * | packet | bytes |
 * |---|---|
 * | PUBLISH (3.3) | `0x30` + dup 8 + QoS 2 or 4 + retain 1; length; topic length (2, big-endian), topic; identifier (2) above QoS 0; in MQTT 5 a length of properties, 0 (3.3.2.3); payload |
 * | PUBACK (3.4) | `0x40` `0x02` identifier (2); in MQTT 5 that says success (3.4.2.1) |
 */
const PUBLISH = 0x30;
const PUBACK = 0x40;

/** Of a packet that is whole in its pieces; undefined where it is neither of the two or has a flaw. The payload is a view where it came in one piece. */
export const parseFrequent = (pieces: readonly Buffer[], level: ProtocolLevel = 4): IPublishPacket | IPubackPacket | undefined => {
	const [first, ...rest] = pieces as readonly [Buffer, ...Buffer[]];
	const type = first[0] as number;
	if (type === PUBACK) return first.length === 4 && first[1] === 2 ? { cmd: 'puback', messageId: first.readUInt16BE(2) } : undefined;
	const qos = (type & 2) === 2 ? 1 : 0;
	if ((type & 0xf4) !== PUBLISH) return undefined;
	let at = 1;
	while ((first[at] ?? 0) >= 0x80) at++;
	const topicAt = at + 3;
	if (first.length < topicAt) return undefined;
	const topicEnd = topicAt + first.readUInt16BE(topicAt - 2);
	const propertiesAt = topicEnd + (qos === 1 ? 2 : 0);
	const payloadAt = propertiesAt + (level === 5 ? 1 : 0);
	// What a loss cut inside its header is rare enough.
	if (first.length < payloadAt || (level === 5 && first[propertiesAt] !== 0)) return undefined;
	const packet: IPublishPacket = {
		cmd: 'publish',
		topic: first.toString('utf8', topicAt, topicEnd),
		payload: joinRest(first.subarray(payloadAt), rest),
		qos,
		retain: (type & 1) === 1,
		dup: (type & 8) === 8,
	};
	if (qos === 1) packet.messageId = first.readUInt16BE(topicEnd);
	return packet;
};

const joinRest = (head: Buffer, rest: readonly Buffer[]): Buffer => {
	if (rest.length === 0) return head;
	return head.length === 0 && rest.length === 1 ? (rest[0] as Buffer) : Buffer.concat([head, ...rest]);
};

interface PublishFields {
	readonly retain: boolean;
	/** Makes it QoS 1. */
	readonly messageId: number | undefined;
	readonly level?: ProtocolLevel;
}

/** Throws a RangeError where the topic is longer than MQTT's two bytes can say. */
export const encodePublish = (topic: string, { payload, ...fields }: PublishFields & { readonly payload: Buffer }): Buffer => {
	const { bytes, headerBytes } = startPublish(topic, { ...fields, payloadBytes: payload.length, roomBytes: payload.length });
	bytes.set(payload, headerBytes);
	return bytes;
};

/** All of a PUBLISH but its payload. Throws as `encodePublish` does. */
export const encodePublishHeader = (topic: string, fields: PublishFields & { readonly payloadBytes: number }): Buffer =>
	startPublish(topic, { ...fields, roomBytes: 0 }).bytes;

const startPublish = (
	topic: string,
	{ retain, messageId, level = 4, payloadBytes, roomBytes }: PublishFields & { readonly payloadBytes: number; readonly roomBytes: number },
): { readonly bytes: Buffer; readonly headerBytes: number } => {
	const topicBytes = Buffer.byteLength(topic);
	if (topicBytes > 0xffff) throw new RangeError(`topic: at most 65535 bytes were expected, got ${topicBytes}`);
	const variableBytes = 2 + topicBytes + (messageId === undefined ? 0 : 2) + (level === 5 ? 1 : 0);
	const length = variableBytes + payloadBytes;
	const lengthBytes = length < 0x80 ? 1 : length < 0x4000 ? 2 : length < 0x20_0000 ? 3 : 4;
	const headerBytes = 1 + lengthBytes + variableBytes;
	const bytes = Buffer.allocUnsafe(headerBytes + roomBytes);
	bytes[0] = PUBLISH | (messageId === undefined ? 0 : 2) | (retain ? 1 : 0);
	let at = 1;
	for (let left = length; at <= lengthBytes; left >>>= 7) bytes[at] = (left & 0x7f) | (at++ < lengthBytes ? 0x80 : 0);
	at = bytes.writeUInt16BE(topicBytes, at);
	at += bytes.write(topic, at);
	if (messageId !== undefined) at = bytes.writeUInt16BE(messageId, at);
	if (level === 5) bytes[at] = 0;
	return { bytes, headerBytes };
};

export const encodePuback = (messageId: number): Buffer => {
	const bytes = Buffer.allocUnsafe(4);
	bytes[0] = PUBACK;
	bytes[1] = 2;
	bytes.writeUInt16BE(messageId, 2);
	return bytes;
};
