import type { Clock, Timer } from '../../harness/time/index.js';
import type { MqttSession, PublishOptions, SessionHandlers, Subscription } from '../network/index.js';
import type { DialectPeer } from './dialect.js';
import { answerProgram, noticeProgram, type ProgramAnswer, type ProgramMessage, type ProgramRequest, readProgramRequest } from './program-request.js';
import { type AskService, createAsk, NoAnswerError, type ServiceClient } from './service-client.js';

/** Stands for a connection where there is none: from the first answer of a polled service to the first that does not come. */
export class PollingSession implements MqttSession {
	messagesReceived = 0;
	messagesSent = 0;
	readonly #thing: string;
	readonly #client: ServiceClient;
	readonly #clock: Clock;
	readonly #power = new AbortController();
	/** Undefined once it has ended: nobody is told anything then. */
	#handlers: SessionHandlers | undefined;
	#isOpen = false;
	#poll: Timer | undefined;
	/** One request at a time. */
	#turn: Promise<void> = Promise.resolve();

	constructor(
		peer: DialectPeer,
		{ createClient, handlers }: { readonly createClient: (ask: AskService) => ServiceClient; readonly handlers: SessionHandlers },
	) {
		this.#thing = peer.device.id;
		this.#clock = peer.clock;
		this.#handlers = handlers;
		this.#client = createClient(createAsk(peer, this.#power.signal));
		this.#inTurn(async () => {
			await this.#client.greet();
			if (!this.#handlers) return;
			this.#isOpen = true;
			this.#handlers.onConnected(false);
			this.#pollLater();
		});
	}

	get connected(): boolean {
		return this.#isOpen;
	}

	/** There is nothing to subscribe to. */
	subscribe(_subscriptions: readonly Subscription[], done: (granted: boolean) => void): void {
		this.#inTurn(async () => done(true));
	}

	publish(topic: string, payload: Uint8Array | string, _options?: PublishOptions, done?: () => void): void {
		const request = readProgramRequest(this.#thing, { topic, payload: typeof payload === 'string' ? Buffer.from(payload) : payload });
		if (!request || !this.connected) return;
		this.messagesSent++;
		this.#inTurn(async () => {
			if (request.kind === 'report') await this.#client.report(request.payload);
			else if (request.kind !== 'blocks') this.#say(answerProgram(this.#thing, request, await this.#answer(request)));
			if (this.connected) done?.();
		});
	}

	close(): void {
		this.#end('closed');
	}

	destroy(): void {
		this.#handlers = undefined;
		this.#end('destroyed');
	}

	async #answer(request: Exclude<ProgramRequest, { kind: 'blocks' | 'report' }>): Promise<ProgramAnswer> {
		switch (request.kind) {
			case 'start-next':
				return (await this.#client.next()) ?? {};
			case 'describe': {
				const { jobId } = request;
				if (jobId === undefined) return {};
				return (await this.#client.stands(jobId)) ? { jobId } : OVER;
			}
			case 'update': {
				const { jobId, status, reason } = request;
				const told = status === 'SUCCEEDED' ? 'success' : status === 'IN_PROGRESS' ? 'under-way' : 'failure';
				return (await this.#client.tell(jobId, told, reason)) ? {} : OVER;
			}
		}
	}

	#pollLater(): void {
		this.#poll = this.#clock.after(this.#client.pollMs, () => {
			this.#inTurn(async () => {
				const found = await this.#client.poll();
				if (found !== 'nothing') this.#say(noticeProgram(this.#thing, found === 'withdrawn' ? undefined : found.jobId));
				if (this.connected) this.#pollLater();
			});
		});
	}

	#say({ topic, payload }: ProgramMessage): void {
		if (!this.#handlers) return;
		this.messagesReceived++;
		this.#handlers.onMessage(topic, payload, false);
	}

	#inTurn(work: () => Promise<void>): void {
		this.#turn = this.#turn.then(async () => {
			if (this.#power.signal.aborted) return;
			try {
				await work();
			} catch (error) {
				if (!(error instanceof NoAnswerError)) throw error;
				this.#end(error.message);
			}
		});
	}

	#end(reason: string): void {
		const handlers = this.#handlers;
		this.#handlers = undefined;
		this.#isOpen = false;
		this.#poll?.cancel();
		this.#power.abort();
		handlers?.onClosed(reason);
	}
}

const OVER = { refused: 'ResourceNotFound' } as const;
