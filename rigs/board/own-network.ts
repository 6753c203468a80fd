import type { Release } from '../../harness/firmware/index.js';
import type { BoardNetwork, RunningFirmware } from '../../harness/ports/index.js';
import { ProductFailure } from '../../harness/scenario/index.js';
import type { BoardSpec } from '../rig-file/index.js';
import { BoardError } from './board-error.js';
import type { BoardTalk } from './board-talk.js';
import type { WatchedConsole } from './line-watch.js';
import { type ServiceAddress, tellByCommand, tellByLines } from './tell-address.js';

/** The update service as it looks after one board. It is opened when it is first asked for something. */
export interface BoardUplink {
	/** Where the board finds it, and as whom. */
	address(): Promise<ServiceAddress>;
	/** What it saw of the board since it was opened. */
	readonly seen: { readonly isConnected: boolean; readonly connections: number; readonly refusals: number };
	offer(release: Release): Promise<OfferedUpdate>;
	/** Takes it off the network, or brings it back. */
	setListening(listening: boolean): Promise<void>;
}

/** A job that the service has for a board. */
export interface OfferedUpdate {
	readonly id: string;
	/** Of its image for the board, hex. */
	readonly digest: string;
	/** As the service holds it. */
	readonly status: string;
	readonly reason: string | undefined;
	/** Nothing that the board says of it changes it any more. */
	readonly isOver: boolean;
	/** Version that the board last reported to run. */
	readonly believedVersion: string | null;
	readonly deliveredRatio: number;
}

export interface OwnNetworkParts {
	readonly spec: BoardSpec;
	readonly console: WatchedConsole;
	readonly uplink: BoardUplink;
	/** Restarts the board in good order. */
	restart(): Promise<void>;
}

const LOOK_EVERY_MS = 10;
/** Nothing listens there, and nobody but root could have it listen. */
const DEAD_PORT = 1;

/** A board that connects to the update service by itself: told where that is, offered jobs, followed until they are over. */
export class OwnNetwork implements BoardNetwork {
	/** Set by whoever makes the board: it speaks over the same console. */
	talk: BoardTalk | undefined;
	readonly #parts: OwnNetworkParts;
	#told: string | undefined;
	#offered: OfferedUpdate | undefined;
	#newest: OfferedUpdate | undefined;
	/** From where on it restarts by itself, until somebody asks for that restart. */
	#restartsFrom: ReturnType<WatchedConsole['mark']> | undefined;
	#taken = false;

	constructor(parts: OwnNetworkParts) {
		this.#parts = parts;
	}

	/** A job is under way: what the board does now it does for that. */
	get isUpdating(): boolean {
		return this.#offered !== undefined && !this.#offered.isOver;
	}

	get isConnected(): boolean {
		return this.#parts.uplink.seen.isConnected;
	}

	get connections(): number {
		return this.#parts.uplink.seen.connections;
	}

	get deliveredRatio(): number {
		return this.#newest?.deliveredRatio ?? 0;
	}

