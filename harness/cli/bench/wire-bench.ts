import { readFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Duplex, duplexPair } from 'node:stream';
import { GOOD_LINK, type LinkConditions } from '../../faults/index.js';
import type { Rung } from '../../scenario/index.js';
import { createRandom, RealClock } from '../../time/index.js';
import { type FleetMeasurement, measureFleetUpdate } from './fleet-bench.js';
import { BLOCK_BYTES, type FloorMeasurement, openClient } from './floor-bench.js';
import { measureUsage, type Usage } from './usage.js';

const LOOPBACK = '127.0.0.1';
const IMAGE_BYTES = 256 * 1024;

export interface WithNotes {
	readonly notes: readonly string[];
}

/** Whole updates, of 256 KiB by default, over sockets of the loopback through the fault link, all invariants on. */
export const measureWireFleet = async (devices: number, rung: Rung, { imageBytes = IMAGE_BYTES } = {}): Promise<FleetMeasurement & WithNotes> => {
	const before = childrenCpuS();
	const places = [{ hardware: `plain-${imageBytes / 1024}k`, holdsBytes: imageBytes }];
	const measured = await measureFleetUpdate(devices, { rung, link: GOOD_LINK, places });
	const notes = rung.broker === undefined ? [] : [`mosquitto took ${(childrenCpuS() - before).toFixed(2)} CPU-s beside it`];
	return { ...measured, notes };
};

/**
 * The least that the same blocks cost over sockets: bare mqtt-packet at a bare Aedes in the same process, or at a mosquitto, with nothing
 * between. Each client takes its blocks at QoS 1, the next when it has acknowledged the last.
 */
export const measureWireFloor = async (
	devices: number,
	{ blocks, broker }: { readonly blocks: number; readonly broker: 'aedes' | 'mosquitto' },
): Promise<FloorMeasurement & WithNotes> => {
	const before = childrenCpuS();
	const site = await (broker === 'aedes' ? openBareAedes() : openBareMosquitto(devices));
	const { result: clients, usage } = await measureUsage(async () => {
		const opened: Awaited<ReturnType<typeof openClient>>[] = [];
		for (let first = 0; first < devices; first += DIALS_AT_ONCE) {
			const batch = Array.from({ length: Math.min(DIALS_AT_ONCE, devices - first) }, async (_, index) => {
				const id = idOf(first + index);
				return openClient(await dial(site.port), { id, topic: topicOf(id), blocks, publish: site.publish, password: SECRET });
			});
			opened.push(...(await Promise.all(batch)));
		}
		await Promise.all(opened.map(({ takeBlocks }) => takeBlocks()));
		return opened;
	});
	for (const { stream } of clients) stream.destroy();
	await site.close();
	const notes = broker === 'aedes' ? [] : [`mosquitto took ${(childrenCpuS() - before).toFixed(2)} CPU-s beside it`];
	return { devices, blocks: devices * blocks, usage, notes };
};

const DIALS_AT_ONCE = 200;
const SECRET = 'bench';
const idOf = (index: number): string => `client-${index}`;
const topicOf = (id: string): string => `$aws/things/${id}/blocks`;

interface BareSite {
	readonly port: number;
	readonly publish: (topic: string) => void;
	close(): Promise<void>;
}

const openBareAedes = async (): Promise<BareSite> => {
	const { Aedes } = await import('aedes');
	const aedes = await Aedes.createBroker({ concurrency: 0 });
	const server = createServer({ noDelay: true }, (socket) => aedes.handle(socket));
	const port = await listen(server);
	const block = Buffer.alloc(BLOCK_BYTES, 0xa5);
	return {
		port,
		publish: (topic) => aedes.publish({ cmd: 'publish', topic, payload: block, qos: 1, retain: false, dup: false }, () => undefined),
		close: async () => {
			await new Promise<void>((resolve) => aedes.close(() => resolve()));
			await new Promise<void>((resolve) => server.close(() => resolve()));
		},
	};
};

const openBareMosquitto = async (devices: number): Promise<BareSite> => {
	const { openMosquitto } = await import('../../../simulators/cloud/index.js');
	const { openPacketSession } = await import('../../../simulators/network/index.js');
	const mosquitto = await openMosquitto();
	for (let index = 0; index < devices; index++) mosquitto.admit(idOf(index), SECRET);
	const stream = await dial(mosquitto.port);
	const block = Buffer.alloc(BLOCK_BYTES, 0xa5);
	const { username, password } = mosquitto.service;
	const session = await new Promise<ReturnType<typeof openPacketSession>>((resolve, reject) => {
		const opened = openPacketSession(
			{ stream, clientId: username, username, password, keepaliveS: 0, clean: true, clock: new RealClock() },
			{ onConnected: () => resolve(opened), onMessage: () => {}, onClosed: (reason) => reject(new Error(reason)) },
		);
	});
	return {
		port: mosquitto.port,
		publish: (topic) => session.publish(topic, block, { qos: 1 }),
		close: async () => {
			session.destroy();
			await mosquitto[Symbol.asyncDispose]();
		},
	};
};

