import { type Duplex, duplexPair } from 'node:stream';
import { measureUsage, type Usage } from './usage.js';

export interface FloorMeasurement {
	readonly devices: number;
	readonly blocks: number;
	readonly usage: Usage;
}

export const BLOCKS_PER_DEVICE = 16;
export const BLOCK_BYTES = 4096;

/**
 * The least that the same blocks cost: bare Aedes and mqtt-packet over stream pairs in one process, in real time. Each
 * client connects, subscribes once, and takes its blocks at QoS 0, as devices do, the next when the last has come; nothing
 * is requested, acknowledged, stored, verified, judged or recorded.
 */
export const measureFloor = async (devices: number, blocksPerDevice = BLOCKS_PER_DEVICE): Promise<FloorMeasurement> => {
	const { Aedes } = await import('aedes');
	const { result, usage } = await measureUsage(async () => {
		const broker = await Aedes.createBroker({ concurrency: 0 });
		const block = Buffer.alloc(BLOCK_BYTES, 0xa5);
		const publish = (topic: string): void => broker.publish({ cmd: 'publish', topic, payload: block, qos: 0, retain: false, dup: false }, () => undefined);
		const clients = await Promise.all(
			Array.from({ length: devices }, async (_, index) => {
				const [near, far] = duplexPair();
				broker.handle(far);
				const id = `client-${index}`;
				return openClient(near, { id, topic: `devices/${id}/blocks`, blocks: blocksPerDevice, publish });
			}),
		);
		await Promise.all(clients.map(({ takeBlocks }) => takeBlocks()));
		return { broker, clients };
	});
	for (const { stream } of result.clients) stream.destroy();
	await new Promise<void>((resolve) => result.broker.close(() => resolve()));
	return { devices, blocks: devices * blocksPerDevice, usage };
};

interface FloorClient {
	readonly stream: Duplex;
	/** Resolves when the last block has come. */
	takeBlocks(): Promise<void>;
}

/** Resolves when the client has subscribed. */
export const openClient = async (
	stream: Duplex,
	options: { readonly id: string; readonly topic: string; readonly blocks: number; readonly publish: (topic: string) => void; readonly password?: string },
): Promise<FloorClient> => {
	const { default: mqtt } = await import('mqtt-packet');
	const { topic, password } = options;
	const parser = mqtt.parser({ protocolVersion: 4 });
	let received = 0;
	let finish = (): void => undefined;
	stream.on('data', (chunk: Buffer) => parser.parse(chunk));
	await new Promise<void>((resolve, reject) => {
		stream.on('error', reject);
		parser.on('error', reject);
		parser.on('packet', (packet) => {
			if (packet.cmd === 'connack') stream.write(mqtt.generate({ cmd: 'subscribe', messageId: 1, subscriptions: [{ topic, qos: 0 }] }));
			else if (packet.cmd === 'suback') resolve();
			else if (packet.cmd === 'publish') {
				if (++received === options.blocks) finish();
				else options.publish(topic);
			}
		});
		stream.write(
			mqtt.generate({
				cmd: 'connect',
				protocolId: 'MQTT',
				protocolVersion: 4,
				clientId: options.id,
				clean: true,
				keepalive: 60,
				...(password === undefined ? {} : { username: options.id, password: Buffer.from(password) }),
			}),
		);
	});
	const takeBlocks = (): Promise<void> =>
		new Promise((resolve) => {
			finish = resolve;
			options.publish(topic);
		});
	return { stream, takeBlocks };
};
