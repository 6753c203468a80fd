import { Duplex } from 'node:stream';
import test, { type ExecutionContext } from 'ava';
import mqtt, { type IPublishPacket, type Packet } from 'mqtt-packet';
import type { DeviceReport, JobChange } from '../../harness/protocols/index.js';
import { openVirtualWorld, type VirtualWorld } from '../../harness/time/index.js';
import { type Cloud, openCloud } from './cloud.js';

export const REPORT: DeviceReport = {
	version: '1.0.0',
	hardware: 'rev-a',
	digest: 'ab'.repeat(32),
	boots: 1,
	resetCause: 'power-on',
	watchdogResets: 0,
	errors: 0,
	temperatureC: 20,
	freeMemoryBytes: 1000,
};

/** Two ends of a connection in memory; destroying one destroys the other. While `stalled` the far end's writes are not taken. */
export const createPair = (link: { stalled: boolean } = { stalled: false }): [Duplex, Duplex] => {
	const ends: Duplex[] = [];
	const createEnd = (other: 0 | 1): Duplex =>
		new Duplex({
			read: () => undefined,
			write: (chunk: Buffer, _encoding, done) => {
				if (link.stalled && other === 0) return;
				setImmediate(() => ends[other]?.destroyed === false && ends[other]?.push(chunk));
				done();
			},
			destroy: (_error, done) => {
				setImmediate(() => ends[other]?.destroy());
				done(null);
			},
		});
	ends.push(createEnd(1), createEnd(0));
	return ends as [Duplex, Duplex];
};

/** A bare MQTT client: every packet it gets is kept. */
export class Peer {
	readonly packets: Packet[] = [];
	readonly #stream: Duplex;
	readonly #link = { stalled: false };
	#lastId = 0;
	onPublish: ((topic: string, payload: Buffer) => void) | undefined;

	constructor(
		cloud: Cloud,
		connect: { readonly thing: string; readonly clean?: boolean; readonly username?: string; readonly password?: string; readonly clientId?: string },
	) {
		const [near, far] = createPair(this.#link);
		this.#stream = near;
		const parser = mqtt.parser();
		parser.on('packet', (packet) => {
			this.packets.push(packet);
			if (packet.cmd !== 'publish') return;
			if (packet.qos === 1) this.send({ cmd: 'puback', messageId: packet.messageId ?? 0 });
			this.onPublish?.(packet.topic, packet.payload as Buffer);
		});
		near.on('data', (chunk: Buffer) => parser.parse(chunk));
		near.on('error', () => undefined);
		cloud.accept(far);
		const { thing, clean = true, username = thing, password = `secret of ${thing}`, clientId = thing } = connect;
		this.send({ cmd: 'connect', protocolId: 'MQTT', protocolVersion: 4, clientId, clean, keepalive: 0, username, password: Buffer.from(password) });
	}

	get closed(): boolean {
		return this.#stream.destroyed;
	}

	/** Topics of the messages so far. */
	get topics(): string[] {
		return this.publishes.map(({ topic }) => topic);
	}

	get publishes(): IPublishPacket[] {
		return this.packets.filter((packet) => packet.cmd === 'publish');
	}

	send(packet: Packet): void {
		mqtt.writeToStream(packet, this.#stream);
	}

	subscribe(filters: readonly string[], qos: 0 | 1 = 1): void {
		this.send({ cmd: 'subscribe', messageId: ++this.#lastId, subscriptions: filters.map((topic) => ({ topic, qos })) });
	}

	publish(topic: string, payload: string | Uint8Array, options: { readonly qos?: 0 | 1; readonly retain?: boolean } = {}): void {
		const { qos = 0, retain = false } = options;
		this.send({ cmd: 'publish', topic, payload: Buffer.from(payload), qos, dup: false, retain, ...(qos === 1 ? { messageId: ++this.#lastId } : {}) });
	}

	/** Takes no more bytes. */
	stall(): void {
		this.#link.stalled = true;
	}

	destroy(): void {
		this.#stream.destroy();
	}
}

export interface Bench {
	readonly world: VirtualWorld;
	readonly cloud: Cloud;
	readonly changes: JobChange[];
	readonly told: string[];
	/** Lets everything happen that happens within ten virtual milliseconds. */
	settle(): Promise<void>;
}

/** A test in a virtual world of its own with a running service; tests of one file run in turn, so that worlds do not meet. */
export const withCloud = (title: string, body: (t: ExecutionContext, bench: Bench) => Promise<void>): void => {
	test.serial(title, async (t) => {
		using world = openVirtualWorld({ seed: '1' });
		await world.run(async () => {
			const changes: JobChange[] = [];
			const told: string[] = [];
			await using cloud = await openCloud({
				clock: world.clock,
				credentials: (thing, password) => Buffer.from(password).toString() === `secret of ${thing}`,
				observer: {
					onJobStatus: (change) => changes.push(change),
					onReport: (thing, { version }) => told.push(`${thing} reports ${version}`),
					onConnected: (thing) => told.push(`${thing} connected`),
					onDisconnected: (thing) => told.push(`${thing} disconnected`),
				},
			});
			await body(t, { world, cloud, changes, told, settle: () => world.clock.sleep(10) });
		});
		t.deepEqual(world.realIo, []);
	});
};
