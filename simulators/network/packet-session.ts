import type { Duplex } from 'node:stream';
import type { IConnackPacket, IConnectPacket, IPubackPacket, IPublishPacket, ISubackPacket, Packet } from 'mqtt-packet';
import type { Clock, Timer } from '../../harness/time/index.js';
import { encodePuback, encodePublish, parseFrequent } from './frequent-packets.js';
import { encodePacket, parsePacket, type ProtocolLevel } from './packet-codec.js';
import { PacketFramer } from './packet-framer.js';
import {
	type MqttSession,
	NEVER_EXPIRES,
	type PublishOptions,
	SESSION_DEFAULTS,
	type SessionHandlers,
	type SessionOptions,
	type Subscription,
} from './session.js';

/** The light client, for the mass of a fleet: mqtt-packet on the stream, one timer, no store. */
export const openPacketSession = (options: SessionOptions, handlers: SessionHandlers): MqttSession => new PacketSession(options, handlers);

/** What an answer of the broker settles. */
interface Request {
	readonly answer: 'puback' | 'suback';
	settle(packet: Packet): void;
}

class PacketSession implements MqttSession {
	messagesReceived = 0;
	messagesSent = 0;
	readonly #stream: Duplex;
	readonly #clock: Clock;
	readonly #keepaliveMs: number;
	readonly #level: ProtocolLevel;
	readonly #framer = new PacketFramer(SESSION_DEFAULTS.packetBytes);
	/** Undefined once destroyed: nobody is told anything then. */
	#handlers: SessionHandlers | undefined;
	#state: 'connecting' | 'open' | 'closed' = 'connecting';
	#reason = 'ended';
	/** Until the answer to CONNECT its time limit, then the next ping. */
	#timer: Timer | undefined;
	/** Since the last ping, which waits for it. */
	#heard = true;
	#requests: Map<number, Request> | undefined;
	#lastId = 0;
	#waiting = 0;
	#mayWait = MOST_IDENTIFIERS;
	#held: (() => void)[] | undefined;

	constructor(options: SessionOptions, handlers: SessionHandlers) {
		this.#stream = options.stream;
		this.#clock = options.clock;
		this.#keepaliveMs = options.keepaliveS * 1000;
		this.#level = options.level ?? SESSION_DEFAULTS.level;
		this.#handlers = handlers;
		this.#stream.on('data', (chunk: Buffer) => this.#onData(chunk));
		this.#stream.on('error', (error: NodeJS.ErrnoException) => this.#end(`link: ${error.code ?? error.message}`));
		this.#stream.on('end', () => this.#end('ended'));
		this.#stream.on('close', () => this.#onClose());
		const connectTimeoutMs = options.connectTimeoutMs ?? SESSION_DEFAULTS.connectTimeoutMs;
		this.#timer = this.#clock.after(connectTimeoutMs, () => this.#end('connect-timeout'));
		this.#write(connectPacket(options));
	}

	get connected(): boolean {
		return this.#state === 'open';
	}

