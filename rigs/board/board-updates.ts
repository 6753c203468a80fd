import type { BlackstartEvent } from '../../harness/events/index.js';
import type { Release } from '../../harness/firmware/index.js';
import type { BoardUpdateOptions, FlasherPort, PowerPort, RunningFirmware, UpdatePath } from '../../harness/ports/index.js';
import { withDeadline } from '../drivers/deadline.js';
import type { BoardSpec } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import type { ReleaseBook } from './board-releases.js';
import type { BoardTalk } from './board-talk.js';
import { LINE_ENDS } from './conversation.js';
import type { WatchedConsole } from './line-watch.js';
import type { OwnNetwork } from './own-network.js';
import { sendImage, type TransferOptions, transferImage } from './transfer/index.js';
import { listUpdatePaths } from './update-paths.js';
import type { WearCounter } from './wear.js';

/** Brings images to a board that has no network of its own, as it would download them. */
export interface Gateway {
	/** Resolves when the board has all of it, with how the service is told what came of it. */
	bring(options: GatewayOrder): Promise<(running: RunningFirmware) => Promise<void>>;
}

export interface GatewayOrder {
	readonly release: Release;
	readonly board: string;
	/** Hands the image on to the board. */
	readonly push: (image: Uint8Array) => Promise<void>;
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
}

export interface BoardUpdatesParts {
	readonly spec: BoardSpec;
	readonly talk: BoardTalk;
	readonly console: WatchedConsole;
	readonly power: PowerPort;
	readonly flasher?: FlasherPort | undefined;
	readonly gateway?: Gateway | undefined;
	/** Of a board that connects to the update service by itself: it needs no gateway. */
	readonly network?: OwnNetwork | undefined;
	readonly releases: ReleaseBook;
	record(event: BlackstartEvent): void;
	/** Has it restarted, by its firmware where that can. */
	restart(): Promise<void>;
	/** Images that were written to it in this run. */
	readonly written?: WearCounter | undefined;
	/** Pulls its reset line. */
	readonly reset?: (() => Promise<void>) | undefined;
}

/** The ways on which images come to a board: its updates, and back to golden. */
export class BoardUpdates {
	/** The preferred one first. */
	readonly paths: readonly UpdatePath[];
	readonly flasher?: FlasherPort;
	readonly #parts: BoardUpdatesParts;
	readonly #published = new Set<string>();
	/** Tells the service what came of an update that it brought. */
	#conclude: ((running: RunningFirmware) => Promise<void>) | undefined;
	/** It was given an update since it was restored. */
	offered = false;

	constructor(parts: BoardUpdatesParts) {
		this.#parts = parts;
		const { spec, flasher, gateway, network } = parts;
		if (flasher) this.flasher = this.#watchFlasher(flasher);
		this.paths = listUpdatePaths(spec, { hasFlasher: flasher !== undefined, hasGateway: gateway !== undefined, hasUplink: network !== undefined });
	}

