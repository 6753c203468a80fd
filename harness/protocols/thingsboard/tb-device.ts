import { ThingsboardError } from './tb-error.js';
import {
	checksumOf,
	encode,
	FIRMWARE_KEYS,
	firmwareOf,
	type FwState,
	isChecksumKnown,
	parseAttributeResponse,
	parseAttributes,
	type TbAttributes,
	type TbFirmware,
	type TbMessage,
} from './tb-messages.js';
import { attributeRequestTopic, attributeResponseTopic, chunkRequestTopic, parseChunkResponse, TB_TOPICS } from './tb-topics.js';

/** Where a download is kept: over connections and restarts. */
export interface TbSink {
	readonly sizeBytes: number;
	append(bytes: Uint8Array): void;
	clear(): void;
	pieces(): Iterable<Uint8Array>;
}

export interface TbOutcome {
	readonly result: 'success' | 'failure';
	readonly error?: string;
}

/** What a device has to keep over a restart. */
export interface TbMemory {
	/** What the sink's bytes are of. */
	readonly firmware?: TbFirmware;
	/** `installing`: begun and not known to have ended; `failed`: told, and not tried again until something else is assigned. */
	readonly stage?: 'downloading' | 'installing' | 'failed';
	/** An end that the server may not have heard of. */
	readonly untold?: { readonly state: 'UPDATED' | 'FAILED'; readonly error?: string };
}

/** What a device publishes, at QoS 1. */
export interface TbReport extends TbMessage {
	/** Whether it tells of an end: `settled` is to be called once it is acknowledged. */
	readonly settles?: boolean;
}

export interface TbDeviceOptions {
	readonly running: { readonly title: string; readonly version: string };
	readonly sink: TbSink;
	readonly capacityBytes: number;
	readonly chunkBytes: number;
	/** Times that one chunk is asked for. Default 5. */
	readonly attempts?: number;
	readonly memory?: TbMemory;
	/** What the bootloader says of an installation that the restart came from; one that nothing is known of has failed. */
	readonly outcome?: TbOutcome;
}

/** A device that has asked may be answered by any of these, in the connection that it asked over. */
export const TB_SUBSCRIPTIONS: readonly string[] = [TB_TOPICS.attributes, TB_TOPICS.attributeResponses, TB_TOPICS.firmwareResponses, TB_TOPICS.firmwareError];

const LEAST_CHUNK_BYTES = 64;

/**
 * The device's side of ThingsBoard's firmware updates over MQTT as a state machine without a socket or a clock. Each method returns
 * what is to be published. A download goes on in chunks from where the sink ends, over connections and restarts, as long as the
 * package is the same by all its attributes; one that failed is not tried again. An end is told in each connection until the server
 * has acknowledged it.
 */
export class TbDevice {
	memory: TbMemory;
	readonly #options: TbDeviceOptions;
	#chunkBytes: number;
	#requestId = 0;
	#attempts = 0;
	#wanted: TbFirmware | undefined;
	#task: 'install' | undefined;

	constructor(options: TbDeviceOptions) {
		this.#options = options;
		this.#chunkBytes = options.chunkBytes;
		this.memory = options.memory ?? {};
	}

	/** What is to be installed now; nothing else is done until `installed`. */
	get task(): { readonly kind: 'install'; readonly firmware: TbFirmware } | undefined {
		return this.#task && this.memory.firmware && { kind: 'install', firmware: this.memory.firmware };
	}

	/** Whether an answer is awaited: it is time for `unanswered` where none comes. */
	get isWaiting(): boolean {
		return this.#wanted !== undefined;
	}

