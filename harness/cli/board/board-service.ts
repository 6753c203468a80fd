import type { BoardUplink, Gateway } from '../../../rigs/board/index.js';
import type { BoardSpec, RigFile } from '../../../rigs/rig-file/index.js';
import type { Cloud, CloudOptions } from '../../../simulators/cloud/index.js';
import { digestFor, type FleetOptions } from '../../ports/index.js';
import type { OpenFleet, TargetContext } from '../../scenario/index.js';
import { RealClock } from '../../time/index.js';
import { BoardDoor, createUplink, type SeenBoard } from './board-uplink.js';

/** Seconds of a model's life in each second of the wall. */
const MODEL_SPEED = 20;

/** The update service on the rig host: boards download from it by their own network or through its gateway, beside a simulated fleet where one is open. */
export class BoardService implements AsyncDisposable {
	readonly #passwords = new Map<string, string>();
	readonly #seen = new Map<string, SeenBoard>();
	/** By the address that boards are told. */
	readonly #doors = new Map<string, BoardDoor>();
	#cloud: Cloud | undefined;
	/** Boards that ask at once get the same one. */
	#opening: Promise<Cloud> | undefined;
	#port: number | undefined;
	/** The fleet's, which closes it. */
	#isLent = false;
	#jobs = 0;

	/**
	 * Brings an image as a device in the field gets it: a job, a download by blocks, then handed on over the console. The job ends with what
	 * the board came to, and the service is held to knowing it.
	 */
	gateway(type: string): Gateway {
		return {
			bring: async ({ release, board, push, withinMs, signal }) => {
				const [{ GatewaySession }, { encodeUpdateDocument }] = await Promise.all([
					import('../../../rigs/gateway/index.js'),
					import('../../../simulators/device/index.js'),
				]);
				const cloud = await this.#open();
				const image = release.images.find(({ hardware }) => hardware === type);
				if (image === undefined) throw new TypeError(`release ${release.name}: an image for ${type} was expected`);
				const jobId = `board-${++this.#jobs}-${board}`;
				const stream = jobId;
				this.#passwords.set(board, `gateway of ${board}`);
				cloud.publishFile(stream, [{ fileId: 0, bytes: image.bytes }]);
				const file = { stream, fileId: 0, sizeBytes: image.bytes.length, version: release.version, hardware: type, digest: image.digest, keySets: [] };
				cloud.createJob({ jobId, document: encodeUpdateDocument(file), things: [board] });
				const options = { url: `mqtt://127.0.0.1:${this.#port}`, thing: board, password: `gateway of ${board}`, withinMs, signal };
				{
					await using session = await GatewaySession.open(options);
					const offered = await session.takeImage();
					await push(offered.bytes);
				}
				return async (running) => {
					await using session = await GatewaySession.open({ ...options, signal: undefined });
					await session.report({
						version: running.version,
						hardware: type,
						digest: running.digest,
						boots: Number.parseInt(running.bootNonce, 16) || 0,
						resetCause: 'update',
						watchdogResets: 0,
						errors: 0,
						temperatureC: 20,
						freeMemoryBytes: 0,
					});
					const updated = running.digest === digestFor({ type }, release);
					await session.conclude(jobId, updated ? { status: 'SUCCEEDED' } : { status: 'FAILED', reason: `${running.version} runs` });
					const believed = this.belief(board);
					if (believed?.version !== running.version || believed.status !== (updated ? 'SUCCEEDED' : 'FAILED'))
						throw new Error(`the update service was to know that ${board} runs ${running.version}, it holds ${JSON.stringify(believed)}`);
				};
			},
		};
	}

	/** For a board that connects by itself, to where the rig file says. Throws an Error where this machine has no such address. */
	async uplink(spec: BoardSpec, place: NonNullable<RigFile['service']>): Promise<BoardUplink> {
		const { findServiceAddress } = await import('../../../rigs/host/index.js');
		const host = findServiceAddress(place);
		const name = `${host} ${place.port}`;
		const door = this.#doors.get(name) ?? new BoardDoor({ host, port: place.port });
		this.#doors.set(name, door);
		return createUplink({
			spec,
			host,
			door,
			open: () => this.#open(),
			admit: (client, secret) => {
				const seen = { open: 0, connections: 0, refusals: 0 };
				this.#passwords.set(client, secret);
				this.#seen.set(client, seen);
				return seen;
			},
		});
	}

