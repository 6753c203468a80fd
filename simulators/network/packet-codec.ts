import mqttPacket, { type Packet, type Parser } from 'mqtt-packet';

/** Parses exactly one MQTT 3.1.1 packet, given whole; throws an Error that says what is wrong with it. */
export const parsePacket = (bytes: Buffer): Packet => {
	parser ??= new OnePacketParser();
	return parser.parse(bytes);
};

export const encodePacket = (packet: Packet): Buffer => mqttPacket.generate(packet);

/**
 * `0x40 0x02 id`: MQTT 3.1.1, 3.4. Written here since it is half of what a downloading device sends, at a tenth of the
 * general encoder's cost.
 */
export const encodePuback = (messageId: number): Buffer => {
	const bytes = Buffer.allocUnsafe(4);
	bytes[0] = 0x40;
	bytes[1] = 2;
	bytes[2] = messageId >> 8;
	bytes[3] = messageId & 0xff;
	return bytes;
};

/**
 * mqtt-packet's parser is an emitter with a stream inside, about 2 KiB. It keeps nothing from one whole packet to the
 * next, so that one serves every connection.
 */
class OnePacketParser {
	readonly #parser: Parser = mqttPacket.parser({ protocolVersion: 4 });
	#packet: Packet | undefined;
	#error: Error | undefined;

	constructor() {
		this.#parser.on('packet', (packet: Packet) => {
			this.#packet = packet;
		});
		this.#parser.on('error', (error: Error) => {
			this.#error = error;
		});
	}

	parse(bytes: Buffer): Packet {
		this.#packet = undefined;
		this.#error = undefined;
		const leftBytes = this.#parser.parse(bytes);
		const packet = this.#packet;
		const error = this.#error;
		if (error) throw error;
		if (packet && leftBytes === 0) return packet;
		throw new Error(`one whole packet was expected in ${bytes.length} bytes`);
	}
}

let parser: OnePacketParser | undefined;
