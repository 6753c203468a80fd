import type { IncomingHttpHeaders } from 'node:http';
import { createHttpPort, askServer, type HttpRequest } from '../cloud/artifacts/index.js';
import type { UpdateDocument } from '../device/index.js';
import type { DialectPeer } from './dialect.js';

/**
 * A device's side of a service that is polled over HTTP. Each of these asks as often as it takes; a NoAnswerError is the end of the
 * connection, as far as such a service has one.
 */
export interface ServiceClient {
	/** Between two polls, as the service has it. */
	readonly pollMs: number;
	/** The first word. */
	greet(): Promise<void>;
	/** What there is to install. */
	next(): Promise<{ readonly jobId: string; readonly update: UpdateDocument } | undefined>;
	/** Whether the service still wants it. */
	stands(jobId: string): Promise<boolean>;
	/** False where the service has closed the job, or forgotten it. */
	tell(jobId: string, status: 'under-way' | 'success' | 'failure', reason: string | undefined): Promise<boolean>;
	report(payload: Uint8Array): Promise<void>;
	/** What has changed since: a job to ask for, or one that is no longer wanted. */
	poll(): Promise<'nothing' | 'withdrawn' | { readonly jobId: string }>;
}

/** The service did not answer, or not so that one could go on. */
export class NoAnswerError extends Error {
	override readonly name = 'NoAnswerError';
}

export interface ServiceAnswer {
	readonly status: number;
	readonly headers: IncomingHttpHeaders;
	readonly body: Uint8Array;
}

/** Asks over a connection of its own. Throws a NoAnswerError where nothing comes, or the server is not itself, or does not let the device in. */
export type AskService = (request: HttpRequest) => Promise<ServiceAnswer>;

export const createAsk = ({ dial, clock }: Pick<DialectPeer, 'dial' | 'clock'>, signal: AbortSignal): AskService => {
	const http = createHttpPort({ dial });
	return async (request) => {
		const answer = await askServer(request, { http, clock, signal });
		if (answer === undefined) throw new NoAnswerError('link: no answer');
		if (answer.status === 401 || answer.status === 403) throw new NoAnswerError(`refused: status ${answer.status}`);
		if (answer.status >= 500 || answer.status === 429) throw new NoAnswerError(`link: status ${answer.status}`);
		return answer;
	};
};

/** Where the service of a fleet is found, whatever carries it. */
export const SERVICE_URL = 'http://updates.blackstart.test';

/** The link is the service's own and as good as secured; a device fetches images over HTTPS or not at all. */
export const asSecured = (url: string): string => url.replace(/^http:/, 'https:');