	async update(release: Release, { path = this.paths[0], withinMs, signal }: BoardUpdateOptions): Promise<void> {
		const image = this.imageOf(release);
		if (path === undefined || !this.paths.includes(path))
			throw this.#lacks(`no way '${path ?? 'any'}' for an update; it has ${this.paths.join(', ') || 'none'}`);
		const { record } = this.#parts;
		this.#countWriting();
		this.publish(release);
		this.offered = true;
		const said = { board: this.#name, path, digest: image.digest };
		record({ kind: 'board-update-begun', at: this.#talk.at, ...said, release: release.name });
		try {
			await withDeadline((late) => this.#bring(path, { release, image: image.bytes, withinMs, signal: signal ? AbortSignal.any([signal, late]) : late }), {
				withinMs,
				late: () => new BoardError('transfer', `board ${this.#name}: ${image.bytes.length} bytes over ${path} were to be there within ${withinMs} ms`),
			});
			const { trial } = this.#parts.spec.type.commands;
			// What it downloaded by itself it tries by itself. A device may write its other slot before it answers.
			if (trial && !(path === 'mqtt' && this.#parts.network)) await this.#talk.ask(trial, { signal, withinMs: this.#parts.spec.type.timings.install });
		} catch (error) {
			record({ kind: 'board-update-ended', at: this.#talk.at, ...said, outcome: 'failed', reason: (error as Error).message });
			throw error;
		}
		record({ kind: 'board-update-ended', at: this.#talk.at, ...said, outcome: 'staged' });
	}

	async restore({ withinMs, by = this.flasher ? 'flasher' : 'serial' }: { readonly withinMs: number; readonly by?: 'serial' | 'flasher' }): Promise<void> {
		const golden = this.#parts.releases.golden();
		const { digest, bytes } = this.imageOf(golden);
		const deadlineMs = this.#talk.at + withinMs;
		const { record } = this.#parts;
		this.#countWriting();
		this.publish(golden);
		record({ kind: 'board-restoring', at: this.#talk.at, board: this.#name, by });
		if (by === 'flasher') await this.#restoreByFlasher(bytes, withinMs);
		else await this.#restoreBySerial({ golden, bytes, digest, withinMs });
		const running = await this.settle({ withinMs: Math.max(1, deadlineMs - this.#talk.at) });
		if (running.digest !== digest)
			throw new BoardError(
				'transfer',
				`board ${this.#name}: golden ${digest.slice(0, 12)} was expected to run once it was restored, ${running.digest.slice(0, 12)} does`,
			);
		await this.#talk.useDefaults();
		this.#parts.network?.forget();
		this.offered = false;
		await this.joinNetwork();
		record({ kind: 'board-restored', at: this.#talk.at, board: this.#name, digest, by });
	}

	/** Says what a release is before it is offered; once. */
	publish(release: Release): void {
		const { digest } = this.imageOf(release);
		if (this.#published.has(digest)) return;
		this.#published.add(digest);
		this.#parts.record(this.#parts.releases.describe(release, this.#talk.at));
	}

	/** Where updates come by its own network, it is there before one is offered: telling it may take a restart, which is none of the update's. */
	async joinNetwork(): Promise<void> {
		const { network, spec } = this.#parts;
		if (this.paths[0] === 'mqtt') await network?.connect({ withinMs: spec.type.timings.update });
	}

	/** It restarts by itself, for what it downloaded, and need not be told. */
	restartsItself(): boolean {
		return this.#parts.network?.restartsItself() ?? false;
	}

	/** Waits until nothing is left open: no trial, and no job that the board goes on with by itself. */
	async settle({ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined }): Promise<RunningFirmware> {
		const { network } = this.#parts;
		const endsAt = this.#talk.at + withinMs;
		for (;;) {
			const leftMs = Math.max(1, endsAt - this.#talk.at);
			const running = await this.#talk.settle({ withinMs: leftMs, ...(signal ? { signal } : {}) });
			if ((await network?.conclude(running, { withinMs: leftMs, signal })) === 'boots') continue;
			await this.#tellGateway(running);
			return running;
		}
	}

	/** Tells whoever brought an update what came of it, once. */
	async #tellGateway(running: RunningFirmware): Promise<void> {
		const conclude = this.#conclude;
		this.#conclude = undefined;
		await conclude?.(running);
	}

	/** The image of a release for this board. Throws a TypeError where it holds none. */
	imageOf(release: Release): Release['images'][number] {
		const { type } = this.#parts.spec.type;
		const image = release.images.find(({ hardware }) => hardware === type);
		if (image === undefined)
			throw new TypeError(
				`release ${release.name}: an image for ${type} was expected, it holds ${release.images.map(({ hardware }) => hardware).join(', ') || 'none'}`,
			);
		return image;
	}

	get #name(): string {
		return this.#parts.spec.name;
	}

	get #talk(): BoardTalk {
		return this.#parts.talk;
	}

	async #bring(
		path: UpdatePath,
		{ release, image, withinMs, signal }: { readonly release: Release; readonly image: Uint8Array; readonly withinMs: number; readonly signal: AbortSignal },
	): Promise<void> {
		const { gateway, network } = this.#parts;
		if (path === 'mqtt' && network) return network.bring({ release, withinMs, signal });
		if (path === 'serial') return this.#sendImage(image, signal);
		if (path === 'mqtt') {
			this.#conclude = await gateway?.bring({ release, board: this.#name, push: (bytes) => this.#sendImage(bytes, signal), withinMs, signal });
			return;
		}
		return this.flasher?.flash(image, { area: 'secondary', withinMs, signal });
	}

	#sendImage(image: Uint8Array, signal: AbortSignal | undefined): Promise<void> {
		const { spec, talk } = this.#parts;
		return sendImage(image, { ...this.#transfer(signal), type: spec.type, talk: talk.conversation });
	}

	#transfer(signal?: AbortSignal | undefined): TransferOptions {
		const { console, spec } = this.#parts;
		return { console, board: spec.name, withinMs: spec.type.timings.answer, signal };
	}

	async #restoreByFlasher(bytes: Uint8Array, withinMs: number): Promise<void> {
		if (!this.flasher) throw this.#lacks('no flasher');
		if (this.#parts.power.commanded !== 'powered') await this.#parts.power.on();
		await this.flasher.flash(bytes, { area: 'golden', withinMs });
		await (this.#parts.reset ? this.#parts.reset() : this.#parts.power.cycle());
	}

	/** From its recovery where it waits there, else as any update. */
	async #restoreBySerial({
		golden,
		bytes,
		digest,
		withinMs,
	}: {
		readonly golden: Release;
		readonly bytes: Uint8Array;
		readonly digest: string;
		readonly withinMs: number;
	}): Promise<void> {
		const { spec, console, power, record } = this.#parts;
		const { commands, serialUpdate: how, timings } = spec.type;
		await power.cycle();
		const found = await this.#talk.awaitRestOfBoot(timings.boot + timings.install);
		if (found === 'recovery') {
			if (how === undefined) throw this.#lacks('no way for an image over its console (serialUpdate)');
			await transferImage(bytes, { ...this.#transfer(), type: spec.type, how });
			record({ kind: 'board-flashed', at: this.#talk.at, board: this.#name, area: 'primary', digest });
			this.#talk.watch.expectBoot(console.mark());
			await console.send(`${commands.recovered?.send ?? ''}${LINE_ENDS[spec.type.console.newline]}`);
			return;
		}
		const running = await this.settle({ withinMs });
		if (running.digest === digest) return;
		await this.update(golden, { path: 'serial', withinMs });
		await this.#parts.restart();
	}

	#watchFlasher(flasher: FlasherPort): FlasherPort {
		const { record } = this.#parts;
		return {
			assertIdentity: (options) => flasher.assertIdentity(options),
			flash: async (image, options) => {
				this.#talk.watch.expectBoot(this.#parts.console.mark());
				await flasher.flash(image, options);
				record({ kind: 'board-flashed', at: this.#talk.at, board: this.#name, area: options.area, digest: this.#parts.releases.digestOf(image) });
			},
		};
	}

	/** Flash wears: what a rig file allows for in one run is not gone beyond. */
	#countWriting(): void {
		const { written, spec } = this.#parts;
		const most = spec.limits.flashCyclesPerRun;
		if (written === undefined || most === undefined) return;
		if (written.count >= most)
			throw new BoardError('worn', `board ${this.#name}: ${most} images were written to it in this run, as many as its limits.flashCyclesPerRun allows`);
		written.add();
	}

	#lacks(what: string): BoardError {
		return new BoardError('lacks', `board ${this.#name}: ${what}`);
	}
}
