import type { Duplex } from 'node:stream';
import { type DeviceReport, isTerminal, type JobExecution, type JobStatus } from '../../harness/protocols/index.js';
import type { Clock } from '../../harness/time/index.js';
import type { ArtifactFault } from '../cloud/artifacts/index.js';
import { type Cloud, type CloudObserver, type CloudStats, openTcpDoor, type TcpDoor, type TcpDoorOptions } from '../cloud/index.js';
import { parseUpdateDocument, type UpdateDocument } from '../device/index.js';
import type { Dialect, DialectService } from './dialect.js';

export interface DialectCloudOptions {
	readonly clock: Clock;
	readonly observer: CloudObserver;
	/** What goes wrong with what is sent of an image to a thing. */
	faultOf(thing: string): ArtifactFault | undefined;
}

/** The update service of a fleet that speaks another protocol: what it holds of jobs is what the protocol's own server says. */
export class DialectCloud implements Cloud {
	readonly #clock: Clock;
	readonly #observer: CloudObserver;
	readonly #service: DialectService;
	readonly #files = new Map<string, Uint8Array>();
	/** By thing, in the order in which they were offered. */
	readonly #jobs = new Map<string, JobExecution[]>();
	readonly #reports = new Map<string, DeviceReport>();
	readonly #streams = new Set<Duplex>();
	readonly #doors = new Set<TcpDoor>();
	#isUp = true;
	#connections = 0;
	#refused = 0;

	static async open(dialect: Dialect, { clock, observer, faultOf }: DialectCloudOptions): Promise<DialectCloud> {
		let cloud: DialectCloud | undefined;
		const service = await dialect.openService({
			clock,
			onStatus: (change) => cloud?.change(change),
			onReport: (thing, report) => cloud?.hear(thing, report),
			faultOf,
		});
		cloud = new DialectCloud(service, { clock, observer });
		return cloud;
	}

	private constructor(service: DialectService, { clock, observer }: Pick<DialectCloudOptions, 'clock' | 'observer'>) {
		this.#service = service;
		this.#clock = clock;
		this.#observer = observer;
	}

	get connectedThings(): number {
		return this.#streams.size;
	}