	/** What the service holds true of a board; undefined where it never heard of it. */
	belief(board: string): { readonly version: string | null; readonly status: string | null } | undefined {
		if (this.#cloud === undefined) return undefined;
		return { version: this.#cloud.believedVersion(board), status: this.#cloud.newestJob(board)?.status ?? null };
	}

	/** A simulated fleet on the wall's clock whose broker the boards share. Models live faster than boards, for their trials last minutes. */
	async openFleet(context: TargetContext, options: FleetOptions | undefined): Promise<OpenFleet> {
		await this[Symbol.asyncDispose]();
		const [{ openSimulatedFleet }, { openCloud }] = await Promise.all([
			import('../../../simulators/fleet/index.js'),
			import('../../../simulators/cloud/index.js'),
		]);
		const run = { ...context.options, rung: { speed: MODEL_SPEED, transport: 'memory' as const } };
		const fleet = await openSimulatedFleet({ ...context, options: run }, options, {
			openCloud: async (given) => this.#adopt(await openCloud(this.#withBoards(given))),
		});
		const close = fleet[Symbol.asyncDispose].bind(fleet);
		fleet[Symbol.asyncDispose] = async () => {
			this.#cloud = undefined;
			this.#isLent = false;
			await close();
		};
		return fleet;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#opening?.catch(() => undefined);
		const cloud = this.#isLent ? undefined : this.#cloud;
		this.#cloud = undefined;
		this.#isLent = false;
		await cloud?.[Symbol.asyncDispose]();
	}

	#open(): Promise<Cloud> {
		if (this.#cloud) return Promise.resolve(this.#cloud);
		this.#opening ??= this.#openOwn().finally(() => {
			this.#opening = undefined;
		});
		return this.#opening;
	}

	async #openOwn(): Promise<Cloud> {
		const { openCloud } = await import('../../../simulators/cloud/index.js');
		const cloud = await openCloud(this.#withBoards({ clock: new RealClock(), credentials: () => false }));
		await this.#adopt(cloud);
		this.#isLent = false;
		return cloud;
	}

	async #adopt(cloud: Cloud): Promise<Cloud> {
		this.#cloud = cloud;
		this.#isLent = true;
		for (const seen of this.#seen.values()) seen.open = 0;
		this.#port = (await cloud.listenTcp({ host: '127.0.0.1', port: 0 })).port;
		return cloud;
	}

	/** Boards are let in, and what they do is not told to a fleet that does not know them. */
	#withBoards(options: CloudOptions): CloudOptions {
		const { observer } = options;
		const isBoard = (thing: string): boolean => this.#passwords.has(thing);
		return {
			...options,
			credentials: (thing, password) => (isBoard(thing) ? this.#letIn(thing, Buffer.from(password).toString()) : options.credentials(thing, password)),
			observer: {
				onJobStatus: (change) => void (isBoard(change.thing) || observer?.onJobStatus?.(change)),
				onReport: (thing, report) => void (isBoard(thing) || observer?.onReport?.(thing, report)),
				onConnected: (thing) => {
					if (!isBoard(thing)) return observer?.onConnected?.(thing);
					this.#note(thing, true);
				},
				onDisconnected: (thing) => {
					if (!isBoard(thing)) return observer?.onDisconnected?.(thing);
					this.#note(thing, false);
				},
			},
		};
	}

	#letIn(board: string, secret: string): boolean {
		if (secret === this.#passwords.get(board)) return true;
		const seen = this.#seen.get(board);
		if (seen) seen.refusals++;
		return false;
	}

	#note(board: string, isConnected: boolean): void {
		const seen = this.#seen.get(board);
		if (!seen) return;
		seen.open = Math.max(0, seen.open + (isConnected ? 1 : -1));
		if (isConnected) seen.connections++;
	}
}