	async connect({ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined }): Promise<void> {
		const { spec, uplink } = this.#parts;
		const address = await uplink.address();
		const before = uplink.seen;
		const isAnew = await this.#tell(address, { withinMs, signal });
		const isThere = (): boolean => uplink.seen.isConnected && (!isAnew || uplink.seen.connections > before.connections);
		if (await this.#until(isThere, { withinMs: Math.min(withinMs, this.#network.connect), signal })) return;
		const { connections, refusals } = uplink.seen;
		const strangers = refusals - before.refusals;
		const saw =
			strangers > 0
				? `it came ${strangers} times with another secret`
				: connections > before.connections
					? 'it came, and its connection ended'
					: 'the service saw no connection of it';
		throw new BoardError(
			'network',
			`board ${spec.name}: it was told to connect to ${address.host}:${address.port} as ${address.client}, and is not there after ${Math.min(withinMs, this.#network.connect)} ms: ${saw}`,
		);
	}

	async misdirect({ withinMs }: { readonly withinMs: number }): Promise<void> {
		const address = await this.#parts.uplink.address();
		await this.#tell({ ...address, port: DEAD_PORT }, { withinMs });
	}

	takeServiceAway(): Promise<void> {
		return this.#parts.uplink.setListening(false);
	}

	bringServiceBack(): Promise<void> {
		return this.#parts.uplink.setListening(true);
	}

	/** It was brought back to golden, which may know of no network. */
	forget(): void {
		this.#told = undefined;
	}

	/** Offers a release; resolves once the board says that it has all of it, or the service that the job is over. Power may come and go meanwhile. */
	async bring({ release, withinMs, signal }: BringOptions): Promise<void> {
		await this.connect({ withinMs, signal });
		const { console, uplink } = this.#parts;
		const from = console.mark();
		this.#restartsFrom = undefined;
		this.#taken = false;
		this.#talk.watch.calm = false;
		const job = await uplink.offer(release);
		this.#offered = job;
		this.#newest = job;
		const over = new AbortController();
		const both = AbortSignal.any([signal, over.signal]);
		const taken = console.expect(this.#network.taken, { withinMs, from, signal: both }).then(
			({ end }) => {
				this.#taken = true;
				if (this.#network.restarts === 'itself') this.#restartsFrom = end;
			},
			(error: unknown) => {
				if (!over.signal.aborted) throw error;
			},
		);
		const ended = this.#until(() => job.isOver, { withinMs, signal: both });
		try {
			await Promise.race([taken, ended]);
		} finally {
			over.abort();
			await Promise.allSettled([taken, ended]);
		}
		signal.throwIfAborted();
	}

	/** False: it does not restart by itself now, and has to be told. */
	restartsItself(): boolean {
		const from = this.#restartsFrom;
		this.#restartsFrom = undefined;
		if (from === undefined) return false;
		this.#talk.watch.expectBoot(from);
		return true;
	}

	/**
	 * Waits until the service knows what came of the job. `boots`: the board restarts for it, and what it runs is to be asked anew. Rejects with a
	 * ProductFailure where the service holds another thing than what runs.
	 */
	async conclude(
		running: RunningFirmware,
		{ withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined },
	): Promise<'over' | 'boots'> {
		const job = this.#offered;
		if (job === undefined) return 'over';
		const { console, spec } = this.#parts;
		const { timings, console: syntax } = spec.type;
		if (!job.isOver) {
			const waitMs = withinMs + (this.#taken ? 0 : timings.update);
			const over = new AbortController();
			const both = signal ? AbortSignal.any([signal, over.signal]) : over.signal;
			const booted = console.expect(syntax.boot, { withinMs: waitMs, from: console.mark(), signal: both }).then(
				() => true,
				() => false,
			);
			const isOver = await Promise.race([this.#until(() => job.isOver, { withinMs: waitMs, signal: both }), booted.then(() => false)]);
			over.abort();
			if (!isOver && (await booted)) return 'boots';
			signal?.throwIfAborted();
			if (!isOver) throw this.#unfinished(job, waitMs);
		}
		this.#offered = undefined;
		this.#restartsFrom = undefined;
		const updated = running.digest === job.digest;
		const tells = (): boolean => job.believedVersion === running.version && (job.status === 'SUCCEEDED') === updated;
		if (await this.#until(tells, { withinMs: timings.answer, signal })) return 'over';
		const why = job.reason === undefined ? '' : ` (${job.reason})`;
		throw new ProductFailure(
			`board ${spec.name} runs ${running.version}, and told the service ${job.believedVersion ?? 'nothing'}, job ${job.id} ${job.status}${why}`,
		);
	}

	#unfinished({ id, status }: OfferedUpdate, waitedMs: number): BoardError {
		const where = this.isConnected ? 'it is connected' : 'the service has no connection of it';
		return new BoardError(
			this.isConnected ? 'transfer' : 'network',
			`board ${this.#parts.spec.name}: job ${id} was to be over within ${waitedMs} ms, it is ${status}; ${where}`,
		);
	}

	/** Whether the board was told what it did not know. */
	async #tell(address: ServiceAddress, { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined }): Promise<boolean> {
		const text = JSON.stringify(address);
		if (text === this.#told) return false;
		const { spec, restart } = this.#parts;
		const { lines, command, takesEffect } = this.#network;
		if (lines !== undefined) await tellByLines(lines, { address, ask: (order) => this.#talk.ask(order, { signal }) });
		else if (command !== undefined) await tellByCommand(command, { address, board: spec.name, withinMs, signal });
		if ((lines !== undefined || command !== undefined) && takesEffect === 'after-restart') {
			await restart();
			await this.#talk.settle({ withinMs: spec.type.timings.boot + spec.type.timings.install, ...(signal ? { signal } : {}) });
		}
		this.#told = text;
		// A fixed address is no news to the board.
		return lines !== undefined || command !== undefined;
	}

	async #until(condition: () => boolean, { withinMs, signal }: { readonly withinMs: number; readonly signal?: AbortSignal | undefined }): Promise<boolean> {
		const deadlineMs = performance.now() + withinMs;
		while (!condition()) {
			if (signal?.aborted || performance.now() > deadlineMs) return false;
			await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
		}
		return true;
	}

	get #network(): NonNullable<BoardSpec['type']['network']> {
		return this.#parts.spec.type.network as NonNullable<BoardSpec['type']['network']>;
	}

	get #talk(): BoardTalk {
		if (this.talk === undefined) throw new TypeError('talk: it was expected to be set before the network is used');
		return this.talk;
	}
}

export interface BringOptions {
	readonly release: Release;
	readonly withinMs: number;
	readonly signal: AbortSignal;
}
