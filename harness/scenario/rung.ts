/** A rung of the ladder from virtual time in memory up to real sockets. */
export interface Rung {
	/** Seconds of the fleet's time in each second of the wall's, above 0. */
	readonly speed: number;
	/** What lies between devices and broker: streams in memory, or sockets of the loopback with a fault proxy between, plain or with mutual TLS. */
	readonly transport: Transport;
	/** The broker, where it is not the harness's own: a mosquitto that is started for each case, or the URL of one that runs. */
	readonly broker?: 'mosquitto' | BrokerUrl;
}

export const BROKER_ENGINES = ['aedes', 'mosquitto'] as const;
export type BrokerEngine = (typeof BROKER_ENGINES)[number];
export type BrokerUrl = `mqtt://${string}`;

export const TRANSPORTS = ['memory', 'tcp', 'tls'] as const;
export type Transport = (typeof TRANSPORTS)[number];

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
	if (url?.protocol !== 'mqtt:' || url.hostname === '' || !/^\/?$/.test(url.pathname) || url.search !== '' || url.hash !== '')
		throw new TypeError(`a URL like mqtt://127.0.0.1:1883 was expected, got '${text}'`);
	return `mqtt://${url.host}`;
};

/** The parts of a case back; undefined where none of them stands there. Throws a TypeError. */
export const parseRung = (values: ReadonlyMap<string, string>): Rung | undefined => {
	const [time, speed = '1', transport = 'memory', broker] = ['time', 'speed', 'transport', 'broker'].map((name) => values.get(name));
	if (time === undefined && !['speed', 'transport', 'broker'].some((name) => values.has(name))) return undefined;
	if (time !== 'real') throw new TypeError('speed=, transport= and broker= go with time=real');
	if (!isTransport(transport)) throw new TypeError(`transport= should hold one of ${TRANSPORTS.join(', ')}`);
	if (broker !== undefined && transport !== 'tcp') throw new TypeError('broker= goes with transport=tcp');
	return { speed: parseSpeed(speed), transport, ...(broker === undefined ? {} : { broker: parseBroker(broker) }) };
};

const parseBroker = (text: string): NonNullable<Rung['broker']> => {
	if (text === 'mosquitto') return text;
	try {
		return parseBrokerUrl(decodeURIComponent(text));
	} catch (cause) {
		throw new TypeError(`broker=: ${(cause as Error).message}`, { cause });
	}
};

/** As parts of a case: `time=real`, `speed=10`, `transport=tcp`, `broker=mqtt%3A%2F%2F127.0.0.1%3A1883`. */
export const encodeRung = ({ speed, transport, broker }: Rung): readonly string[] => [
	'time=real',
	`speed=${speed}`,
	`transport=${transport}`,
	...(broker === undefined ? [] : [`broker=${encodeURIComponent(broker)}`]),
];
