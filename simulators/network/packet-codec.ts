import mqttPacket, { type Packet, type Parser } from 'mqtt-packet';

/** Parses exactly one MQTT 3.1.1 packet, whole in its pieces; throws an Error that says what is wrong with it. */
export const parsePacket = (pieces: readonly Buffer[]): Packet => {
	parser ??= new OnePacketParser();
	return parser.parse(pieces);
};

export const encodePacket = (packet: Packet): Buffer => mqttPacket.generate(packet);

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

	parse(pieces: readonly Buffer[]): Packet {
		this.#packet = undefined;
		this.#error = undefined;
		let leftBytes = 0;
		for (const piece of pieces) leftBytes = this.#parser.parse(piece);
		const packet = this.#packet;
		const error = this.#error;
		if (error) throw error;
		if (packet && leftBytes === 0) return packet;
		throw new Error(`one whole packet was expected in ${pieces.reduce((sum, { length }) => sum + length, 0)} bytes`);
	}
}

let parser: OnePacketParser | undefined;