const LINKS = 500;
const BLOCKS = 64;
const AT_50_MS: LinkConditions = { latencyMs: 50, jitterMs: 0, bandwidthBytesPerS: 0, lossRatio: 0 };

/** What the fault link costs for each 4 KiB that it carries, in memory and in the proxy, beside a bare pair of streams and a bare socket. */
export const measureLinks = async (links = LINKS): Promise<{ readonly devices: number; readonly usage: Usage; readonly notes: readonly string[] }> => {
	const { createLink, openFaultProxy } = await import('../../../simulators/network/index.js');
	const clock = new RealClock();
	const newLink = (conditions: LinkConditions) => createLink({ clock, random: createRandom('bench'), conditions });
	const server = createServer({ noDelay: true });
	const waiting = new Map<string, (socket: Socket) => void>();
	const port = await listen(server);
	const proxy = await openFaultProxy({
		broker: { host: LOOPBACK, port },
		onError: (error) => {
			throw error;
		},
	});
	/** Both ends of a connection to the server, by the first bytes that come through it. */
	server.on('connection', (socket: Socket) => {
		socket.once('data', (bytes: Buffer) => waiting.get(bytes.toString())?.(socket));
	});
	let named = 0;
	const join = async (near: Duplex): Promise<readonly [Duplex, Duplex]> => {
		const name = `link-${named++}`;
		const far = new Promise<Duplex>((resolve) => waiting.set(name, resolve));
		near.write(name);
		return [near, await far];
	};
	const ways: Readonly<Record<string, () => Promise<readonly [Duplex, Duplex]>>> = {
		'pair of streams': async () => duplexPair(),
		'link in memory, 0 ms': async () => ends(newLink(GOOD_LINK)),
		'link in memory, 50 ms': async () => ends(newLink(AT_50_MS)),
		socket: async () => join(await dial(port)),
		'socket through the proxy, 0 ms': () => join(proxy.join(newLink(GOOD_LINK))),
		'socket through the proxy, 50 ms': () => join(proxy.join(newLink(AT_50_MS))),
	};
	const notes: string[] = [];
	const { usage } = await measureUsage(async () => {
		for (const [name, open] of Object.entries(ways)) {
			const pairs = await Promise.all(Array.from({ length: links }, open));
			await deliver(pairs, 1);
			const { usage: own } = await measureUsage(() => deliver(pairs, BLOCKS));
			notes.push(`${name}: ${((own.cpuS * 1e6) / (links * BLOCKS)).toFixed(1)} us of CPU for each delivery of 4 KiB`);
			for (const pair of pairs) for (const end of pair) end.destroy();
		}
	});
	await proxy[Symbol.asyncDispose]();
	await new Promise<void>((resolve) => server.close(() => resolve()));
	return { devices: links, usage, notes };
};

const ends = ({ deviceEnd, brokerEnd }: { readonly deviceEnd: Duplex; readonly brokerEnd: Duplex }): readonly [Duplex, Duplex] => [deviceEnd, brokerEnd];

/** Blocks from the far end to the near one, the next when the last has come and one byte went back, as an acknowledgement does. */
const deliver = async (pairs: readonly (readonly [Duplex, Duplex])[], blocks: number): Promise<void> => {
	const block = Buffer.alloc(BLOCK_BYTES, 0xa5);
	await Promise.all(
		pairs.map(
			([near, far]) =>
				new Promise<void>((resolve) => {
					let received = 0;
					const onNear = (bytes: Buffer): void => {
						received += bytes.length;
						if (received % BLOCK_BYTES === 0) near.write('.');
					};
					let sent = 1;
					const onFar = (): void => {
						if (sent++ < blocks) return void far.write(block);
						near.off('data', onNear);
						far.off('data', onFar);
						resolve();
					};
					near.on('data', onNear);
					far.on('data', onFar);
					far.write(block);
				}),
		),
	);
};

const listen = (server: ReturnType<typeof createServer>): Promise<number> =>
	new Promise((resolve, reject) => {
		server.once('error', reject);
		server.listen({ host: LOOPBACK, port: 0 }, () => resolve((server.address() as AddressInfo).port));
	});

const dial = (port: number): Promise<Socket> =>
	new Promise((resolve, reject) => {
		const socket = connect({ host: LOOPBACK, port, noDelay: true }, () => resolve(socket));
		socket.once('error', reject);
	});

/** Of Linux, in which utime and its like are counted. */
const TICKS_PER_S = 100;

/** CPU seconds of the children that have ended (proc(5), stat: cutime and cstime); 0 where there is no such file. */
const childrenCpuS = (): number => {
	try {
		const fields = readFileSync('/proc/self/stat', 'utf8')
			.replace(/^.*\) /s, '')
			.split(' ');
		return (Number(fields[13]) + Number(fields[14])) / TICKS_PER_S;
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
		return 0;
	}
};
