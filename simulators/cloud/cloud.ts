import type { Duplex } from 'node:stream';
import {
	type Certificate,
	certificateRequestTopic,
	certificateTopic,
	type DeviceReport,
	encodeCertificate,
	type JobChange,
	type JobExecution,
	JobExecutions,
	type JobsSnapshot,
	type JobStatus,
	type Outgoing,
	StreamFiles,
	type StreamsSnapshot,
	type StreamUpload,
} from '../../harness/protocols/index.js';
import type { Clock, Timer } from '../../harness/time/index.js';
import { mayPublish, maySubscribe, thingOf } from './access.js';
import { AedesBroker } from './aedes-broker.js';
import type { Broker, BrokerOptions, BrokerStats } from './broker.js';
import { type Interference, Interferences } from './interference.js';
import { Inventory } from './inventory.js';
import { createPresenceBook, type PresenceBook } from './presence-book.js';
import { openTcpDoor, type TcpDoor, type TcpDoorOptions } from './tcp-door.js';

export interface CloudOptions {
	readonly clock: Clock;
	/** Whether a thing's secret is right. */
	credentials(thing: string, password: Uint8Array): boolean;
	/** How long a connection that takes no bytes is waited for; default 1000. */
	readonly drainTimeoutMs?: number;
	/** Issues a thing's next certificate; without, requests for one are not answered. */
	certify?(thing: string): Certificate;
	readonly observer?: CloudObserver;
	/** Keeps who is online; by default one that believes the latest session. */
	readonly presence?: PresenceBook;
	/** Each thing on its own topics, by default. */
	readonly access?: Access;
	/** Creates the broker, which is not yet started; Aedes in this process by default. */
	createBroker?(options: BrokerOptions): Broker;
}

/** Who may speak where. */
export interface Access {
	mayPublish(thing: string, topic: string): boolean;
	maySubscribe(thing: string, filter: string): boolean;
}

export interface CloudObserver {
	/** What the service holds true of an execution after it changed. */
	onJobStatus?(change: JobChange): void;
	onReport?(thing: string, report: DeviceReport): void;
	onConnected?(thing: string): void;
	onDisconnected?(thing: string): void;
}

export interface CloudStats extends BrokerStats {
	/** Requests and reports that were taken. */
	readonly requests: number;
	/** Those of them that asked for blocks of a download. */
	readonly blockRequests: number;
	/** Messages that came while the service was down. */
	readonly unheard: number;
	readonly malformedReports: number;
	readonly answers: number;
}

/** The update service: AWS IoT Jobs, MQTT file streams and an inventory on an MQTT broker. */
export interface Cloud extends AsyncDisposable {
	/** Takes a device's connection. */
	accept(stream: Duplex): void;
	/** Makes files available for download; returns the stream's version. */
	publishFile(streamId: string, files: StreamUpload['files']): number;
	createJob(job: { readonly jobId: string; readonly document: unknown; readonly things: readonly string[] }): void;
	/** Cancels queued executions, on all the job's things by default; with `force` those in progress too. */
	cancelJob(jobId: string, options?: { readonly force?: boolean; readonly things?: readonly string[] }): void;
	/** Takes a job back from things, all by default. */
	removeJob(jobId: string, options?: { readonly things?: readonly string[] }): void;
	jobStatus(thing: string, jobId: string): JobStatus | null;
	execution(thing: string, jobId: string): JobExecution | undefined;
	/** The thing's newest execution, whatever its status. */
	newestJob(thing: string): JobExecution | undefined;
	/** Version in the device's own last report. */
	believedVersion(thing: string): string | null;
	lastReport(thing: string): DeviceReport | undefined;
	/** What things that tell their presence, and their last wills, said of it; null where nothing is known. */
	presenceOf(thing: string): 'online' | 'offline' | null;
	/** Last wills of connections that end from now on reach the service so much later. */
	delayWills(byMs: number): void;
	/** While down the broker is up and the service deaf: it neither answers nor notifies. When it is back it notifies what it owes. */
	setServiceDown(down: boolean): void;
	/** Everything the service holds: jobs, streams and inventory. */
	backUp(): CloudBackup;
	/** Holds again what it held then. Devices are told nothing of it. */
	restore(backup: CloudBackup): void;
	/** Another party's change of an execution, which shows in its version. */
	touchJob(thing: string, jobId: string): void;
	/** A published file's bytes. */
	fileOf(streamId: string, fileId: number): Uint8Array | undefined;
	/** Puts something between service and broker; returns what takes it away. */
	interfere(interference: Interference): () => void;
	/** Sends a message as it is, past what interferes. */
	deliver(message: Outgoing): void;
	/** Keeps a message as MQTT's retained one of its topic, for everybody who subscribes from now on. */
	retain(message: Outgoing): void;
	/** Cuts every connection; no new one is taken until `start`. */
	stop(options: { readonly sessions: 'kept' | 'lost' }): void;
	start(): Promise<void>;
	/** Calls `done` when something has been through the broker and back. */
	probe(done: () => void): void;
	/** Opens a port for real peers. */
	listenTcp(options: TcpDoorOptions): Promise<TcpDoor>;
	readonly connectedThings: number;
	readonly stats: CloudStats;
}

