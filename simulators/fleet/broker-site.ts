import type { Rung } from '../../harness/scenario/index.js';
import { type Broker, type BrokerOptions, type Cloud, ExternalBroker, openMosquitto } from '../cloud/index.js';
import { createMemoryTransport, openFaultProxy, type Transport } from '../network/index.js';
import { TlsWire } from './tls-wire.js';

/** Which broker a fleet and its update service meet at, and how devices come to it. */
export interface BrokerSite {
	/** Absent where it is the service's own. */
	readonly createBroker?: (options: BrokerOptions) => Broker;
	/** Absent where there is no TLS. */
	readonly wire?: TlsWire;
	/** Tells the broker of a device's secret, where it keeps a list of its own. */
	admit(thing: string, password: string): void;
	/** Sockets need a port of the broker's, and an end that is no device's fault. */
	openTransport(cloud: Cloud): Promise<Transport>;
}

export interface BrokerSiteOptions {
	readonly rung: Rung | undefined;
	/** Called with what goes wrong with the wire or the broker itself. */
	readonly onError: (error: Error) => void;
}

/** Where the rung asks for a mosquitto it is started; the broker created of it ends it. */
export const openBrokerSite = async ({ rung, onError }: BrokerSiteOptions): Promise<BrokerSite> => {
	if (rung?.transport === 'tls') {
		const wire = new TlsWire();
		return { admit, wire, openTransport: (cloud) => openTlsTransport(wire, { cloud, onError }) };
	}
	if (rung?.transport !== 'tcp') return { admit, openTransport: async (cloud) => createMemoryTransport((stream) => cloud.accept(stream)) };
	if (rung.broker === undefined) {
		const openTransport = async (cloud: Cloud): Promise<Transport> => {
			const { port } = await cloud.listenTcp({ host: LOOPBACK, port: 0 });
			return openFaultProxy({ broker: { host: LOOPBACK, port }, onError });
		};
		return { admit, openTransport };
	}
	if (rung.broker !== 'mosquitto') {
		const { hostname, port } = new URL(rung.broker);
		const address = { host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || DEFAULT_PORT };
		return {
			createBroker: (options) => new ExternalBroker(options, { ...address, ...readAccount(), onLost: onError }),
			admit,
			openTransport: () => openFaultProxy({ broker: address, onError }),
		};
	}
	const mosquitto = await openMosquitto();
	const address = { host: LOOPBACK, port: mosquitto.port };
	return {
		createBroker: (options) =>
			new ExternalBroker(options, { ...address, ...mosquitto.service, onLost: onError, close: async () => mosquitto[Symbol.asyncDispose]() }),
		admit: (thing, password) => mosquitto.admit(thing, password),
		openTransport: () => openFaultProxy({ broker: address, onError }),
	};
};

const openTlsTransport = async (wire: TlsWire, { cloud, onError }: { readonly cloud: Cloud; readonly onError: (error: Error) => void }): Promise<Transport> => {
	const port = await wire.open(cloud, { host: LOOPBACK });
	return wire.secure(await openFaultProxy({ broker: { host: LOOPBACK, port }, onError }));
};

const LOOPBACK = '127.0.0.1';
/** Of MQTT without TLS, as IANA has it. */
const DEFAULT_PORT = 1883;

const admit = (): void => {};

/** Who the service is at a broker of the user's; never in an argument, which others on the machine can read. */
const readAccount = (): { readonly username?: string; readonly password?: string } => {
	const { BLACKSTART_BROKER_USERNAME: username, BLACKSTART_BROKER_PASSWORD: password } = process.env;
	if (username === undefined && password !== undefined)
		throw new TypeError('BLACKSTART_BROKER_PASSWORD: MQTT has no password without BLACKSTART_BROKER_USERNAME, which is missing');
	return { ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password }) };
};
