import { createHash, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
	controllerPath,
	DDI_LIMITS,
	type DdiAction,
	type DdiActionType,
	DdiError,
	DdiTarget,
	type DdiTargetOptions,
	parseDdiPath,
} from '../../../harness/protocols/hawkbit-ddi/index.js';
import type { Clock } from '../../../harness/time/index.js';
import { ArtifactFaults, closeServer, listenOnLoopback, serveArtifact } from '../artifacts/index.js';
import { answerDdi, type DdiWorld, findModule } from './answer-ddi.js';
import { type DdiAnswer, notFound, refuse, sendAnswer } from './ddi-answer.js';
import type { Distribution, PublishedDistribution } from './distribution.js';

export interface HawkbitOptions {
	readonly clock: Clock;
	readonly tenant?: string;
	/** 0 is any that is free. */
	readonly port?: number;
	/** What devices are told to sleep between polls; hawkBit's five minutes by default. */
	readonly sleepMs?: number;
	/** A device that comes with it is let in, and registered where it is new. */
	readonly gatewayToken?: string;
}

/** One request as the server heard it. */
export interface HawkbitCall {
	readonly method: string;
	readonly path: string;
	readonly status: number;
	readonly range?: string | undefined;
	readonly body: string;
}

const MOST_KEPT_CALLS = 5000;

/** Opens hawkBit's device side on the loopback: the DDI API of one tenant, over plain HTTP. */
export const openHawkbit = async ({ port = 0, ...options }: HawkbitOptions): Promise<HawkbitServer> => {
	const server = createServer();
	return new HawkbitServer(server, { ...options, port: await listenOnLoopback(server, port) });
};

export class HawkbitServer implements AsyncDisposable {
	readonly port: number;
	/** Of the downloads to come, HEAD included. */
	readonly faults = new ArtifactFaults();
	/** The latest calls, at most five thousand. */
	readonly calls: HawkbitCall[] = [];
	readonly #options: HawkbitOptions;
	readonly #server: Server;
	readonly #targets = new Map<string, { readonly target: DdiTarget; readonly token: string | undefined }>();
	readonly #distributions = new Map<string, PublishedDistribution>();
	#numbers = 0;
	#answers = 0;

	constructor(server: Server, options: HawkbitOptions & { readonly port: number }) {
		this.#server = server;
		this.#options = options;
		this.port = options.port;
		server.on('request', (request, response) => {
			this.#answer(request, response).catch((error: unknown) => this.#fail(response, error));
		});
	}

	get tenant(): string {
		return this.#options.tenant ?? 'DEFAULT';
	}

	/** Where a target finds its base resource. */
	rootUrl(controllerId: string): string {
		return `http://127.0.0.1:${this.port}${controllerPath({ tenant: this.tenant, controllerId })}`;
	}

