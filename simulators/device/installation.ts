import { BootError, type Slot } from '../../harness/bootloader/index.js';
import { BlockDownload, type DeviceExecution, type JobsReply, streamTopic } from '../../harness/protocols/index.js';
import type { Random } from '../../harness/time/index.js';
import type { Agent } from './agent.js';
import { CHARGE_EVERY_MS } from './battery.js';
import type { WriterPart } from './device-parts.js';
import { type Advice, DownloadPatience, strangeBlocksOf } from './download-patience.js';
import { fetchByUrl } from './fetch-by-url.js';
import { parseUpdateDocument, type UpdateDocument } from './job-document.js';
import { isJobOver } from './outcome-report.js';

/** Between two looks at the progress of a download. Each look has its own wait, so that a fleet that stalled at one moment does not come back at one moment. */
const PROGRESS_EVERY_MS = 10_000;
const PROGRESS_SPREAD_MS = 10_000;

type Download = Pick<BlockDownload, 'stats' | 'requestMore' | 'receive'>;

/** One job on its way into the idle slot: checked, downloaded block by block with its position in flash, verified, handed to the bootloader. */
export class Installation {
	readonly #agent: Agent;
	readonly #execution: DeviceExecution;
	#download: Download | undefined;
	#dataTopic: string | undefined;
	#writer: WriterPart | undefined;
	/** Whether blocks of an earlier life are taken for what they were when they were written. */
	#goesOn = false;
	readonly #patience: DownloadPatience;
	readonly #pace: Random;
	#downloaded = false;
	/** Asked whether the job still stands, and not answered yet. */
	#inDoubt = false;
	/** What waits for that answer. */
	#held: (() => void) | undefined;
	#ended = false;

	constructor(agent: Agent, execution: DeviceExecution) {
		this.#agent = agent;
		this.#execution = execution;
		this.#patience = new DownloadPatience(agent.device.profile.download);
		this.#pace = agent.device.random.stream(`pace/${execution.jobId}/${agent.device.tally.boots}`);
	}