	subscribe(subscriptions: readonly Subscription[], done: (granted: boolean) => void): void {
		if (!this.connected) return;
		const messageId = this.#expect('suback', (packet) => {
			const { granted } = packet as ISubackPacket;
			done(granted.length === subscriptions.length && granted.every((code) => typeof code === 'number' && code <= 2));
		});
		this.#write({ cmd: 'subscribe', messageId, subscriptions: subscriptions.map(({ filter, qos }) => ({ topic: filter, qos })) });
	}

	publish(topic: string, payload: Uint8Array | string, options: PublishOptions = {}, done?: () => void): void {
		if (!this.connected) return;
		const { qos = 0, retain = false } = options;
		this.messagesSent++;
		const send = (messageId: number | undefined): void =>
			void this.#stream.write(encodePublish(topic, { payload: asPayload(payload), retain, messageId, level: this.#level }));
		if (qos === 0) {
			send(undefined);
			done?.();
		} else this.#whenAllowed(() => send(this.#expect('puback', (packet) => this.#acknowledged(packet as IPubackPacket, done))));
	}

	close(): void {
		if (this.#state === 'closed') return;
		const { connected } = this;
		this.#stop('closed');
		if (!connected) {
			this.#stream.destroy();
			return;
		}
		this.#stream.once('finish', () => this.#stream.destroy());
		this.#stream.end(encodePacket({ cmd: 'disconnect' }, this.#level));
	}

	destroy(): void {
		this.#handlers = undefined;
		this.#stop('destroyed');
		this.#stream.destroy();
	}

	#onData(chunk: Buffer): void {
		if (this.#state === 'closed') return;
		this.#heard = true;
		this.#framer.push(chunk);
		for (let packet = this.#nextPacket(); packet; packet = this.#nextPacket()) this.#onPacket(packet);
	}

	#nextPacket(): Packet | undefined {
		if (this.#state === 'closed') return undefined;
		try {
			const pieces = this.#framer.next();
			return pieces && (parseFrequent(pieces, this.#level) ?? parsePacket(pieces, this.#level));
		} catch (error) {
			this.#end(`protocol: ${(error as Error).message}`);
			return undefined;
		}
	}

	#onPacket(packet: Packet): void {
		if (this.#state === 'connecting') {
			if (packet.cmd === 'connack') this.#onConnack(packet);
			else this.#end(`protocol: ${packet.cmd} came in place of connack`);
		} else if (packet.cmd === 'publish') this.#onPublish(packet);
		else if (packet.cmd === 'puback' || packet.cmd === 'suback') this.#onAnswer(packet);
		else if (packet.cmd === 'disconnect' && this.#level === 5) this.#end(`ended: code ${packet.reasonCode ?? 0}`);
		else if (packet.cmd !== 'pingresp') this.#end(`protocol: ${packet.cmd} came from the broker`);
	}

	#onConnack({ returnCode, reasonCode, sessionPresent, properties }: IConnackPacket): void {
		const code = this.#level === 5 ? reasonCode : returnCode;
		if (code !== 0) {
			this.#end(code === undefined ? 'protocol: connack has no return code' : `refused: code ${code}`);
			return;
		}
		this.#mayWait = properties?.receiveMaximum ?? MOST_IDENTIFIERS;
		this.#state = 'open';
		this.#timer?.cancel();
		this.#timer = undefined;
		if (this.#keepaliveMs > 0) this.#timer = this.#clock.after(this.#keepaliveMs, () => this.#keepAlive());
		this.#handlers?.onConnected(sessionPresent);
	}

	#onPublish({ qos, topic, payload, retain, messageId }: IPublishPacket): void {
		if (qos === 2) {
			this.#end('protocol: a message came at QoS 2, which was not asked for');
			return;
		}
		this.messagesReceived++;
		this.#handlers?.onMessage(topic, payload as Buffer, retain);
		if (qos === 1 && this.connected) this.#stream.write(encodePuback(messageId as number));
	}

	#onAnswer(packet: Packet): void {
		const request = this.#requests?.get(packet.messageId as number);
		if (request?.answer !== packet.cmd) return;
		this.#requests?.delete(packet.messageId as number);
		request.settle(packet);
	}

	#keepAlive(): void {
		if (!this.#heard) {
			this.#end('keepalive');
			return;
		}
		this.#heard = false;
		this.#timer = this.#clock.after(this.#keepaliveMs, () => this.#keepAlive());
		this.#write({ cmd: 'pingreq' });
	}

	#expect(answer: Request['answer'], settle: (packet: Packet) => void): number {
		this.#requests ??= new Map();
		if (this.#requests.size === MOST_IDENTIFIERS) throw new RangeError('65535 requests are unanswered: MQTT has no more identifiers');
		do this.#lastId = (this.#lastId % MOST_IDENTIFIERS) + 1;
		while (this.#requests.has(this.#lastId));
		this.#requests.set(this.#lastId, { answer, settle });
		return this.#lastId;
	}

	/** In MQTT 5 a broker says how many messages may wait for its acknowledgement (3.3.4); the next waits its turn here. */
	#whenAllowed(send: () => void): void {
		if (this.#waiting < this.#mayWait) {
			this.#waiting++;
			send();
			return;
		}
		this.#held ??= [];
		if (this.#held.length === MOST_IDENTIFIERS) throw new RangeError(`${MOST_IDENTIFIERS} messages wait to be sent`);
		this.#held.push(send);
	}

	/** A message that the broker would not have (3.4.2.1 of MQTT 5) ends the connection: whoever sent it counts on it. */
	#acknowledged({ reasonCode = 0 }: IPubackPacket, done: (() => void) | undefined): void {
		this.#waiting--;
		if (reasonCode >= FIRST_FAILURE) return this.#end(`refused: code ${reasonCode}`);
		const next = this.#held?.shift();
		if (next) this.#whenAllowed(next);
		done?.();
	}

	#write(packet: Packet): void {
		this.#stream.write(encodePacket(packet, this.#level));
	}

	/** Ends the connection; `onClosed` follows when the stream has closed. */
	#end(reason: string): void {
		if (this.#state === 'closed') return;
		this.#stop(reason);
		this.#stream.destroy();
	}

	#stop(reason: string): void {
		this.#state = 'closed';
		this.#reason = reason;
		this.#timer?.cancel();
		this.#timer = undefined;
	}

	#onClose(): void {
		if (this.#state !== 'closed') this.#stop('ended');
		const handlers = this.#handlers;
		this.#handlers = undefined;
		handlers?.onClosed(this.#reason);
	}
}

const MOST_IDENTIFIERS = 0xffff;
/** Reason codes of MQTT 5 from here on say that something failed (2.4). */
const FIRST_FAILURE = 0x80;

const connectPacket = ({ clientId, clean, keepaliveS, username, password, will, level = SESSION_DEFAULTS.level }: SessionOptions): IConnectPacket => {
	const packet: IConnectPacket = { cmd: 'connect', protocolId: 'MQTT', protocolVersion: level, clientId, clean, keepalive: keepaliveS };
	if (level === 5 && !clean) packet.properties = { sessionExpiryInterval: NEVER_EXPIRES };
	if (username !== undefined) packet.username = username;
	if (password !== undefined) packet.password = Buffer.from(password);
	if (will) packet.will = { ...will, payload: asPayload(will.payload) };
	return packet;
};

/** mqtt-packet takes no plain Uint8Array. */
const asPayload = (payload: Uint8Array | string): Buffer => {
	if (typeof payload === 'string') return Buffer.from(payload);
	return Buffer.isBuffer(payload) ? payload : Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
};
