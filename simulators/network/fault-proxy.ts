import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type KernelLoss, openKernelLoss } from './kernel-loss.js';
import type { Link } from './link.js';
import { splice } from './splice.js';
import type { JoinOptions, Transport } from './transport.js';

export interface FaultProxyOptions {
	/** Where the broker listens. */
	readonly broker: { readonly host: string; readonly port: number };
	/** Called with what goes wrong with the proxy itself, never with what a link does. */
	readonly onError: (error: Error) => void;
	/** Devices hold their end of the link itself, in this process: what lies on a socket is the other end alone. */
	readonly withoutDeviceSockets?: boolean;
	/** With it the kernel drops that share of the packets between devices and proxy, until `loss` is told otherwise. */
	readonly realLossRatio?: number | undefined;
	/** Gives the link of a client that nobody here wrote and that dials the port by itself; then `join` is not for this proxy. */
	readonly linkOfStranger?: () => Link;
}

/**
 * A transport of real sockets: devices dial the proxy's port on the loopback, and it dials the broker's. Between the two lies the
 * link with its faults: latency, bandwidth, stalls, resets, silence, cuts at an exact byte or packet. A reset is TCP's own (RST).
 */
export const openFaultProxy = async (options: FaultProxyOptions): Promise<FaultProxy> => {
	const server = createServer({ noDelay: true, pauseOnConnect: true });
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen({ host: LOOPBACK, port: 0 }, () => {
			server.off('error', reject);
			resolve();
		});
	});
	const proxy = new FaultProxy(server, options);
	if (options.realLossRatio !== undefined) {
		const { onError, realLossRatio: lossRatio } = options;
		try {
			proxy.loss = await openKernelLoss({ port: proxy.port, lossRatio, onError });
		} catch (error) {
			await proxy[Symbol.asyncDispose]();
			throw error;
		}
	}
	return proxy;
};

const LOOPBACK = '127.0.0.1';

export class FaultProxy implements Transport {
	loss: KernelLoss | undefined;
	readonly #server: Server;
	readonly #options: FaultProxyOptions;
	readonly #sockets = new Set<Socket>();
	/** Links whose device has dialled, and sockets that came in, by the device's side: whichever is first waits for the other. */
	readonly #dialled = new Map<string, Link>();
	readonly #arrived = new Map<string, Socket>();

	constructor(server: Server, options: FaultProxyOptions) {
		this.#server = server;
		this.#options = options;
		server.on('error', options.onError);
		server.on('connection', (socket) => this.#arrive(socket));
	}

	get port(): number {
		const address = this.#server.address();
		return address !== null && typeof address === 'object' ? address.port : 0;
	}

	join(link: Link, { refused = false, thing = '' }: JoinOptions = {}): Duplex {
		if (this.#options.linkOfStranger) throw new TypeError('join: this proxy is for strangers, who dial by themselves');
		if (!refused) splice(this.#dialBroker(), link.brokerEnd);
		if (this.#options.withoutDeviceSockets) return link.deviceEnd;
		const socket = this.#keep(connect({ host: LOOPBACK, port: this.port, noDelay: true, ...(this.loss ? { localAddress: this.loss.addressOf(thing) } : {}) }));
		socket.once('connect', () => this.#pair(nameOf(socket.localAddress, socket.localPort), { link }));
		return socket;
	}

	async [Symbol.asyncDispose](): Promise<void> {
		for (const socket of this.#sockets) socket.destroy();
		this.#dialled.clear();
		this.#arrived.clear();
		await new Promise<void>((resolve) => this.#server.close(() => resolve()));
		await this.loss?.[Symbol.asyncDispose]();
	}

	#dialBroker(): Socket {
		return this.#keep(connect({ ...this.#options.broker, noDelay: true }));
	}

	#arrive(socket: Socket): void {
		this.#keep(socket);
		const link = this.#options.linkOfStranger?.();
		if (!link) return this.#pair(nameOf(socket.remoteAddress, socket.remotePort), { socket });
		splice(this.#dialBroker(), link.brokerEnd);
		splice(socket, link.deviceEnd);
	}

	#pair(name: string, found: { readonly link?: Link; readonly socket?: Socket }): void {
		const link = found.link ?? this.#dialled.get(name);
		const socket = found.socket ?? this.#arrived.get(name);
		if (link === undefined || socket === undefined) {
			if (link) this.#dialled.set(name, link);
			if (socket) this.#arrived.set(name, socket);
			return;
		}
		this.#dialled.delete(name);
		this.#arrived.delete(name);
		splice(socket, link.deviceEnd);
	}

	#keep(socket: Socket): Socket {
		this.#sockets.add(socket);
		socket.once('close', () => this.#sockets.delete(socket));
		return socket;
	}
}

/** Two addresses may have the same port. */
const nameOf = (address = '', port = 0): string => `${address}:${port}`;
