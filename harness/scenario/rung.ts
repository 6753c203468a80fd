/** A rung of the ladder from virtual time in memory up to real sockets. */
export interface Rung {
	/** Seconds of the fleet's time in each second of the wall's, above 0. */
	readonly speed: number;
	/** What lies between devices and broker: streams in memory, or sockets of the loopback with a fault proxy between, plain or with mutual TLS. */
	readonly transport: Transport;
	/** The broker, where it is not the harness's own: a mosquitto that is started for each case, or the URL of one that runs. */
	readonly broker?: 'mosquitto' | BrokerUrl;
	/** MQTT 5 in place of 3.1.1. */
	readonly mqtt?: 5;
	/** Packets are dropped by the kernel, in a network namespace of the run's own; absent: what their loss costs is modelled in the proxy. */
	readonly loss?: 'real';
	/**
	 * Faults take hold at the device's end of its one socket to the broker; absent: in a proxy, with a socket on either side. What a
	 * link does is the same. A device hears of a reset from the link then, not from the kernel.
	 */
	readonly faults?: 'device';
}

export const BROKER_ENGINES = ['aedes', 'mosquitto'] as const;
export type BrokerEngine = (typeof BROKER_ENGINES)[number];
export type BrokerUrl = `mqtt://${string}` | `mqtts://${string}`;

export const TRANSPORTS = ['memory', 'tcp', 'tls'] as const;
export type Transport = (typeof TRANSPORTS)[number];

export const MQTT_VERSIONS = ['3.1.1', '5'] as const;
export type MqttVersion = (typeof MQTT_VERSIONS)[number];

export const LOSS_MODES = ['modelled', 'real'] as const;
export type LossMode = (typeof LOSS_MODES)[number];

export const FAULT_PLACES = ['proxy', 'device'] as const;
export type FaultPlace = (typeof FAULT_PLACES)[number];

/** More than that and a fleet's timers would be shorter than what the machine takes for a message. */
export const MOST_SPEED = 100;

/** A speed as typed, `10` or `0.5`; throws a TypeError. */
export const parseSpeed = (text: string): number => {
	const speed = /^\d{1,3}(\.\d{1,3})?$/.test(text) ? Number(text) : 0;
	if (!(speed > 0 && speed <= MOST_SPEED)) throw new TypeError(`a number above 0 and up to ${MOST_SPEED} was expected, got '${text}'`);
	return speed;
};

export const isTransport = (text: string): text is Transport => (TRANSPORTS as readonly string[]).includes(text);

/** A broker's URL as typed, without credentials; throws a TypeError. */
export const parseBrokerUrl = (text: string): BrokerUrl => {
	const url = URL.canParse(text) ? new URL(text) : undefined;
	if (url?.username || url?.password)
		throw new TypeError(
			'no credentials were expected in the URL, which stands in reports: BLACKSTART_BROKER_USERNAME and BLACKSTART_BROKER_PASSWORD hold them',
		);
	if (!/^mqtts?:$/.test(url?.protocol ?? '') || !url?.hostname || !/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
		throw new TypeError(`a URL like mqtt://127.0.0.1:1883 was expected, or one with mqtts://, got '${text}'`);
	return `${url.protocol}//${url.host}` as BrokerUrl;
};

/** What does not go together in a rung, and which of its parts is wrong; undefined where all does. */
export const findMisfit = ({
	transport,
	broker,
	mqtt,
	loss,
	faults,
}: Rung): { readonly part: 'broker' | 'mqtt' | 'loss' | 'faults'; readonly why: string } | undefined => {
	if (broker !== undefined && transport === 'memory') return { part: 'broker', why: 'it goes with --time real --transport tcp or tls' };
	if (broker?.startsWith('mqtts:') && transport !== 'tls') return { part: 'broker', why: 'mqtts:// goes with --transport tls' };
	if (broker?.startsWith('mqtt:') && transport !== 'tcp') return { part: 'broker', why: 'mqtt:// goes with --transport tcp, and mqtts:// with tls' };
	if (mqtt === 5 && broker === undefined) return { part: 'mqtt', why: 'Aedes speaks 3.1.1 alone; 5 goes with a mosquitto or a broker of yours' };
	if (loss === 'real' && transport === 'memory') return { part: 'loss', why: 'packets are there to be dropped with --time real --transport tcp or tls' };
	if (loss === 'real' && broker !== undefined && broker !== 'mosquitto')
		return { part: 'loss', why: 'real goes with a network of its own, in which no broker of yours is' };
	if (faults === 'device' && transport === 'memory')
		return { part: 'faults', why: 'without sockets there is no proxy: device goes with --transport tcp or tls' };
	if (faults === 'device' && loss === 'real') return { part: 'faults', why: 'the kernel drops packets at the proxy, which device does without' };
	return undefined;
};

const PARTS = ['speed', 'transport', 'broker', 'mqtt', 'loss', 'faults'] as const;

/** The parts of a case back; undefined where none of them stands there. Throws a TypeError. */
export const parseRung = (values: ReadonlyMap<string, string>): Rung | undefined => {
	const [speed = '1', transport = 'memory', broker, mqtt, loss, faults] = PARTS.map((name) => values.get(name));
	const time = values.get('time');
	if (time === undefined && !PARTS.some((name) => values.has(name))) return undefined;
	if (time !== 'real') throw new TypeError(`${PARTS.map((name) => `${name}=`).join(', ')} go with time=real`);
	if (!isTransport(transport)) throw new TypeError(`transport= should hold one of ${TRANSPORTS.join(', ')}`);
	if (mqtt !== undefined && mqtt !== '5') throw new TypeError('mqtt= should hold 5');
	if (loss !== undefined && loss !== 'real') throw new TypeError('loss= should hold real');
	if (faults !== undefined && faults !== 'device') throw new TypeError('faults= should hold device');
	const rung: Rung = {
		speed: parseSpeed(speed),
		transport,
		...(broker === undefined ? {} : { broker: parseBroker(broker) }),
		...(mqtt === undefined ? {} : { mqtt: 5 }),
		...(loss === undefined ? {} : { loss }),
		...(faults === undefined ? {} : { faults }),
	};
	const misfit = findMisfit(rung);
	if (misfit) throw new TypeError(`${misfit.part}=: ${misfit.why}`);
	return rung;
};

const parseBroker = (text: string): NonNullable<Rung['broker']> => {
	if (text === 'mosquitto') return text;
	try {
		return parseBrokerUrl(decodeURIComponent(text));
	} catch (cause) {
		throw new TypeError(`broker=: ${(cause as Error).message}`, { cause });
	}
};

/** As parts of a case: `time=real`, `speed=10`, `transport=tcp`, `broker=mqtt%3A%2F%2F127.0.0.1%3A1883`, `mqtt=5`, `loss=real`, `faults=device`. */
export const encodeRung = ({ speed, transport, broker, mqtt, loss, faults }: Rung): readonly string[] => [
	'time=real',
	`speed=${speed}`,
	`transport=${transport}`,
	...(broker === undefined ? [] : [`broker=${encodeURIComponent(broker)}`]),
	...(mqtt === undefined ? [] : [`mqtt=${mqtt}`]),
	...(loss === undefined ? [] : [`loss=${loss}`]),
	...(faults === undefined ? [] : [`faults=${faults}`]),
];

/** As reports tell it: whoever reads one learns which loss of packets it was. */
export const describeRung = (rung: Rung): Readonly<Record<string, unknown>> => ({
	time: 'real',
	...rung,
	...(rung.transport === 'memory' ? {} : { loss: rung.loss ?? 'modelled', faults: rung.faults ?? 'proxy' }),
});
