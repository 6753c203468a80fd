import type { LinkConditions } from '../../harness/faults/index.js';
import type { Rung } from '../../harness/scenario/index.js';
import { type Broker, type BrokerOptions, type Cloud, ExternalBroker, type ExternalBrokerOptions, openMosquitto, SERVICE_NAME } from '../cloud/index.js';
import { createMemoryTransport, openFaultProxy, TlsTransport, type Transport } from '../network/index.js';
import { readAccount, readServiceTls, readThingTls } from './broker-account.js';
import { TlsWire } from './tls-wire.js';

/** Which broker a fleet and its update service meet at, and how devices come to it. */
export interface BrokerSite {
	/** Absent where it is the service's own. */
	readonly createBroker?: (options: BrokerOptions) => Broker;
	/** Absent where there is no TLS, or its certificates are the user's. */
	readonly wire?: TlsWire;
	/** Tells the broker of a device's secret, where it keeps a list of its own. */
	admit(thing: string, password: string): void;
	/** Sockets need a port of the broker's, and an end that is no device's fault. */
	openTransport(cloud: Cloud, link: LinkConditions): Promise<Transport>;
}

export interface BrokerSiteOptions {
	readonly rung: Rung | undefined;
	/** Called with what goes wrong with the wire or the broker itself. */
	readonly onError: (error: Error) => void;
}

/** Where the rung asks for a mosquitto it is started; the broker created of it ends it. */
export const openBrokerSite = async ({ rung, onError }: BrokerSiteOptions): Promise<BrokerSite> => {
	if (rung === undefined || rung.transport === 'memory')
		return { admit, openTransport: async (cloud) => createMemoryTransport((stream) => cloud.accept(stream)) };
	const wire = rung.transport === 'tls' && !isUrl(rung.broker) ? new TlsWire() : undefined;
	if (rung.broker === undefined) return openOwnSite({ rung, wire, onError });
	if (rung.broker === 'mosquitto') return openMosquittoSite({ rung, wire, onError });
	return openSiteOfTheUsers(rung.broker, { rung, onError });
};

interface Wired {
	readonly rung: Rung;
	readonly wire: TlsWire | undefined;
	readonly onError: (error: Error) => void;
}

const openOwnSite = ({ rung, wire, onError }: Wired): BrokerSite => ({
	admit,
	...(wire ? { wire } : {}),
	openTransport: async (cloud, link) => {
		const door = await cloud.listenTcp({ host: LOOPBACK, port: 0, ...(wire ? { tls: wire.authority.doorTls() } : {}) });
		wire?.attach(door);
		const proxy = await openFaultProxy({ broker: { host: LOOPBACK, port: door.port }, onError, ...devicesOf(rung), ...realLoss(rung, link) });
		return wire ? wire.secure(proxy) : proxy;
	},
});

const openMosquittoSite = async ({ rung, wire, onError }: Wired): Promise<BrokerSite> => {
	const mosquitto = await openMosquitto(wire ? { tls: wire.authority.doorTls() } : {});
	wire?.attach({ changeTls: (tls) => mosquitto.changeTls(tls) });
	const address = { host: LOOPBACK, port: mosquitto.port };
	const shown = wire && {
		...wire.authority.identityOf(SERVICE_NAME),
		authority: wire.authority.certificate,
		serverName: wire.authority.serverName,
	};
	return {
		createBroker: (options) =>
			new ExternalBroker(options, {
				...serviceOptions({ rung, onError }),
				...address,
				...(shown ? { tls: shown } : mosquitto.service),
				close: async () => mosquitto[Symbol.asyncDispose](),
			}),
		...(wire ? { wire } : {}),
		admit: (thing, password) => mosquitto.admit(thing, password),
		openTransport: async (_cloud, link) => {
			const proxy = await openFaultProxy({ broker: address, onError, ...devicesOf(rung), ...realLoss(rung, link) });
			return wire ? wire.secure(proxy) : proxy;
		},
	};
};

const openSiteOfTheUsers = (broker: string, { rung, onError }: { readonly rung: Rung; readonly onError: (error: Error) => void }): BrokerSite => {
	const { protocol, hostname, port } = new URL(broker);
	const secured = protocol === 'mqtts:';
	const host = hostname.replace(/^\[|\]$/g, '');
	const address = { host, port: Number(port) || DEFAULT_PORTS[secured ? 'mqtts' : 'mqtt'] };
	return {
		createBroker: (options) =>
			new ExternalBroker(options, { ...serviceOptions({ rung, onError }), ...address, ...readAccount(), ...(secured ? { tls: readServiceTls() } : {}) }),
		admit,
		openTransport: async () => {
			const proxy = await openFaultProxy({ broker: address, onError, ...devicesOf(rung) });
			return secured ? new TlsTransport(proxy, { clientOf: (thing) => readThingTls(thing, { serverName: host }) }) : proxy;
		},
	};
};

const serviceOptions = ({
	rung,
	onError,
}: {
	readonly rung: Rung;
	readonly onError: (error: Error) => void;
}): Pick<ExternalBrokerOptions, 'level' | 'onLost'> => ({
	level: rung.mqtt ?? 4,
	onLost: onError,
});

const devicesOf = ({ faults }: Rung): { readonly withoutDeviceSockets: boolean } => ({ withoutDeviceSockets: faults === 'device' });

const realLoss = ({ loss }: Rung, { lossRatio }: LinkConditions): { readonly realLossRatio?: number } => (loss === 'real' ? { realLossRatio: lossRatio } : {});

const isUrl = (broker: Rung['broker']): boolean => broker !== undefined && broker !== 'mosquitto';

const LOOPBACK = '127.0.0.1';
/** Of MQTT, as IANA has it. */
const DEFAULT_PORTS = { mqtt: 1883, mqtts: 8883 } as const;

const admit = (): void => {};
