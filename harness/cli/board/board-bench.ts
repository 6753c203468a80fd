import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BoardImages, BoardUplink, RigBoard } from '../../../rigs/board/index.js';
import type { Guardian } from '../../../rigs/guardian/index.js';
import type { BoardSpec, RigFile, SerialAddress } from '../../../rigs/rig-file/index.js';
import type { BlackstartEvent } from '../../events/index.js';
import type { Capability } from '../../scenario/index.js';
import { BoardService } from './board-service.js';
import { backendOf, createVirtualFlasher, type EmulatedBoard, readBoardImages } from './virtual-bench.js';

export interface BoardBenchOptions {
	readonly rig: RigFile;
	readonly emulated: readonly EmulatedBoard[];
	/** The run's folder: consoles and what flashers write lie there. */
	readonly folder: string;
	/** What leases are for. */
	readonly purpose: string;
}

export interface BenchOpening {
	/** Below the folder of consoles. */
	readonly consoles: string;
	readonly waitMs: number;
	/** Takes a board that is marked broken too, to repair it. */
	readonly evenBroken?: boolean;
	/** Told of waits for another holder, for people. */
	readonly onWait?: (text: string) => void;
	readonly nowMs: () => number;
	record(event: BlackstartEvent): void;
	onLost(error: Error): void;
	/** Told at once when the board panics or boots although it was left alone, running something confirmed. */
	readonly onUnexpected?: (what: string) => void;
}

/** The boards of a rig as this process can open them, real and emulated alike; one guardian holds them all. */
export class BoardBench implements AsyncDisposable {
	readonly rig: RigFile;
	readonly #options: BoardBenchOptions;
	readonly #images = new Map<string, Promise<BoardImages>>();
	readonly service = new BoardService();
	#guardian: Promise<Guardian> | undefined;
	/** The one that was told to end: that it is gone is no loss. */
	#ended: Guardian | undefined;
	#lost = false;

	constructor(options: BoardBenchOptions) {
		this.rig = options.rig;
		this.#options = options;
	}

	images(spec: BoardSpec): Promise<BoardImages> {
		const known = this.#images.get(spec.name) ?? readBoardImages(spec);
		this.#images.set(spec.name, known);
		return known;
	}

	/** Why a board that is emulated cannot run on this machine; undefined: it can. */
	missing(spec: BoardSpec): string | undefined {
		return this.#find(spec)?.missing;
	}

	/** Another board of the rig that can be used beside it. */
	other({ name }: BoardSpec): BoardSpec | undefined {
		return this.rig.boards.find((board) => board.name !== name && this.missing(board) === undefined);
	}

	/** What the board has, as its rig file says. */
	async capabilities(spec: BoardSpec): Promise<readonly Capability[]> {
		const { createBoardFlasher, listCapabilities } = await import('../../../rigs/board/index.js');
		return listCapabilities(spec, {
			images: await this.images(spec),
			hasFlasher: this.#find(spec) === undefined ? createBoardFlasher(spec, { findPort: () => '' }) !== undefined : spec.flasher?.tool === 'virtual',
			hasGateway: true,
			hasUplink: this.#reaches(spec) !== undefined,
			hasOther: this.other(spec) !== undefined,
		});
	}

	async open(spec: BoardSpec, { consoles, ...opening }: BenchOpening): Promise<RigBoard> {
		const { rig, folder, purpose } = this.#options;
		const [{ createBoardFlasher, openBoard }, { createRigHost, findSerialPort }] = await Promise.all([
			import('../../../rigs/board/index.js'),
			import('../../../rigs/host/index.js'),
		]);
		const findPort = (address: SerialAddress): string => findSerialPort(address, createRigHost());
		const emulated = this.#find(spec);
		const consoleFolder = join(folder, 'consoles', consoles);
		mkdirSync(consoleFolder, { recursive: true });
		const guardian = await this.#openGuardian();
		const onLost = (): void => {
			if (this.#ended !== guardian) opening.onLost(guardian.lost.reason as Error);
		};
		guardian.lost.addEventListener('abort', onLost, { once: true });
		return openBoard({
			rig,
			spec,
			guardian,
			images: await this.images(spec),
			backend: emulated && backendOf(emulated),
			flasher: emulated
				? () => createVirtualFlasher(emulated, { folder: consoleFolder })
				: createBoardFlasher(spec, { findPort, logFile: join(consoleFolder, `${spec.name}.flasher.log`) }),
			gateway: this.service.gateway(spec.type.type),
			uplink: await this.#uplinkOf(spec),
			findPort,
			consoleFolder,
			writtenFile: join(folder, 'consoles', `${spec.name}.written`),
			purpose,
			...opening,
		});
	}

	/** Ends the guardian: everything that is still held is made safe. */
	async [Symbol.asyncDispose](): Promise<void> {
		await this.service[Symbol.asyncDispose]();
		const guardian = await this.#guardian?.catch(() => undefined);
		this.#guardian = undefined;
		this.#ended = guardian;
		await guardian?.[Symbol.asyncDispose]();
	}

	/** Where the board finds the update service by itself; undefined where it has no network, or the rig file names no place. */
	#reaches({ type }: BoardSpec): RigFile['service'] {
		return type.network === undefined ? undefined : this.rig.service;
	}

	async #uplinkOf(spec: BoardSpec): Promise<BoardUplink | undefined> {
		const place = this.#reaches(spec);
		return place && (await this.service.uplink(spec, place));
	}

	#find({ name }: BoardSpec): EmulatedBoard | undefined {
		return this.#options.emulated.find((one) => one.name === name);
	}

	#openGuardian(): Promise<Guardian> {
		// One that was lost holds nothing any more: the next board has one of its own.
		if (this.#lost) this.#guardian = undefined;
		this.#lost = false;
		this.#guardian ??= import('../../../rigs/guardian/index.js').then(async ({ openGuardian }) => {
			const guardian = await openGuardian({ logFile: join(this.#options.folder, 'guardian.log') });
			guardian.lost.addEventListener('abort', () => {
				this.#lost = true;
			});
			return guardian;
		});
		return this.#guardian;
	}
}