/** What the service held at one moment. */
export interface CloudBackup {
	readonly jobs: JobsSnapshot;
	readonly streams: StreamsSnapshot;
	readonly inventory: ReadonlyMap<string, DeviceReport>;
}

const DEFAULTS = { drainTimeoutMs: 1000 };

/** Opens the update service with its broker running. It has no chance and no time but the clock's. */
export const openCloud = async (options: CloudOptions): Promise<Cloud> => {
	const cloud = new UpdateService(options);
	try {
		await cloud.start();
	} catch (error) {
		await cloud[Symbol.asyncDispose]();
		throw error;
	}
	return cloud;
};

class UpdateService implements Cloud {
	readonly #options: CloudOptions;
	readonly #clock: Clock;
	readonly #observer: CloudObserver;
	readonly #broker: Broker;
	readonly #jobs: JobExecutions;
	readonly #interferences = new Interferences();
	readonly #streams = new StreamFiles({ refuse: (thing, topic) => this.#interferences.refuse(thing, topic) });
	readonly #inventory = new Inventory();
	readonly #presence: PresenceBook;
	readonly #doors = new Set<TcpDoor>();
	/** Things that are owed a notification since the service went down. */
	readonly #owed = new Set<string>();
	readonly #counts = { requests: 0, blockRequests: 0, unheard: 0, answers: 0 };
	#down = false;
	#expiry: { readonly timer: Timer; readonly atS: number } | undefined;

