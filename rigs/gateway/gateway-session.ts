import { createHash } from 'node:crypto';
import { connectAsync, type MqttClient } from 'mqtt';
import {
	BlockDownload,
	type DeviceExecution,
	type DeviceReport,
	encodeDeviceReport,
	JobsClient,
	type JobsReply,
	reportTopic,
} from '../../harness/protocols/index.js';
import { GatewayError } from './gateway-error.js';
import { readJobFile } from './job-file.js';

export interface GatewayOptions {
	readonly url: string;
	/** Name of the board at the service: its client id and its user name too. */
	readonly thing: string;
	readonly password: string;
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
}

/** An image that the service offered, downloaded and held against its digest. */
export interface OfferedImage {
	readonly jobId: string;
	readonly version: string;
	readonly bytes: Uint8Array;
}

const BLOCK_BYTES = 1024;
const WINDOW_BLOCKS = 8;
const ASK_AGAIN_MS = 1000;

/** Speaks to the update service for a board that has no network of its own, as a device in the field does: AWS IoT Jobs and MQTT file streams. */
export class GatewaySession implements AsyncDisposable {
	readonly #options: GatewayOptions;
	readonly #client: MqttClient;
	readonly #jobs: JobsClient;
	#download: BlockDownload | undefined;

	private constructor(options: GatewayOptions, client: MqttClient) {
		this.#options = options;
		this.#client = client;
		const send = (topic: string, payload: Uint8Array): void => void client.publish(topic, Buffer.from(payload), { qos: 1 });
		this.#jobs = new JobsClient({ thing: options.thing, send });
		client.on('message', (topic, payload, { retain }) => {
			if (!this.#jobs.receive(topic, payload, { retained: retain })) this.#download?.receive(topic, payload);
		});
	}

	static async open(options: GatewayOptions): Promise<GatewaySession> {
		const { url, thing, password, withinMs } = options;
		const client = await connect(url, { thing, password, withinMs });
		// What breaks later shows as silence, which has its deadline.
		client.on('error', () => undefined);
		const session = new GatewaySession(options, client);
		await client.subscribeAsync([...session.#jobs.subscriptions], { qos: 1 });
		return session;
	}

	/** Takes the next job and downloads what it brings. Rejects with a GatewayError where there is none, or where it is not what the job says. */
	async takeImage(): Promise<OfferedImage> {
		const reply = await this.#ask('a job', (done) => this.#jobs.startNext({}, done));
		if (!reply.accepted || reply.execution === undefined)
			throw new GatewayError('no-job', `gateway of ${this.#options.thing}: a job was expected, the service has none for it`);
		const { jobId } = reply.execution;
		try {
			return await this.#fetch(reply.execution);
		} catch (error) {
			await this.conclude(jobId, { status: 'FAILED', reason: (error as Error).message.slice(0, 100) }).catch(() => undefined);
			throw error;
		}
	}

	async report(report: DeviceReport): Promise<void> {
		await this.#client.publishAsync(reportTopic(this.#options.thing), encodeDeviceReport(report), { qos: 1 });
	}

	async conclude(jobId: string, { status, reason }: { readonly status: 'SUCCEEDED' | 'FAILED'; readonly reason?: string }): Promise<void> {
		const reply = await this.#ask(`the end of job ${jobId}`, (done) =>
			this.#jobs.update(jobId, { status, ...(reason === undefined ? {} : { statusDetails: { reason } }) }, done),
		);
		if (!reply.accepted)
			throw new GatewayError(
				'refused',
				`gateway of ${this.#options.thing}: job ${jobId} was to end ${status}, the service says ${reply.code}: ${reply.message}`,
			);
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.#client.endAsync(true).catch(() => undefined);
	}

	async #fetch({ jobId, jobDocument }: DeviceExecution): Promise<OfferedImage> {
		const file = readJobFile(jobDocument);
		const bytes = new Uint8Array(file.sizeBytes);
		const have = new Set<number>();
		await this.#within(`${file.sizeBytes} bytes of stream ${file.stream}`, (resolve, reject) => {
			const download = new BlockDownload({
				thing: this.#options.thing,
				stream: file.stream,
				fileId: file.fileId,
				sizeBytes: file.sizeBytes,
				blockSizeBytes: BLOCK_BYTES,
				windowBlocks: WINDOW_BLOCKS,
				format: 'cbor',
				send: (topic, payload) => void this.#client.publish(topic, Buffer.from(payload), { qos: 1 }),
				hasBlock: (block) => have.has(block),
				onBlock: (block, data) => {
					have.add(block);
					bytes.set(data, block * BLOCK_BYTES);
				},
				onDone: () => resolve(undefined),
				onRejected: (code, text) => reject(new GatewayError('refused', `gateway of ${this.#options.thing}: stream ${file.stream} refused: ${code}: ${text}`)),
			});
			this.#download = download;
			this.#client.subscribeAsync([...download.subscriptions], { qos: 1 }).then(() => download.requestMore(), reject);
			const again = setInterval(() => download.requestMore(), ASK_AGAIN_MS);
			return () => clearInterval(again);
		});
		const digest = createHash('sha256').update(bytes).digest('hex');
		if (digest !== file.digest)
			throw new GatewayError(
				'digest',
				`gateway of ${this.#options.thing}: ${file.digest.slice(0, 12)} was expected of stream ${file.stream}, got ${digest.slice(0, 12)}`,
			);
		return { jobId, version: file.version, bytes };
	}

	#ask(what: string, request: (done: (reply: JobsReply) => void) => void): Promise<JobsReply> {
		return this.#within(what, (resolve) => {
			request(resolve);
			return () => {};
		});
	}

	/** `begin` returns what ends it, whatever came of it. */
	#within<Value>(what: string, begin: (resolve: (value: Value) => void, reject: (error: Error) => void) => () => void): Promise<Value> {
		const { withinMs, thing, signal } = this.#options;
		return new Promise<Value>((resolve, reject) => {
			const abort = (): void => settle(() => reject(new GatewayError('aborted', `gateway of ${thing}: ${what}: it was called off`)));
			const timer = setTimeout(() => settle(() => reject(new GatewayError('timeout', `gateway of ${thing}: ${what}: nothing in ${withinMs} ms`))), withinMs);
			let end: (() => void) | undefined;
			const settle = (how: () => void): void => {
				clearTimeout(timer);
				signal?.removeEventListener('abort', abort);
				end?.();
				how();
			};
			if (signal?.aborted) return abort();
			signal?.addEventListener('abort', abort, { once: true });
			end = begin(
				(value) => settle(() => resolve(value)),
				(error) => settle(() => reject(error)),
			);
		});
	}
}

const connect = async (url: string, { thing, password, withinMs }: Pick<GatewayOptions, 'thing' | 'password' | 'withinMs'>): Promise<MqttClient> => {
	const options = { clientId: thing, username: thing, password, protocolVersion: 4, reconnectPeriod: 0, connectTimeout: withinMs } as const;
	try {
		return await connectAsync(url, options, false);
	} catch (cause) {
		throw new GatewayError(
			'unreachable',
			`gateway of ${thing}: ${url}: ${cause instanceof Error && cause.message !== '' ? cause.message : String(Reflect.get(Object(cause), 'code'))}`,
			{ cause },
		);
	}
};
