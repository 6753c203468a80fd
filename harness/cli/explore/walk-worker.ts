import { workerData } from 'node:worker_threads';
import { claimChunk, type RunRequests, RunServer } from '../../explorer/index.js';
import { parseExplorerCase } from './explorer-case.js';
import { buildTarget } from './target.js';
import type { WalkWorkerAnswer, WalkWorkerData } from './walk-crew.js';

// A thread of its own: it carries out runs for a walk on another one, those that it claims before the walk does.
const { target: text, directory, port, claims, signal } = workerData as WalkWorkerData;
const target = parseExplorerCase(text);
const server = new RunServer(buildTarget(target, { directory }), { level: target.tears, seeds: target.seeds });

const send = (answer: WalkWorkerAnswer): void => {
	port.postMessage(answer, 'words' in answer ? [answer.words.buffer] : []);
	Atomics.add(signal, 0, 1);
	Atomics.notify(signal, 0);
};

port.on('message', (requests: RunRequests) => {
	try {
		if (claimChunk(claims, requests.chunk, 2)) send(server.answer(requests, () => Atomics.add(signal, 1, 1)));
		else server.skip(requests);
	} catch (error) {
		send({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
	}
});
