import { BootError, type Slot } from '../../harness/bootloader/index.js';
import { BlockDownload, type DeviceExecution, streamTopic } from '../../harness/protocols/index.js';
import type { Random } from '../../harness/time/index.js';
import type { Agent } from './agent.js';
import { CHARGE_EVERY_MS } from './battery.js';
import type { WriterPart } from './device-parts.js';
import { parseUpdateDocument, type UpdateDocument } from './job-document.js';

/** Without a new block for two looks at the progress a download asks again, and for four it changes the connection. Each look has its own wait, so that a fleet that stalled at one moment does not come back at one moment. */
const PROGRESS_EVERY_MS = 10_000;
const PROGRESS_SPREAD_MS = 10_000;

/** One job on its way into the idle slot: checked, downloaded block by block with its position in flash, verified, handed to the bootloader. */
export class Installation {
	readonly #agent: Agent;
	readonly #execution: DeviceExecution;
	#download: BlockDownload | undefined;
	#dataTopic: string | undefined;
	#writer: WriterPart | undefined;
	/** Whether blocks of an earlier life are taken for what they were when they were written. */
	#goesOn = false;
	#quietChecks = 0;
	readonly #pace: Random;
	#downloaded = false;
	#ended = false;

	constructor(agent: Agent, execution: DeviceExecution) {
		this.#agent = agent;
		this.#execution = execution;
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
		const objection = this.#objection(update);
		if (objection) return this.#refuse(objection);
		this.#openWriter(update);
		device.setState('downloading');
		this.#startDownload(update);
		this.#checkProgressLater();
	}

	/** A new connection: what is missing is asked for again. */
	resume(): void {
		if (this.#ended) return;
		if (!this.#download) return this.#agent.work();
		if (this.#downloaded) return this.#agent.device.setState('installing');
		this.#agent.device.download.resume();
		this.#agent.device.setState('downloading');
		this.#download.requestMore();
	}

	/** True where the message belonged to the download. */
	receive(topic: string, payload: Uint8Array): boolean {
		if (topic === this.#dataTopic) this.#agent.device.download.blockArrived();
		return this.#download?.receive(topic, payload) ?? false;
	}

	/** The service has another job for us: this one was cancelled or replaced. */
	nextChanged(execution: DeviceExecution | undefined): void {
		if (this.#ended || execution?.jobId === this.#execution.jobId) return;
		this.#ended = true;
		this.#agent.journal.clear();
		this.#agent.endInstallation();
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
		return undefined;
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
		this.#dataTopic = streamTopic(device.id, update.stream, `data/${format}`);
		this.#download = new BlockDownload({
			thing: device.id,
			stream: update.stream,
			fileId: update.fileId,
			sizeBytes: update.sizeBytes,
			blockSizeBytes,
			windowBlocks,
			format,
			send: (topic: string, payload: Uint8Array) => agent.send(topic, payload, 0),
			hasBlock: (block: number) => writer.hasBlock(block),
			onBlock: (block: number, bytes: Uint8Array) => {
				this.#quietChecks = 0;
				writer.write(block, bytes);
			},
			onDone: () => this.#finishDownload(update),
			onRejected: (code: string, text: string) => this.#rejected(code, text),
		});
		this.#download.requestMore();
	}

	#checkProgressLater(): void {
		this.#agent.device.after(PROGRESS_EVERY_MS + this.#pace.integer(PROGRESS_SPREAD_MS), () => this.#checkProgress());
	}

	#checkProgress(): void {
		if (this.#ended || this.#agent.device.state === 'installing') return;
		this.#checkProgressLater();
		if (!this.#agent.connected) return;
		this.#quietChecks++;
		if (this.#quietChecks === 2) this.#download?.requestMore();
		if (this.#quietChecks > 3) {
			this.#quietChecks = 0;
			if ((this.#download?.stats.wrongSize ?? 0) > 0) return this.#refuse('stream: its blocks have other sizes than the job declares');
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

	#end(status: 'SUCCEEDED' | 'FAILED', reason: string): void {
		this.#ended = true;
		this.#agent.finishJob({ job: this.#execution.jobId, status, reason });
		this.#agent.endInstallation();
	}
}