	start(): void {
		const { device, image } = this.#agent;
		const update = this.#parseDocument();
		if (!update) return;
		device.record({ kind: 'device-job', at: device.clock.nowMs, device: device.id, job: this.#execution.jobId, digest: update.digest });
		const broken = device.keys.follow(update.keySets);
		if (broken) return this.#refuse(broken);
		if (update.digest === image.digest) return this.#end('SUCCEEDED', 'this image runs already');
		const before = this.#endedBefore(update);
		if (before) return this.#end(before.status, before.reason);
		const objection = this.#objection(update);
		if (objection) return this.#refuse(objection);
		this.#openWriter(update);
		device.setState('downloading');
		this.#startDownload(update);
		this.#checkProgressLater();
	}

	/** A new connection: where the job still stands, what is missing is asked for again. */
	resume(): void {
		const download = this.#download;
		if (this.#ended) return;
		if (!download) return this.#agent.work();
		this.#agent.device.setState(this.#downloaded ? 'installing' : 'downloading');
		if (!this.#downloaded) {
			this.#agent.device.download.resume();
			this.#patience.connected(download.stats);
			this.#held = () => download.requestMore();
		}
		this.#askWhetherItStands();
	}

	/** True where the message belonged to the download. */
	receive(topic: string, payload: Uint8Array): boolean {
		if (topic !== this.#dataTopic) return this.#download?.receive(topic, payload) ?? false;
		const download = this.#download as Download;
		const strangeBefore = strangeBlocksOf(download.stats);
		download.receive(topic, payload);
		// What is no block of this file is the service's waste, and no part of what the download cost.
		if (strangeBlocksOf(download.stats) === strangeBefore) this.#agent.device.download.blockArrived();
		if (!this.#ended) this.#follow(this.#patience.received(download.stats));
		return true;
	}

	/** The service says that another job is next: this one was cancelled or replaced, or the notice is an old one. */
	nextChanged(execution: DeviceExecution | undefined): void {
		if (this.#ended || execution?.jobId === this.#execution.jobId) return;
		this.#askWhetherItStands();
	}

	/** Nothing is put on trial before the answer; without one, the next connection asks again. */
	#askWhetherItStands(): void {
		this.#inDoubt = true;
		this.#agent.jobs.describe(
			this.#execution.jobId,
			this.#agent.awaitAnswer((reply: JobsReply) => {
				if (this.#ended) return;
				this.#inDoubt = false;
				if (reply.accepted || !isJobOver(reply.code)) return this.#goOn();
				this.#ended = true;
				this.#agent.journal.clear();
				this.#agent.endInstallation();
			}),
		);
	}

	#goOn(): void {
		const held = this.#held;
		this.#held = undefined;
		held?.();
	}

	/**
	 * How this job ended when it was here before: the service has forgotten, and is told. An execution with a higher number is the
	 * service's own retry, and a new attempt.
	 */
	#endedBefore(update: UpdateDocument): { readonly status: 'FAILED' | 'REJECTED'; readonly reason: string } | undefined {
		if ((this.#execution.executionNumber ?? 1) > 1) return undefined;
		const outcome = this.#agent.device.outcome.recall(this.#execution.jobId);
		if (outcome === undefined) return undefined;
		if (outcome.status === 'FAILED') return { status: 'FAILED', reason: outcome.reason ?? 'it failed before' };
		return { status: 'REJECTED', reason: `it was carried out before; this device has another image than ${update.version} now` };
	}

	#parseDocument(): UpdateDocument | undefined {
		try {
			return parseUpdateDocument(this.#execution.jobDocument);
		} catch (error) {
			if (!(error instanceof TypeError)) throw error;
			this.#refuse(`job document: ${error.message}`);
			return undefined;
		}
	}

	/** What speaks against the update before a byte of it is fetched. */
	#objection(update: UpdateDocument): string | undefined {
		const { hardware, largestImageBytes: roomBytes } = this.#agent.device.profile;
		if (update.hardware !== hardware) return `the image is for ${update.hardware}, this is ${hardware}`;
		if (update.sizeBytes > roomBytes) return `the image of ${update.sizeBytes} bytes does not fit the slot of ${roomBytes}`;
		if (update.sizeBytes === 0) return 'the image is empty';
		return this.#agent.device.parts.objectionToStatement(this.#agent.device, update);
	}

	#openWriter(update: UpdateDocument): void {
		const { device, life, journal: updateJournal } = this.#agent;
		const { slot } = device.bootloader.updateTarget(life.slot);
		const journal = updateJournal.current();
		this.#goesOn = journal?.job === this.#execution.jobId && journal.digest === update.digest && journal.slot === slot;
		const { digest, sizeBytes } = update;
		this.#writer = device.parts.createWriter(device, { journal: updateJournal, slot, job: this.#execution.jobId, digest, sizeBytes });
		if (!this.#goesOn) this.#writer.begin();
	}

	#startDownload(update: UpdateDocument): void {
		const agent = this.#agent;
		const { device } = agent;
		const writer = this.#writer as WriterPart;
		const { blockSizeBytes, windowBlocks, format } = device.profile.download;
		device.download.begin(this.#execution.jobId);
		if (update.url !== undefined) return this.#fetchByUrl(update, update.url);
		this.#dataTopic = streamTopic(device.id, update.stream, `data/${format}`);
		this.#download = new BlockDownload({
			thing: device.id,
			stream: update.stream,
			...(update.streamVersion === undefined ? {} : { streamVersion: update.streamVersion }),
			fileId: update.fileId,
			sizeBytes: update.sizeBytes,
			blockSizeBytes,
			windowBlocks,
			format,
			send: (topic: string, payload: Uint8Array) => agent.send(topic, payload, 0),
			hasBlock: (block: number) => writer.hasBlock(block),
			onBlock: (block: number, bytes: Uint8Array) => {
				this.#patience.newBlock();
				writer.write(block, bytes);
			},
			onDone: () => this.#finishDownload(update),
			onRejected: (code: string, text: string) => this.#rejected(code, text),
		});
		this.#patience.connected(this.#download.stats);
		this.#download.requestMore();
	}

