import { createHmac, generateKeyPairSync, randomBytes, randomUUID, timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { DeviceDeployment, MENDER_LIMITS, MenderError, parseMenderPath, readToken } from '../../../harness/protocols/mender/index.js';
import type { Clock } from '../../../harness/time/index.js';
import {
	type Artifact,
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
import { answerMender, type MenderAnswer, type ReleaseFile, refuse } from './answer-mender.js';
import { DeviceRegister, type MenderAccount } from './device-register.js';

export interface MenderServerOptions {
	readonly clock: Clock;
	/** 0 is any that is free. */
	readonly port?: number;
	/** How long a device may use its token. Default a week. */
	readonly tokenLifeMs?: number;
	/** How long a link to an artifact holds. Default a day. */
	readonly linkLifeMs?: number;
	/** Whether devices are let in at their first request, without a person. */
	readonly acceptsAll?: boolean;
	/** What goes wrong with a download in whose name `user-agent` stands, where `faults` has nothing for it. */
	faultOf?(userAgent: string): ArtifactFault | undefined;
	/** Told when a device has said its inventory anew. */
	onAttributes?(account: MenderAccount): void;
}

const DAY_MS = 86_400_000;

/** Opens Mender's device side on the loopback: authentication, inventory, deployments and artifacts by link, over plain HTTP. */
export const openMenderServer = async ({ port = 0, ...options }: MenderServerOptions): Promise<MenderServer> => {
	const server = createServer();
	return new MenderServer(server, { ...options, port: await listenOnLoopback(server, port) });
};

/** The same in this process alone, at the far end of links, in virtual time too; `accept` takes its connections, and disposing of it ends them. */
export const createMemoryMender = (options: Omit<MenderServerOptions, 'port'>): { readonly mender: MenderServer; readonly memory: MemoryServer } => {
	const memory = new MemoryServer();
	return { mender: new MenderServer(memory.server, { ...options, port: 80 }), memory };
};

export class MenderServer implements AsyncDisposable {
	readonly port: number;
	/** Of the downloads to come. */
	readonly faults = new ArtifactFaults();
	/** Statuses that the calls of the API to come are answered with, in order, in place of what is right. */
	readonly refusals: number[] = [];
	readonly devices: DeviceRegister;
	readonly #log = new CallLog();
	readonly #options: MenderServerOptions;
	readonly #server: Server;
	readonly #keys = generateKeyPairSync('ed25519');
	readonly #linkKey = randomBytes(32);
	readonly #releases = new Map<string, readonly ReleaseFile[]>();
	#answers = 0;

	constructor(server: Server, options: MenderServerOptions & { readonly port: number }) {
		this.#server = server;
		this.#options = options;
		this.port = options.port;
		this.devices = new DeviceRegister({ acceptsAll: options.acceptsAll ?? false });
		server.on('request', (request, response) => {
			this.#answer(request, response).catch((error: unknown) => this.#fail(response, error));
		});
	}

	/** The latest calls, at most five thousand. */
	get calls(): readonly HttpCall[] {
		return this.#log.calls;
	}

	/** How often an artifact was begun to be sent. */
	get downloads(): number {
		return this.#answers;
	}

	get url(): string {
		return `http://127.0.0.1:${this.port}`;
	}

	publish(artifactName: string, files: readonly ReleaseFile[]): void {
		if (this.#releases.has(artifactName)) throw new TypeError(`artifactName: ${artifactName} is there already; a release does not change`);
		this.#releases.set(artifactName, files);
	}

	/** A deployment to one device, by default under an id that is drawn; the ones before it that are not finished come first, as Mender has it. */
	deploy(
		account: MenderAccount,
		{
			artifactName,
			id = randomUUID(),
			onStatus,
		}: { readonly artifactName: string; readonly id?: string; readonly onStatus?: (deployment: DeviceDeployment) => void },
	): DeviceDeployment {
		if (!this.#releases.has(artifactName)) throw new TypeError(`artifactName: there is no release ${artifactName}`);
		const deployment = new DeviceDeployment({ id, artifactName, onStatus });
		account.deployments.push(deployment);
		return deployment;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await closeServer(this.#server);
	}

	async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
		const { method = 'GET', headers } = request;
		const { pathname, searchParams } = new URL(request.url ?? '/', 'http://host');
		const body = await readRequestBody(request, { mostBytes: MENDER_LIMITS.bodyBytes });
		const keep = (status: number) => this.#log.keep({ method, path: pathname, status, range: headers.range, body: body?.toString() ?? '' });
		const send = (answer: MenderAnswer) => {
			keep(answer.status);
			sendAnswer(response, answer);
		};
		if (pathname.startsWith('/download/')) {
			const found = this.#linked(pathname, searchParams);
			if ('status' in found) return send(found);
			response.once('close', () => keep(response.statusCode));
			const fault = this.faults.take() ?? this.#options.faultOf?.(headers['user-agent'] ?? '');
			return serveArtifact(request, response, { ...found, clock: this.#options.clock, fault, answer: this.#answers++ });
		}
		const refusal = this.refusals.shift();
		if (refusal !== undefined) return send(refuse(refusal, 'called for by the test'));
		if (body === undefined) return send(refuse(413, `a body of more than ${MENDER_LIMITS.bodyBytes} bytes`));
		const resource = parseMenderPath(pathname);
		if (!resource) return send(refuse(404, `there is no ${pathname}`));
		const host = /^[\w.-]+(:\d+)?$/.test(headers.host ?? '') ? headers.host : `127.0.0.1:${this.port}`;
		const { clock, tokenLifeMs = 7 * DAY_MS, linkLifeMs = DAY_MS } = this.#options;
		send(
			answerMender(
				{
					method,
					resource,
					body,
					query: searchParams,
					signature: headers['x-men-signature'] as string | undefined,
					account: this.#admit(headers.authorization),
				},
				{
					devices: this.devices,
					tokenKey: this.#keys.privateKey,
					tokenEndS: Math.floor((clock.epochMs + tokenLifeMs) / 1000),
					releaseOf: (name) => this.#releases.get(name) ?? [],
					onAttributes: (account) => this.#options.onAttributes?.(account),
					link: ({ artifactName, filename }) => this.#link({ artifactName, filename, host: host ?? '', endMs: clock.epochMs + linkLifeMs }),
				},
			),
		);
	}

	#admit(authorization: string | undefined): MenderAccount | undefined {
		const [scheme, token] = authorization?.split(' ') ?? [];
		if (scheme !== 'Bearer' || token === undefined) return undefined;
		const found = readToken(token, { publicKey: this.#keys.publicKey, nowS: this.#options.clock.epochMs / 1000 });
		return found && this.devices.ofToken(found);
	}

	/** A link that is good for a time, by itself: clients send no token to where artifacts lie. */
	#link(of: { readonly artifactName: string; readonly filename: string; readonly host: string; readonly endMs: number }): { uri: string; expire: string } {
		const expire = new Date(of.endMs).toISOString();
		const path = `/download/${encodeURIComponent(of.artifactName)}/${encodeURIComponent(of.filename)}`;
		return { uri: `http://${of.host}${path}?${new URLSearchParams({ expire, signature: this.#signLink(path, expire) })}`, expire };
	}

	#signLink(path: string, expire: string): string {
		return createHmac('sha256', this.#linkKey).update(`${path}\n${expire}`).digest('base64url');
	}

	#linked(path: string, query: URLSearchParams): { readonly artifact: Artifact } | MenderAnswer {
		const expire = query.get('expire') ?? '';
		const given = Buffer.from(query.get('signature') ?? '');
		const right = Buffer.from(this.#signLink(path, expire));
		if (given.length !== right.length || !timingSafeEqual(given, right)) return refuse(403, 'the link is not signed');
		if (Date.parse(expire) <= this.#options.clock.epochMs) return refuse(403, `the link was good until ${expire}`);
		const [, , artifactName = '', filename = ''] = path.split('/').map(decodeURIComponent);
		const found = this.#releases.get(artifactName)?.find(({ artifact }) => artifact.filename === filename);
		return found ?? refuse(404, `there is no ${filename} in ${artifactName}`);
	}

	#fail(response: ServerResponse, error: unknown): void {
		if (response.headersSent || response.destroyed) response.destroy();
		else if (error instanceof MenderError) sendAnswer(response, refuse(400, error.message));
		else sendAnswer(response, refuse(500, error instanceof Error ? error.message : String(error)));
	}
}

const sendAnswer = (response: ServerResponse, { status, json, jwt }: MenderAnswer): void => {
	const body = Buffer.from(jwt ?? (json === undefined ? '' : JSON.stringify(json)));
	const type = jwt === undefined ? 'application/json; charset=utf-8' : 'application/jwt';
	response.writeHead(status, { ...(body.length > 0 && { 'content-type': type }), ...(status !== 204 && { 'content-length': body.length }) }).end(body);
};
