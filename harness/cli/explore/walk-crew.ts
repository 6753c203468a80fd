import { type MessagePort, receiveMessageOnPort, MessageChannel, Worker } from 'node:worker_threads';
import { type CrewLink, createClaims, type RunRequests, type RunResults } from '../../explorer/index.js';
import { realTime } from '../../time/index.js';
import { type ExplorerTarget, encodeExplorerCase } from './explorer-case.js';

/** Threads that carry out runs for a walk on this one. */
export interface WalkCrew {
	/** Starts them. */
	call(): { readonly links: readonly CrewLink[]; readonly claims: Int32Array };
	close(): Promise<void>;
}

/** What a thread begins with. */
export interface WalkWorkerData {
	/** A case without steps says all that a walk rests on. */
	readonly target: string;
	readonly directory: string;
	readonly port: MessagePort;
	readonly claims: Int32Array;
	/** Results sent, and runs carried out. */
	readonly signal: Int32Array;
}

export type WalkWorkerAnswer = RunResults | { readonly error: string };

const WORKER = new URL('./walk-worker.js', import.meta.url);
/** A thread that carries out no run for so long has died. */
const SILENCE_MS = 60_000;

/** `helpers`: how many threads beside this one. */
export const createWalkCrew = (target: ExplorerTarget, options: { readonly directory: string; readonly helpers: number }): WalkCrew => {
	const workers: Worker[] = [];
	return {
		call: () => {
			const claims = createClaims();
			const start = (): CrewLink => {
				const { port1, port2 } = new MessageChannel();
				const signal = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
				const data: WalkWorkerData = {
					target: encodeExplorerCase({ ...target, steps: [{ step: 'reset', readSeed: 0 }] }),
					directory: options.directory,
					port: port2,
					claims,
					signal,
				};
				const worker = new Worker(WORKER, { workerData: data, transferList: [port2] });
				// What it dies of shows in its silence; the walk goes on without it.
				worker.on('error', () => {});
				worker.unref();
				port1.unref();
				workers.push(worker);
				return linkTo(port1, signal);
			};
			return { links: Array.from({ length: options.helpers }, start), claims };
		},
		close: async () => {
			await Promise.all(workers.map((worker) => worker.terminate()));
		},
	};
};

const linkTo = (port: MessagePort, signal: Int32Array): CrewLink => ({
	post: (requests: RunRequests) => port.postMessage(requests, [requests.words.buffer]),
	receive: () => {
		let heardMs = realTime.nowMs();
		for (let runs = -1; ; ) {
			const sent = Atomics.load(signal, 0);
			const received = receiveMessageOnPort(port);
			if (received !== undefined) {
				const answer = received.message as WalkWorkerAnswer;
				if ('error' in answer) throw new Error(`a thread that helps the walk: ${answer.error}`);
				return answer;
			}
			if (Atomics.load(signal, 1) !== runs) {
				runs = Atomics.load(signal, 1);
				heardMs = realTime.nowMs();
			}
			if (realTime.nowMs() - heardMs > SILENCE_MS) return null;
			Atomics.wait(signal, 0, sent, 1_000);
		}
	},
});