	#fetchByUrl(update: UpdateDocument, url: string): void {
		const writer = this.#writer as WriterPart;
		this.#download = fetchByUrl(this.#agent, {
			url,
			sizeBytes: update.sizeBytes,
			container: update.container,
			hasBlock: (block) => writer.hasBlock(block),
			onBlock: (block, bytes) => {
				this.#patience.newBlock();
				writer.write(block, bytes);
			},
			onDone: () => this.#finishDownload(update),
			onRejected: (code, text) => this.#refuse(`download: ${code} ${text}`),
			isOver: () => this.#ended || this.#downloaded,
		});
		this.#download.requestMore();
	}

	#checkProgressLater(): void {
		this.#agent.device.after(PROGRESS_EVERY_MS + this.#pace.integer(PROGRESS_SPREAD_MS), () => this.#checkProgress());
	}

	#checkProgress(): void {
		if (this.#ended || this.#agent.device.state === 'installing') return;
		this.#checkProgressLater();
		if (this.#agent.connected && this.#download) this.#follow(this.#patience.look(this.#download.stats));
	}

	#follow(advice: Advice): void {
		const download = this.#download as Download;
		if (advice === 'ask-again' && !this.#inDoubt) download.requestMore();
		else if (advice === 'reconnect') this.#agent.reconnect();
		else if (advice === 'give-up') {
			this.#refuse(this.#patience.reason(download.stats));
			// What the service goes on sending it sends to a connection that is gone.
			this.#agent.reconnect();
		}
	}

	/** What passes is waited for: the next look at the progress asks again. */
	#rejected(code: string, text: string): void {
		if (code === 'RequestThrottled' || code === 'InternalError') return;
		this.#refuse(`stream: ${code} ${text}`);
	}

	#finishDownload(update: UpdateDocument): void {
		this.#downloaded = true;
		this.#agent.device.setState('installing');
		this.#recordDownloaded(update);
		this.#install(update);
	}

	/**
	 * The bytes as they lie in flash must be those the job names, and the bootloader must be willing to run them. A battery that
	 * fell low in the download is waited for: the swap and the trial must not be broken off.
	 */
	#install(update: UpdateDocument): void {
		if (this.#ended) return;
		if (this.#inDoubt) {
			this.#held = () => this.#install(update);
			return;
		}
		const { device } = this.#agent;
		if (device.battery?.isTooLow) {
			device.after(CHARGE_EVERY_MS, () => this.#install(update));
			return;
		}
		const { slot } = this.#writer as WriterPart;
		const { sizeBytes, digest } = update;
		const objection = device.parts.objectionToImage(device, { slot, sizeBytes, digest });
		if (objection && this.#goesOn && device.surroundings.slots.digest(device, { slot, sizeBytes }) !== digest) return this.#startOver(update);
		if (objection) return this.#refuse(objection);
		const runsForGood = device.bootloader.runsForGood;
		device.record({ kind: 'device-trial-requested', at: device.clock.nowMs, device: device.id, digest, ...(runsForGood && { runsForGood }) });
		const refusal = this.#requestTrial(slot);
		if (refusal?.code === 'record-damaged' && this.#goesOn) return this.#startOver(update);
		if (refusal) return this.#refuse(`bootloader: ${refusal.message}`);
		this.#agent.journal.setPhase('trial-requested');
		this.#ended = true;
		device.parts.handOver(this.#agent, this.#execution);
	}

	/** What the bootloader has against it, where it has something. */
	#requestTrial(slot: Slot): BootError | undefined {
		try {
			this.#agent.device.bootloader.requestTrial(slot);
			return undefined;
		} catch (error) {
			if (error instanceof BootError) return error;
			throw error;
		}
	}

	/** Somebody wrote to the slot since the journal was made: nothing of it counts, once. */
	#startOver(update: UpdateDocument): void {
		this.#goesOn = false;
		this.#downloaded = false;
		this.#agent.device.tally.errors++;
		this.#agent.device.setState('downloading');
		this.#writer?.begin();
		this.#startDownload(update);
	}

	#recordDownloaded(update: UpdateDocument): void {
		const { device } = this.#agent;
		const { blockSizeBytes, windowBlocks } = device.profile.download;
		const writer = this.#writer as WriterPart;
		device.record({
			kind: 'device-downloaded',
			at: device.clock.nowMs,
			device: device.id,
			job: this.#execution.jobId,
			blocks: Math.ceil(update.sizeBytes / blockSizeBytes),
			received: device.download.received,
			resumes: device.download.resumes,
			window: windowBlocks + writer.blocksPerChunk - 1,
		});
		device.download.end();
	}

	#refuse(reason: string): void {
		const { device } = this.#agent;
		device.record({ kind: 'device-refused', at: device.clock.nowMs, device: device.id, job: this.#execution.jobId, reason });
		device.tally.errors++;
		this.#end('FAILED', reason);
	}

	#end(status: 'SUCCEEDED' | 'FAILED' | 'REJECTED', reason: string): void {
		this.#ended = true;
		this.#agent.finishJob({ job: this.#execution.jobId, status, reason });
		this.#agent.endInstallation();
	}
}
