import { decodeFields } from '../../../harness/protocols/index.js';
import {
	attributeRequestTopic,
	attributeResponseTopic,
	chunkRequestTopic,
	encode,
	FIRMWARE_KEYS,
	firmwareOf,
	type FwState,
	parseAttributeResponse,
	parseChunkResponse,
	TB_SUBSCRIPTIONS,
	TB_TOPICS,
	type TbFirmware,
	ThingsboardError,
} from '../../../harness/protocols/thingsboard/index.js';
import { type MqttSession, openPacketSession, type PublishOptions, type SessionHandlers, type Subscription } from '../../network/index.js';
import type { DialectPeer } from '../dialect.js';
import {
	answerProgram,
	blockForProgram,
	noticeProgram,
	type ProgramAnswer,
	type ProgramMessage,
	type ProgramRequest,
	readProgramRequest,
} from '../program-request.js';

type JobsRequest = Exclude<ProgramRequest, { kind: 'blocks' | 'report' }>;
type BlocksRequest = Extract<ProgramRequest, { kind: 'blocks' }>;

/**
 * A device's MQTT session with ThingsBoard: user name and token are one, a package is what the shared attributes say, its image comes
 * in chunks. The name of a job is the package's tag. A package stays assigned whatever became of it: what came to its end here once
 * is not taken up again.
 */
export class ThingsboardSession implements MqttSession {
	readonly #peer: DialectPeer;
	readonly #handlers: SessionHandlers;
	readonly #session: MqttSession;
	/** Requests for attributes that wait, by number. */
	readonly #waiting = new Map<number, (firmware: TbFirmware | undefined) => void>();
	#requests = 0;
	/** What the blocks on their way were asked for by; chunks of other sizes need another number. */
	#blocks: { readonly requestId: number; readonly request: BlocksRequest } | undefined;

