import mqttPacket, { type Packet, type Parser } from 'mqtt-packet';

/** As CONNECT says it: 4 is MQTT 3.1.1, 5 is MQTT 5. */
export type ProtocolLevel = 4 | 5;

/** Parses exactly one MQTT packet, whole in its pieces; throws an Error that says what is wrong with it. */
export const parsePacket = (pieces: readonly Buffer[], level: ProtocolLevel = 4): Packet => {
	parsers[level] ??= new OnePacketParser(level);
	return parsers[level].parse(pieces);
};

export const encodePacket = (packet: Packet, level: ProtocolLevel = 4): Buffer => mqttPacket.generate(packet, { protocolVersion: level });

/**
 * mqtt-packet's parser is an emitter with a stream inside, about 2 KiB. It keeps nothing from one whole packet to the
 * next, so that one serves every connection.
 */
class OnePacketParser {
	readonly #parser: Parser;
	#packet: Packet | undefined;
	#error: Error | undefined;

	constructor(level: ProtocolLevel) {
		this.#parser = mqttPacket.parser({ protocolVersion: level });
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

const parsers: Partial<Record<ProtocolLevel, OnePacketParser>> = {};