	get stats(): CloudStats {
		return { ...NOTHING_COUNTED, connections: this.#connections, refusedConnections: this.#refused, requests: this.#connections };
	}

	/** Lets a thing in. */
	admit(thing: string, secret: string): void {
		this.#service.admit(thing, secret);
	}

	accept(stream: Duplex): void {
		if (!this.#isUp) {
			this.#refused++;
			stream.destroy();
			return;
		}
		this.#connections++;
		this.#streams.add(stream);
		stream.once('close', () => this.#streams.delete(stream));
		this.#service.accept(stream);
	}

	publishFile(streamId: string, files: readonly { readonly fileId: number; readonly bytes: Uint8Array }[]): number {
		const [file] = files;
		if (files.length !== 1 || !file) throw new RangeError(`publishFile: one file was expected, got ${files.length}`);
		this.#files.set(streamId, file.bytes);
		return 1;
	}

	createJob({ jobId, document, things }: { readonly jobId: string; readonly document: unknown; readonly things: readonly string[] }): void {
		const update = parseUpdateDocument(document);
		const bytes = this.#files.get(update.stream);
		if (!bytes) throw new RangeError(`createJob: a file that was published was expected, got ${update.stream}`);
		for (const thing of things) this.#offer({ thing, jobId, update, bytes });
	}

	cancelJob(jobId: string, { force = false, things = this.#thingsOf(jobId) }: { readonly force?: boolean; readonly things?: readonly string[] } = {}): void {
		for (const thing of things) {
			const status = this.execution(thing, jobId)?.status;
			if (status === 'QUEUED' || (status === 'IN_PROGRESS' && force)) this.#service.withdraw(thing, jobId);
		}
	}

	removeJob(jobId: string, options: { readonly things?: readonly string[] } = {}): void {
		this.cancelJob(jobId, { ...options, force: true });
	}

	jobStatus(thing: string, jobId: string): JobStatus | null {
		return this.execution(thing, jobId)?.status ?? null;
	}

	execution(thing: string, jobId: string): JobExecution | undefined {
		return this.#jobs.get(thing)?.findLast((job) => job.jobId === jobId);
	}

	newestJob(thing: string): JobExecution | undefined {
		return this.#jobs.get(thing)?.at(-1);
	}

	believedVersion(thing: string): string | null {
		return this.#reports.get(thing)?.version ?? null;
	}

	lastReport(thing: string): DeviceReport | undefined {
		return this.#reports.get(thing);
	}

	presenceOf(): null {
		return null;
	}

	fileOf(streamId: string): Uint8Array | undefined {
		return this.#files.get(streamId);
	}

	/** These servers keep what they know; there are no sessions to lose. */
	stop(): void {
		this.#isUp = false;
		this.#service.cut();
		for (const stream of this.#streams) stream.destroy();
	}

	async start(): Promise<void> {
		this.#isUp = true;
	}

	/** Nobody's message waits here behind another's: what is late is the process. */
	probe(done: () => void): void {
		setImmediate(done);
	}

	async listenTcp(options: TcpDoorOptions): Promise<TcpDoor> {
		const door = await openTcpDoor(options, (stream) => this.accept(stream));
		this.#doors.add(door);
		return door;
	}

	delayWills(): never {
		return unknownHere('late-wills');
	}

	setServiceDown(): never {
		return unknownHere('service-down');
	}

	backUp(): never {
		return unknownHere('service-restored');
	}

	restore(): never {
		return unknownHere('service-restored');
	}

	touchJob(): never {
		return unknownHere('version-conflict');
	}

	interfere(): never {
		return unknownHere('what comes in messages of AWS IoT');
	}

	deliver(): never {
		return unknownHere('what comes in messages of AWS IoT');
	}

	retain(): never {
		return unknownHere('job-retained');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const stream of this.#streams) stream.destroy();
		await this.#service[Symbol.asyncDispose]();
		await Promise.all([...this.#doors].map((door) => door.close()));
	}

	/** The server's word on a job. */
	change({ thing, jobId, status, reason }: { readonly thing: string; readonly jobId: string; readonly status: JobStatus; readonly reason?: string }): void {
		const jobs = this.#jobs.get(thing) ?? [];
		const at = jobs.findLastIndex((job) => job.jobId === jobId);
		const before = jobs[at];
		if (!before || before.status === status) return;
		const statusDetails = reason === undefined ? {} : { reason };
		jobs[at] = {
			...before,
			status,
			statusDetails,
			startedAtS: before.startedAtS ?? this.#nowS,
			lastUpdatedAtS: this.#nowS,
			versionNumber: before.versionNumber + 1,
		};
		this.#observer.onJobStatus?.({
			thing,
			jobId,
			status,
			statusDetails,
			versionNumber: before.versionNumber + 1,
			by: status === 'CANCELED' ? 'service' : 'device',
		});
	}

	/** A thing's word on itself. */
	hear(thing: string, report: DeviceReport): void {
		this.#reports.set(thing, report);
		this.#observer.onReport?.(thing, report);
	}

	#offer({
		thing,
		jobId,
		update,
		bytes,
	}: {
		readonly thing: string;
		readonly jobId: string;
		readonly update: UpdateDocument;
		readonly bytes: Uint8Array;
	}): void {
		const jobs = this.#jobs.get(thing) ?? [];
		this.#jobs.set(thing, jobs);
		jobs.push({
			jobId,
			thing,
			status: 'QUEUED',
			statusDetails: {},
			queuedAtS: this.#nowS,
			startedAtS: undefined,
			lastUpdatedAtS: this.#nowS,
			versionNumber: 1,
			executionNumber: 1,
			deadlineS: undefined,
		});
		this.#observer.onJobStatus?.({ thing, jobId, status: 'QUEUED', statusDetails: {}, versionNumber: 1, by: 'service' });
		this.#service.offer({ thing, jobId, update, bytes });
	}

	#thingsOf(jobId: string): readonly string[] {
		return [...this.#jobs].flatMap(([thing, jobs]) => (jobs.some((job) => job.jobId === jobId && !isTerminal(job.status)) ? [thing] : []));
	}

	get #nowS(): number {
		return Math.floor(this.#clock.epochMs / 1_000);
	}
}

const unknownHere = (what: string): never => {
	throw new RangeError(`${what}: a fleet whose protocol is aws-iot was expected`);
};

const NOTHING_COUNTED: CloudStats = {
	refusedConnections: 0,
	refusedPublishes: 0,
	refusedSubscriptions: 0,
	connections: 0,
	undelivered: 0,
	lateWills: 0,
	requests: 0,
	blockRequests: 0,
	unheard: 0,
	malformedReports: 0,
	answers: 0,
};