	/** Without a token a target is let in by the gateway's alone. */
	addTarget(controllerId: string, { token, ...options }: DdiTargetOptions & { readonly token?: string } = {}): DdiTarget {
		if (this.#targets.has(controllerId)) throw new TypeError(`controllerId: ${controllerId} is there already`);
		const target = new DdiTarget(controllerId, options);
		this.#targets.set(controllerId, { target, token });
		return target;
	}

	target(controllerId: string): DdiTarget {
		const found = this.#targets.get(controllerId)?.target;
		if (!found) throw new TypeError(`controllerId: there is no target ${controllerId}`);
		return found;
	}

	publish({ name, modules }: Distribution): void {
		if (this.#distributions.has(name)) throw new TypeError(`distribution: ${name} is there already; a distribution does not change`);
		this.#distributions.set(name, { name, modules: modules.map((module) => ({ ...module, id: this.#number() })) });
	}

	assign(controllerId: string, { distribution, type = 'forced' }: { readonly distribution: string; readonly type?: DdiActionType }): DdiAction {
		return this.target(controllerId).assign({ id: this.#number(), type, distribution: this.#distribution(distribution).name });
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await closeServer(this.#server);
	}

	#number(): string {
		return String(++this.#numbers);
	}

	#distribution(name: string): PublishedDistribution {
		const found = this.#distributions.get(name);
		if (!found) throw new TypeError(`distribution: there is no ${name}`);
		return found;
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = 'GET', headers } = request;
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
		const body = await readBody(request);
		const keep = (status: number) => {
			this.calls.push({ method, path: pathname, status, range: headers.range, body: body?.toString() ?? '' });
			if (this.calls.length > MOST_KEPT_CALLS) this.calls.shift();
		};
		const send = (answer: DdiAnswer) => {
			keep(answer.status);
			sendAnswer(response, answer, headers['if-none-match']);
		};
		if (body === undefined)
			return send({ ...refuse(413, { code: 'rest.body', message: `a body of more than ${DDI_LIMITS.bodyBytes} bytes` }), headers: { connection: 'close' } });
		const path = parseDdiPath(pathname);
		if (!path || path.tenant !== this.tenant) return send(notFound(`there is no ${pathname}`));
		const target = this.#admit(path.controllerId, headers.authorization);
		if (!target) return send(refuse(401, { code: 'rest.unauthorized', message: `${path.controllerId}: no target with this token` }));
		if (body.length > 0 && !/^application\/(hal\+)?json\b/i.test(headers['content-type'] ?? ''))
			return send(refuse(415, { code: 'rest.mediaType', message: `content-type: JSON was expected, got ${headers['content-type']}` }));
		const world: DdiWorld = { target, distribution: (name) => this.#distribution(name), sleepMs: this.#options.sleepMs ?? 300_000 };
		const { resource } = path;
		const artifact =
			resource.kind === 'artifact' ? findModule(resource.moduleId, world)?.artifacts.find(({ filename }) => filename === resource.filename) : undefined;
		if (artifact) {
			response.once('close', () => keep(response.statusCode));
			return serveArtifact(request, response, { artifact, clock: this.#options.clock, fault: this.faults.take(), answer: this.#answers++ });
		}
		if (resource.kind === 'artifact') return send(notFound(`there is no ${resource.filename} for ${target.controllerId}`));
		const host = /^[\w.-]+(:\d+)?$/.test(headers.host ?? '') ? headers.host : `127.0.0.1:${this.port}`;
		send(answerDdi({ method, resource, query: searchParams, body, rootUrl: `http://${host}${controllerPath(path)}` }, world));
	}

	/** By the target's own token, or the gateway's (hawkBit, "Authentication"). */
	#admit(controllerId: string, authorization: string | undefined): DdiTarget | undefined {
		const [scheme, token] = authorization?.split(' ') ?? [];
		const known = this.#targets.get(controllerId);
		const { gatewayToken } = this.#options;
		if (scheme === 'GatewayToken' && gatewayToken !== undefined && isSame(token, gatewayToken)) return known?.target ?? this.addTarget(controllerId);
		return scheme === 'TargetToken' && known?.token !== undefined && isSame(token, known.token) ? known.target : undefined;
	}

	#fail(response: ServerResponse, error: unknown): void {
		if (response.headersSent || response.destroyed) response.destroy();
		else if (error instanceof DdiError) sendAnswer(response, refuse(400, { code: 'rest.body.notReadable', message: error.message }), undefined);
		else sendAnswer(response, refuse(500, { code: 'unknown', message: error instanceof Error ? error.message : String(error) }), undefined);
	}
}

/** Undefined where it is longer than any of this API. */
const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
	const pieces: Buffer[] = [];
	let sizeBytes = 0;
	for await (const piece of request as AsyncIterable<Buffer>) {
		sizeBytes += piece.length;
		if (sizeBytes <= DDI_LIMITS.bodyBytes) pieces.push(piece);
		else if (sizeBytes > 8 * DDI_LIMITS.bodyBytes) throw new Error('a body without an end');
	}
	return sizeBytes > DDI_LIMITS.bodyBytes ? undefined : Buffer.concat(pieces);
};

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isSame = (given: string | undefined, right: string): boolean => given !== undefined && timingSafeEqual(digest(given), digest(right));