	constructor(peer: DialectPeer, handlers: SessionHandlers) {
		this.#peer = peer;
		this.#handlers = handlers;
		const { device, secret, keepaliveS, clock } = peer;
		this.#session = openPacketSession(
			{ stream: peer.dial(), clientId: device.id, username: secret, keepaliveS, clean: true, clock },
			{
				onConnected: (sessionPresent) => handlers.onConnected(sessionPresent),
				onMessage: (topic, payload) => this.#receive(topic, payload),
				onClosed: (reason) => handlers.onClosed(reason),
			},
		);
	}

	get connected(): boolean {
		return this.#session.connected;
	}

	get messagesReceived(): number {
		return this.#session.messagesReceived;
	}

	get messagesSent(): number {
		return this.#session.messagesSent;
	}

	subscribe(_subscriptions: readonly Subscription[], done: (granted: boolean) => void): void {
		this.#session.subscribe(
			TB_SUBSCRIPTIONS.map((filter) => ({ filter, qos: 1 as const })),
			done,
		);
	}

	publish(topic: string, payload: Uint8Array | string, _options?: PublishOptions, done?: () => void): void {
		const request = readProgramRequest(this.#peer.device.id, { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload });
		if (!request) return;
		if (request.kind === 'blocks') this.#askForBlocks(request);
		else if (request.kind === 'report') this.#report(request.payload);
		else this.#serve(request);
		done?.();
	}

	close(): void {
		this.#session.close();
	}

	destroy(): void {
		this.#session.destroy();
	}

	#serve(request: JobsRequest): void {
		const answer = (given: ProgramAnswer): void => this.#say(answerProgram(this.#peer.device.id, request, given));
		if (request.kind === 'update') {
			const { status, reason } = request;
			const state = status === 'SUCCEEDED' ? 'UPDATED' : status === 'IN_PROGRESS' ? 'UPDATING' : 'FAILED';
			return this.#tell(state, { error: reason, done: () => answer({}) });
		}
		this.#askForAttributes((firmware) => {
			const jobId = firmware?.fw_tag ?? undefined;
			if (request.kind === 'describe') return answer(request.jobId === undefined ? {} : request.jobId === jobId ? { jobId } : { refused: 'ResourceNotFound' });
			if (firmware === undefined || jobId === undefined || this.#isDone(firmware)) return answer({});
			this.#tell('DOWNLOADING', {
				done: () =>
					answer({
						jobId,
						update: {
							stream: jobId,
							fileId: 0,
							sizeBytes: firmware.fw_size,
							version: firmware.fw_version,
							hardware: firmware.fw_title,
							digest: firmware.fw_checksum,
							keySets: [],
						},
					}),
			});
		});
	}

	#isDone({ fw_tag: tag, fw_checksum: checksum }: TbFirmware): boolean {
		const { device } = this.#peer;
		return checksum === device.running.digest || device.hasEnded(tag ?? '');
	}

	#askForAttributes(then: (firmware: TbFirmware | undefined) => void): void {
		const requestId = ++this.#requests;
		this.#waiting.set(requestId, then);
		this.#session.publish(attributeRequestTopic(requestId), encode({ sharedKeys: FIRMWARE_KEYS.join(',') }), { qos: 1 });
	}

	#askForBlocks(request: BlocksRequest): void {
		const { asked } = request;
		if (this.#blocks?.request.asked.blockSizeBytes !== asked.blockSizeBytes || this.#blocks.request.streamId !== request.streamId)
			this.#blocks = { requestId: ++this.#requests, request };
		const { requestId } = this.#blocks;
		for (const block of blocksOf(request)) this.#session.publish(chunkRequestTopic({ requestId, chunk: block }), String(asked.blockSizeBytes), { qos: 0 });
	}

	#report(payload: Uint8Array): void {
		this.#session.publish(TB_TOPICS.attributes, payload, { qos: 1 });
		this.#tell(undefined);
	}

	#tell(state: FwState | undefined, { error, done }: { readonly error?: string | undefined; readonly done?: () => void } = {}): void {
		const { hardware, running } = this.#peer.device;
		const told = { current_fw_title: hardware, current_fw_version: running.version, ...(state && { fw_state: state }), ...(error && { fw_error: error }) };
		this.#session.publish(TB_TOPICS.telemetry, encode(told), { qos: 1 }, done);
	}

	#receive(topic: string, payload: Uint8Array): void {
		const chunk = parseChunkResponse(topic);
		if (chunk && this.#blocks?.requestId === chunk.requestId && payload.length > 0)
			return this.#say(blockForProgram(this.#peer.device.id, this.#blocks.request, { block: chunk.chunk, bytes: payload }));
		if (topic === TB_TOPICS.attributes) return this.#changed(payload);
		for (const [requestId, then] of this.#waiting) {
			if (topic !== attributeResponseTopic(requestId)) continue;
			this.#waiting.delete(requestId);
			return then(this.#read(() => firmwareOf(parseAttributeResponse(payload).shared ?? {})));
		}
	}

	/** Something is assigned, or taken back. */
	#changed(payload: Uint8Array): void {
		const firmware = this.#read(() => firmwareOf(decodeFields(payload, 'json') ?? {}));
		this.#say(noticeProgram(this.#peer.device.id, firmware && !this.#isDone(firmware) ? (firmware.fw_tag ?? undefined) : undefined));
	}

	#read(parse: () => TbFirmware | undefined): TbFirmware | undefined {
		try {
			return parse();
		} catch (error) {
			if (error instanceof ThingsboardError) return undefined;
			throw error;
		}
	}

	#say({ topic, payload }: ProgramMessage): void {
		this.#handlers.onMessage(topic, payload, false);
	}
}

function* blocksOf({ asked: { offset = 0, count = 1, bitmap } }: BlocksRequest): Generator<number> {
	if (bitmap === undefined) {
		for (let index = 0; index < count; index++) yield offset + index;
		return;
	}
	let left = count;
	for (let bit = 0; bit < bitmap.length * 8 && left > 0; bit++) {
		if (((bitmap[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) continue;
		left--;
		yield offset + bit;
	}
}
