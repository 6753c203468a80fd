import {
	DdiDevice,
	type DdiChunk,
	type DdiDecision,
	type DdiDeployment,
	type DdiMemory,
	type DdiOutcome,
} from '../../../harness/protocols/hawkbit-ddi/index.js';
import { isTerminal } from '../../../harness/protocols/index.js';
import type { Clock } from '../../../harness/time/index.js';
import { encodeUpdateDocument } from '../../device/index.js';
import { type DownloadLimits, type HttpPort, MemorySink } from '../artifacts/index.js';
import type { Cloud } from '../cloud.js';
import { runDevice } from './run-device.js';

/** What a gateway keeps over its restarts: what it remembers of actions, and what it has of files. */
export interface GatewayStorage {
	memory: DdiMemory;
	/** By file name and SHA-256. */
	readonly files: Map<string, MemorySink>;
}

export interface FlashGatewayOptions {
	/** The controller's own resource. */
	readonly rootUrl: string;
	readonly token: string;
	readonly http: HttpPort;
	readonly clock: Clock;
	/** The update service of the device behind it. */
	readonly cloud: Cloud;
	readonly thing: string;
	readonly hardware: string;
	readonly storage: GatewayStorage;
	/** Whether it lets an action begin that asks. */
	readonly confirms?: (actionId: string) => boolean;
	readonly limits?: Partial<DownloadLimits>;
	readonly askDuringDownloadMs?: number;
}

/** The chunk's metadata that says which hardware it is for. */
export const HARDWARE_KEY = 'hardware';
/** However long a device takes to its end: downloads, trials and reverts over a bad link. */
const INSTALL_MS = 24 * 3_600_000;

/**
 * hawkBit for a device that speaks MQTT alone, as the processor beside a microcontroller does it: takes actions by DDI, brings their
 * image to itself, hands it on as a job, and closes the action with how the job ended: once the device has confirmed or reverted
 * what it was given, not when it has it.
 */
export class FlashGateway {
	readonly device: DdiDevice;
	readonly #options: FlashGatewayOptions;
	readonly #power = new AbortController();
	readonly #ended: Promise<void>;

	constructor(options: FlashGatewayOptions) {
		this.#options = options;
		const { storage, hardware, rootUrl, confirms } = options;
		const { actionId, stage } = storage.memory;
		const outcome = stage === 'installing' && actionId !== undefined ? this.#outcomeOf(actionId) : undefined;
		this.device = new DdiDevice({
			rootUrl,
			attributes: { hardware },
			memory: storage.memory,
			decide: (deployment) => decide(deployment, hardware),
			...(confirms && { confirms }),
			...(outcome && { outcome }),
		});
		const { http, clock, token, limits, askDuringDownloadMs } = options;
		this.#ended = runDevice(this.device, {
			http,
			clock,
			token,
			signal: this.#power.signal,
			sinkOf: ({ filename, hashes }) => this.#file(filename, hashes.sha256),
			install: (chunks, action) => this.#install(chunks, action),
			...(limits && { limits }),
			...(askDuringDownloadMs !== undefined && { askDuringDownloadMs }),
		});
	}

	/** In the middle of whatever it does; the device behind it goes on. */
	async powerOff(): Promise<void> {
		this.#options.storage.memory = this.device.memory;
		this.#power.abort();
		await this.#ended;
	}

	/** Hands the image on, unless it was before, and waits for how that ends. */
	async #install([chunk]: readonly DdiChunk[], actionId: string): Promise<DdiOutcome> {
		const { cloud, thing, hardware, clock } = this.#options;
		const [artifact] = chunk?.artifacts ?? [];
		if (!chunk || !artifact?.hashes.sha256) return { result: 'failure', details: ['one chunk of one artifact with a SHA-256 was expected'] };
		const job = jobOf(actionId);
		if (!cloud.execution(thing, job)) {
			const bytes = Buffer.concat([...this.#file(artifact.filename, artifact.hashes.sha256).pieces()]);
			const streamVersion = cloud.publishFile(job, [{ fileId: 0, bytes }]);
			const document = {
				stream: job,
				streamVersion,
				fileId: 0,
				sizeBytes: bytes.length,
				version: chunk.version,
				hardware,
				digest: artifact.hashes.sha256,
				keySets: [],
			};
			cloud.createJob({ jobId: job, document: encodeUpdateDocument(document), things: [thing] });
		}
		const isOver = () => this.#power.signal.aborted || this.#outcomeOf(actionId) !== undefined;
		await clock.until(isOver, { withinMs: INSTALL_MS, label: `${thing} to end ${job}` });
		return this.#outcomeOf(actionId) ?? { result: 'failure', details: ['the gateway lost its power'] };
	}

	/** Undefined while the device has not ended the action's job. */
	#outcomeOf(actionId: string): DdiOutcome | undefined {
		const execution = this.#options.cloud.execution(this.#options.thing, jobOf(actionId));
		if (!execution || !isTerminal(execution.status)) return undefined;
		const reason = execution.statusDetails['reason'];
		return { result: execution.status === 'SUCCEEDED' ? 'success' : 'failure', details: [execution.status, ...(reason === undefined ? [] : [reason])] };
	}

	#file(filename: string, sha256 = ''): MemorySink {
		const { files } = this.#options.storage;
		const key = `${filename} ${sha256}`;
		const known = files.get(key) ?? new MemorySink();
		files.set(key, known);
		return known;
	}
}

const jobOf = (actionId: string): string => `action-${actionId}`;

const decide = ({ deployment }: DdiDeployment, hardware: string): DdiDecision => {
	const wanted = deployment.chunks[0]?.metadata?.find(({ key }) => key === HARDWARE_KEY)?.value;
	return wanted === undefined || wanted === hardware ? { kind: 'install' } : { kind: 'never', reason: `the image is for ${wanted}, this is ${hardware}` };
};
