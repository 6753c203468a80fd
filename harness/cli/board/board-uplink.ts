import { randomBytes } from 'node:crypto';
import type { BoardUplink, OfferedUpdate } from '../../../rigs/board/index.js';
import type { BoardSpec } from '../../../rigs/rig-file/index.js';
import type { Cloud, TcpDoor } from '../../../simulators/cloud/index.js';
import type { Release } from '../../firmware/index.js';
import { digestFor } from '../../ports/index.js';
import { isTerminal, streamTopic } from '../../protocols/index.js';

/** Where boards with a network of their own come in. One for all boards that are told the same address. */
export class BoardDoor {
	readonly #host: string;
	#port: number;
	#door: { readonly cloud: Cloud; readonly door: TcpDoor } | undefined;

	constructor({ host, port }: { readonly host: string; readonly port: number }) {
		this.#host = host;
		this.#port = port;
	}

	/** Listens, unless it does, at the port that it had the time before. Rejects with what the system has against it. */
	async open(cloud: Cloud): Promise<number> {
		if (this.#door?.cloud === cloud) return this.#door.door.port;
		// What another service opened went with that.
		const door = await cloud.listenTcp({ host: this.#host, port: this.#port }).catch((cause: Error) => {
			throw new Error(`service: ${this.#host}:${this.#port} was to be listened on for boards: ${cause.message}`, { cause });
		});
		this.#door = { cloud, door };
		this.#port = door.port;
		return door.port;
	}

	async close(): Promise<void> {
		const opened = this.#door;
		this.#door = undefined;
		await opened?.door.close();
	}
}

/** What the service knows of a client that is a board. */
export interface SeenBoard {
	/** Connections that are open: a board that comes back takes the place of one that went without a word. */
	open: number;
	connections: number;
	/** Attempts with a wrong secret. */
	refusals: number;
}

export interface UplinkParts {
	readonly spec: BoardSpec;
	/** An address of this machine. */
	readonly host: string;
	readonly door: BoardDoor;
	open(): Promise<Cloud>;
	/** Lets a client in by its secret from now on. */
	admit(client: string, secret: string): SeenBoard;
}

/** The service as it looks after one board with a network of its own. */
export const createUplink = ({ spec, host, door, open, admit }: UplinkParts): BoardUplink => {
	const { client = spec.name } = spec.network;
	// Whoever listens on a rig's network learns nothing that is good for another run.
	const secret = spec.network.secret?.reveal() ?? randomBytes(12).toString('hex');
	const seen = admit(client, secret);
	let jobs = 0;
	return {
		address: async () => ({ host, port: await door.open(await open()), client, secret }),
		get seen() {
			return { isConnected: seen.open > 0, connections: seen.connections, refusals: seen.refusals };
		},
		offer: async (release) => offer(await open(), { release, spec, client, number: ++jobs }),
		setListening: async (listening) => {
			if (listening) await door.open(await open());
			else await door.close();
		},
	};
};

const offer = async (
	cloud: Cloud,
	{ release, spec, client, number }: { readonly release: Release; readonly spec: BoardSpec; readonly client: string; readonly number: number },
): Promise<OfferedUpdate> => {
	const { encodeUpdateDocument } = await import('../../../simulators/device/index.js');
	const { type } = spec.type;
	const image = release.images.find(({ hardware }) => hardware === type);
	if (image === undefined) throw new TypeError(`release ${release.name}: an image for ${type} was expected`);
	// A board remembers how jobs ended, and the runs before this one had jobs too.
	const id = `${spec.name}-${number}-${randomBytes(4).toString('hex')}`;
	const digest = digestFor({ type }, release);
	let sentBytes = 0;
	const blocks = streamTopic(client, id, 'data/');
	cloud.interfere({
		answer: (message, pass) => {
			if (message.topic.startsWith(blocks)) sentBytes += message.payload.length;
			pass(message);
		},
	});
	cloud.publishFile(id, [{ fileId: 0, bytes: image.bytes }]);
	const file = { stream: id, fileId: 0, sizeBytes: image.bytes.length, version: release.version, hardware: type, digest, keySets: [] };
	cloud.createJob({ jobId: id, document: encodeUpdateDocument(file), things: [client] });
	return {
		id,
		digest,
		get status() {
			return cloud.jobStatus(client, id) ?? 'GONE';
		},
		get reason() {
			return cloud.execution(client, id)?.statusDetails['reason'];
		},
		get isOver() {
			const status = cloud.jobStatus(client, id);
			return status === null || isTerminal(status);
		},
		get believedVersion() {
			return cloud.believedVersion(client);
		},
		get deliveredRatio() {
			return sentBytes / image.bytes.length;
		},
	};
};