	constructor(options: CloudOptions) {
		this.#options = options;
		this.#clock = options.clock;
		this.#observer = options.observer ?? {};
		this.#presence = options.presence ?? createPresenceBook();
		this.#jobs = new JobExecutions({
			nowS: () => this.#nowS,
			refuse: (thing, topic) => this.#interferences.refuse(thing, topic),
			onChange: (change) => this.#observer.onJobStatus?.(change),
		});
		const createBroker = options.createBroker ?? ((parts) => new AedesBroker(parts));
		this.#broker = createBroker({
			drainTimeoutMs: options.drainTimeoutMs ?? DEFAULTS.drainTimeoutMs,
			credentials: options.credentials,
			access: options.access ?? { mayPublish, maySubscribe },
			after: (delayMs, work) => void this.#clock.after(delayMs, work),
			onMessage: (thing, topic, payload) => this.#receive(thing, topic, payload),
			onConnected: (thing) => this.#observer.onConnected?.(thing),
			onDisconnected: (thing) => {
				this.#interferences.disconnected(thing);
				this.#observer.onDisconnected?.(thing);
			},
		});
	}

	get connectedThings(): number {
		return this.#broker.connectedThings;
	}

	get stats(): CloudStats {
		return { ...this.#broker.stats, ...this.#counts, malformedReports: this.#inventory.malformed };
	}

	accept(stream: Duplex): void {
		this.#broker.accept(stream);
	}

	publishFile(streamId: string, files: StreamUpload['files']): number {
		return this.#streams.publish({ streamId, files });
	}

	createJob(job: { readonly jobId: string; readonly document: unknown; readonly things: readonly string[] }): void {
		this.#send(this.#jobs.create(job));
	}

	cancelJob(jobId: string, options: { readonly force?: boolean; readonly things?: readonly string[] } = {}): void {
		this.#send(this.#jobs.cancel(jobId, options));
	}

	removeJob(jobId: string, options: { readonly things?: readonly string[] } = {}): void {
		this.#send(this.#jobs.remove(jobId, options));
	}

	jobStatus(thing: string, jobId: string): JobStatus | null {
		return this.#jobs.execution(thing, jobId)?.status ?? null;
	}

	execution(thing: string, jobId: string): JobExecution | undefined {
		return this.#jobs.execution(thing, jobId);
	}

	newestJob(thing: string): JobExecution | undefined {
		return this.#jobs.newest(thing);
	}

	believedVersion(thing: string): string | null {
		return this.#inventory.report(thing)?.version ?? null;
	}

	lastReport(thing: string): DeviceReport | undefined {
		return this.#inventory.report(thing);
	}

	presenceOf(thing: string): 'online' | 'offline' | null {
		return this.#presence.of(thing);
	}

	delayWills(byMs: number): void {
		this.#broker.delayWills(byMs);
	}

	setServiceDown(down: boolean): void {
		this.#down = down;
		this.#presence.forget();
		if (down) return;
		for (const thing of this.#owed) this.#send(this.#jobs.announce(thing));
		this.#owed.clear();
	}

	backUp(): CloudBackup {
		return { jobs: this.#jobs.snapshot(), streams: this.#streams.snapshot(), inventory: this.#inventory.snapshot() };
	}

	restore({ jobs, streams, inventory }: CloudBackup): void {
		this.#streams.restore(streams);
		this.#inventory.restore(inventory);
		this.#jobs.restore(jobs);
		this.#armExpiry();
	}

	touchJob(thing: string, jobId: string): void {
		this.#jobs.touch(thing, jobId);
	}

	fileOf(streamId: string, fileId: number): Uint8Array | undefined {
		return this.#streams.file(streamId, fileId);
	}

	interfere(interference: Interference): () => void {
		return this.#interferences.add(interference);
	}

	deliver(message: Outgoing): void {
		this.#broker.deliver(message);
	}

	retain(message: Outgoing): void {
		this.#broker.retain(message);
	}

	stop(options: { readonly sessions: 'kept' | 'lost' }): void {
		this.#broker.stop(options);
		this.#presence.forget();
	}

	start(): Promise<void> {
		return this.#broker.start();
	}

	probe(done: () => void): void {
		this.#broker.probe(done);
	}

	async listenTcp(options: TcpDoorOptions): Promise<TcpDoor> {
		const door = await openTcpDoor(options, (stream, identity) => this.#broker.accept(stream, identity));
		this.#doors.add(door);
		return {
			port: door.port,
			refusals: door.refusals,
			changeTls: (tls) => door.changeTls(tls),
			close: async () => {
				this.#doors.delete(door);
				await door.close();
			},
		};
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#expiry?.timer.cancel();
		this.#expiry = undefined;
		await this.#broker[Symbol.asyncDispose]();
		const doors = [...this.#doors];
		this.#doors.clear();
		await Promise.all(doors.map((door) => door.close()));
	}

	get #nowS(): number {
		return Math.floor(this.#clock.epochMs / 1000);
	}

	/** `from` is whose connection it came on; a topic says whose it is, and the broker lets nobody else speak there. */
	#receive(from: string, topic: string, payload: Uint8Array): void {
		if (this.#down) {
			this.#counts.unheard++;
			return;
		}
		this.#interferences.request({ thing: thingOf(topic) ?? from, topic, payload }, (request) => this.#serve(request));
	}

	#serve({ thing, topic, payload }: Outgoing): void {
		this.#counts.requests++;
		if (!topic.startsWith('$')) {
			// Access leaves three topics outside of $aws: the request for a certificate, the presence and the report.
			if (topic === certificateRequestTopic(thing)) return this.#certify(thing);
			if (topic.endsWith('/presence')) return this.#presence.receive(thing, payload);
			const report = this.#inventory.receive(thing, payload);
			if (report !== undefined) this.#observer.onReport?.(thing, report);
			return;
		}
		const isForBlocks = topic.startsWith('/streams/', '$aws/things/'.length + thing.length);
		if (isForBlocks) this.#counts.blockRequests++;
		this.#send((isForBlocks ? this.#streams : this.#jobs).handle(thing, topic, payload));
	}

	#certify(thing: string): void {
		const certificate = this.#options.certify?.(thing);
		if (certificate !== undefined) this.#send([{ thing, topic: certificateTopic(thing), payload: Buffer.from(encodeCertificate(certificate)) }]);
	}

	#send(outgoing: readonly Outgoing[]): void {
		this.#armExpiry();
		for (const message of outgoing) {
			if (this.#down) this.#owed.add(message.thing);
			else {
				this.#counts.answers++;
				this.#interferences.answer(message, (answer) => this.#broker.deliver(answer));
			}
		}
	}

	/** Keeps one timer, for the earliest step that can run out. */
	#armExpiry(): void {
		const atS = this.#jobs.nextDeadlineS;
		if (atS === undefined || (this.#expiry !== undefined && this.#expiry.atS <= atS)) return;
		this.#expiry?.timer.cancel();
		const timer = this.#clock.after(Math.max(1, atS * 1000 - this.#clock.epochMs), () => {
			this.#expiry = undefined;
			this.#send(this.#jobs.expire(this.#nowS));
		});
		this.#expiry = { timer, atS };
	}
}
