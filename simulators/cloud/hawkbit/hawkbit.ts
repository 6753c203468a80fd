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
import {
	type ArtifactFault,
	ArtifactFaults,
	CallLog,
	closeServer,
	type HttpCall,
	listenOnLoopback,
	MemoryServer,
	readRequestBody,
	serveArtifact,
} from '../artifacts/index.js';
import { answerDdi, type DdiWorld, findModule } from './answer-ddi.js';
import { type DdiAnswer, formatOf, notFound, refuse, sendAnswer } from './ddi-answer.js';
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
	/** What goes wrong with a download in whose name `user-agent` stands, where `faults` has nothing for it. */
	faultOf?(userAgent: string): ArtifactFault | undefined;
}

/** Opens hawkBit's device side on the loopback: the DDI API of one tenant, over plain HTTP. */
export const openHawkbit = async ({ port = 0, ...options }: HawkbitOptions): Promise<HawkbitServer> => {
	const server = createServer();
	return new HawkbitServer(server, { ...options, port: await listenOnLoopback(server, port) });
};

/** The same in this process alone, at the far end of links, in virtual time too; `accept` takes its connections, and disposing of it ends them. */
export const createMemoryHawkbit = (options: Omit<HawkbitOptions, 'port'>): { readonly hawkbit: HawkbitServer; readonly memory: MemoryServer } => {
	const memory = new MemoryServer();
	return { hawkbit: new HawkbitServer(memory.server, { ...options, port: 80 }), memory };
};

export class HawkbitServer implements AsyncDisposable {
	readonly port: number;
	/** Of the downloads to come, HEAD included. */
	readonly faults = new ArtifactFaults();
	readonly #log = new CallLog();
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

	/** The latest calls, at most five thousand. */
	get calls(): readonly HttpCall[] {
		return this.#log.calls;
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
		const body = await readRequestBody(request, { mostBytes: DDI_LIMITS.bodyBytes });
		const keep = (status: number) => this.#log.keep({ method, path: pathname, status, range: headers.range, body: body?.toString() ?? '' });
		const send = (answer: DdiAnswer) => {
			keep(answer.status);
			sendAnswer(response, answer, { ifNoneMatch: headers['if-none-match'], format: formatOf(headers.accept) });
		};
		if (body === undefined)
			return send({ ...refuse(413, { code: 'rest.body', message: `a body of more than ${DDI_LIMITS.bodyBytes} bytes` }), headers: { connection: 'close' } });
		const path = parseDdiPath(pathname);
		if (!path || path.tenant !== this.tenant) return send(notFound(`there is no ${pathname}`));
		const target = this.#admit(path.controllerId, headers.authorization);
		if (!target) return send(refuse(401, { code: 'rest.unauthorized', message: `${path.controllerId}: no target with this token` }));
		if (body.length > 0 && !/^application\/((hal\+)?json|cbor)\b/i.test(headers['content-type'] ?? ''))
			return send(refuse(415, { code: 'rest.mediaType', message: `content-type: JSON or CBOR was expected, got ${headers['content-type']}` }));
		const world: DdiWorld = { target, distribution: (name) => this.#distribution(name), sleepMs: this.#options.sleepMs ?? 300_000 };
		const { resource } = path;
		const artifact =
			resource.kind === 'artifact' ? findModule(resource.moduleId, world)?.artifacts.find(({ filename }) => filename === resource.filename) : undefined;
		if (artifact) {
			response.once('close', () => keep(response.statusCode));
			const fault = this.faults.take() ?? this.#options.faultOf?.(headers['user-agent'] ?? '');
			return serveArtifact(request, response, { artifact, clock: this.#options.clock, fault, answer: this.#answers++ });
		}
		if (resource.kind === 'artifact') return send(notFound(`there is no ${resource.filename} for ${target.controllerId}`));
		const host = /^[\w.-]+(:\d+)?$/.test(headers.host ?? '') ? headers.host : `127.0.0.1:${this.port}`;
		send(
			answerDdi(
				{ method, resource, query: searchParams, body, format: formatOf(headers['content-type']), rootUrl: `http://${host}${controllerPath(path)}` },
				world,
			),
		);
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
		else if (error instanceof DdiError) sendAnswer(response, refuse(400, { code: 'rest.body.notReadable', message: error.message }));
		else sendAnswer(response, refuse(500, { code: 'unknown', message: error instanceof Error ? error.message : String(error) }));
	}
}

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const isSame = (given: string | undefined, right: string): boolean => given !== undefined && timingSafeEqual(digest(given), digest(right));