	/** Connected and subscribed: the device says what it runs, and asks what it should. */
	connected(): readonly TbReport[] {
		this.#wanted = undefined;
		return [...this.#begin(), ...this.#ask()];
	}

	message({ topic, payload }: TbMessage): readonly TbReport[] {
		try {
			if (topic === TB_TOPICS.attributes) return this.#assigned(parseAttributes(payload));
			if (topic === attributeResponseTopic(this.#requestId)) return this.#assigned(parseAttributeResponse(payload).shared ?? {});
		} catch (error) {
			if (error instanceof ThingsboardError) return this.#task ? [] : [this.#tell('FAILED', error.message)];
			throw error;
		}
		if (topic === TB_TOPICS.firmwareError) return this.#refused(Buffer.from(payload).toString());
		const name = parseChunkResponse(topic);
		const isAwaited = this.#wanted !== undefined && name?.requestId === this.#requestId && name.chunk === this.#chunk;
		return isAwaited ? this.#take(payload) : [];
	}

	/** Nothing came in time: the chunk is asked for again, or the download given up. */
	unanswered(): readonly TbReport[] {
		return this.#wanted === undefined ? [] : this.#again(`chunk ${this.#chunk} did not come`);
	}

	/** The server has acknowledged a message that `settles`. */
	settled(): void {
		const { untold: _told, ...kept } = this.memory;
		this.memory = kept;
	}

	/** Before anything is written: what is kept says so, should the power go. */
	installing(): readonly TbReport[] {
		if (!this.#task) throw new TypeError('installing: there is nothing to install');
		this.memory = { ...this.memory, stage: 'installing' };
		return [this.#tell('UPDATING')];
	}

	/** `to-be-run`: written, and its outcome known only behind a restart. */
	installed(result: TbOutcome | 'to-be-run'): readonly TbReport[] {
		if (this.memory.stage !== 'installing') throw new TypeError('installed: nothing was being installed');
		this.#task = undefined;
		return result === 'to-be-run' ? [] : this.#settle(result);
	}

	/** Behind a restart the outcome of what was installed comes first. */
	#begin(): readonly TbReport[] {
		const { outcome = { result: 'failure', error: 'the installation did not come to its end' } } = this.#options;
		if (this.memory.stage === 'installing' && !this.#task) return this.#settle(outcome);
		const { untold } = this.memory;
		return [untold ? this.#tell(untold.state, untold.error) : this.#tell()];
	}

	#settle({ result, error = 'the new firmware did not hold' }: TbOutcome): readonly TbReport[] {
		this.#options.sink.clear();
		if (result === 'failure') return this.#fail(error);
		this.memory = { untold: { state: 'UPDATED' } };
		return [this.#tell('UPDATED')];
	}

	#ask(): readonly TbReport[] {
		this.#requestId++;
		return [{ topic: attributeRequestTopic(this.#requestId), payload: encode({ sharedKeys: FIRMWARE_KEYS.join(',') }) }];
	}

	#assigned(attributes: TbAttributes): readonly TbReport[] {
		const firmware = firmwareOf(attributes);
		if (!firmware || this.#task) return [];
		const { running, sink, capacityBytes } = this.#options;
		if (firmware.fw_title === running.title && firmware.fw_version === running.version) return [];
		const isKnown = this.memory.firmware !== undefined && isSame(this.memory.firmware, firmware);
		if (isKnown && (this.memory.stage === 'failed' || this.#wanted !== undefined)) return [];
		if (!isKnown) sink.clear();
		this.memory = { ...this.memory, firmware, stage: 'downloading' };
		const { fw_title: title, fw_size: sizeBytes, fw_checksum_algorithm: algorithm } = firmware;
		if (title !== running.title) return this.#fail(`the package is ${title}; this device runs ${running.title}`);
		if (sizeBytes > capacityBytes) return this.#fail(`${sizeBytes} bytes; there is room for ${capacityBytes}`);
		if (!isChecksumKnown(algorithm)) return this.#fail(`checksums of ${algorithm} are not checked here`);
		this.#wanted = firmware;
		this.#requestId++;
		this.#attempts = 0;
		return [this.#tell('DOWNLOADING'), ...this.#next()];
	}

	get #chunk(): number {
		return Math.floor(this.#options.sink.sizeBytes / this.#chunkBytes);
	}

	/** Asks for the next chunk, or verifies what is whole. */
	#next(): readonly TbReport[] {
		const { sink } = this.#options;
		const firmware = this.#wanted;
		if (!firmware) return [];
		if (sink.sizeBytes < firmware.fw_size) {
			this.#attempts++;
			return [{ topic: chunkRequestTopic({ requestId: this.#requestId, chunk: this.#chunk }), payload: Buffer.from(String(this.#chunkBytes)) }];
		}
		this.#wanted = undefined;
		const found = checksumOf(sink.pieces(), firmware.fw_checksum_algorithm);
		if (found !== firmware.fw_checksum.toLowerCase()) {
			sink.clear();
			return [this.#tell('DOWNLOADED'), ...this.#fail(`${firmware.fw_checksum_algorithm} ${firmware.fw_checksum} was promised, what came has ${found}`)];
		}
		this.#task = 'install';
		return [this.#tell('DOWNLOADED'), this.#tell('VERIFIED')];
	}

	#take(payload: Uint8Array): readonly TbReport[] {
		const { sink } = this.#options;
		const sizeBytes = this.#wanted?.fw_size ?? 0;
		const offsetBytes = sink.sizeBytes % this.#chunkBytes;
		const expectedBytes = Math.min(this.#chunkBytes, sizeBytes - this.#chunk * this.#chunkBytes);
		if (payload.length !== expectedBytes) return this.#again(`chunk ${this.#chunk}: ${expectedBytes} bytes were expected, got ${payload.length}`);
		sink.append(payload.subarray(offsetBytes));
		this.#attempts = 0;
		return this.#next();
	}

	#again(problem: string): readonly TbReport[] {
		return this.#attempts < (this.#options.attempts ?? 5) ? this.#next() : this.#fail(problem);
	}

	/** The server closes the connection behind this; smaller chunks are asked for over the next. */
	#refused(error: string): readonly TbReport[] {
		if (!this.#wanted) return [];
		this.#wanted = undefined;
		if (error !== 'PAYLOAD_TOO_LARGE' || this.#chunkBytes <= LEAST_CHUNK_BYTES) return this.#fail(error.slice(0, 100));
		this.#chunkBytes = Math.max(LEAST_CHUNK_BYTES, this.#chunkBytes >> 1);
		return [];
	}

	#fail(error: string): readonly TbReport[] {
		this.#wanted = undefined;
		this.memory = { ...this.memory, stage: 'failed', untold: { state: 'FAILED', error } };
		return [this.#tell('FAILED', error)];
	}

	#tell(state?: FwState, error?: string): TbReport {
		const { title, version } = this.#options.running;
		const told = { current_fw_title: title, current_fw_version: version, ...(state && { fw_state: state }), ...(error !== undefined && { fw_error: error }) };
		return { topic: TB_TOPICS.telemetry, payload: encode(told), settles: state === 'UPDATED' || state === 'FAILED' };
	}
}

const isSame = (one: TbFirmware, other: TbFirmware): boolean =>
	one.fw_title === other.fw_title &&
	one.fw_version === other.fw_version &&
	one.fw_size === other.fw_size &&
	one.fw_checksum_algorithm === other.fw_checksum_algorithm &&
	one.fw_checksum === other.fw_checksum;
