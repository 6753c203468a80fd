/** A rung of the ladder from virtual time in memory up to real sockets. */
export interface Rung {
	/** Seconds of the fleet's time in each second of the wall's, above 0. */
	readonly speed: number;
	/** What lies between devices and broker: streams in memory, or sockets of the loopback with a fault proxy between. */
	readonly transport: Transport;
}

export const TRANSPORTS = ['memory', 'tcp'] as const;
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

/** The parts of a case back; undefined where none of them stands there. Throws a TypeError. */
export const parseRung = (values: ReadonlyMap<string, string>): Rung | undefined => {
	const [time, speed = '1', transport = 'memory'] = ['time', 'speed', 'transport'].map((name) => values.get(name));
	if (time === undefined && !values.has('speed') && !values.has('transport')) return undefined;
	if (time !== 'real') throw new TypeError('speed= and transport= go with time=real');
	if (!isTransport(transport)) throw new TypeError(`transport= should hold one of ${TRANSPORTS.join(', ')}`);
	return { speed: parseSpeed(speed), transport };
};

/** As parts of a case: `time=real`, `speed=10`, `transport=tcp`. */
export const encodeRung = ({ speed, transport }: Rung): readonly string[] => ['time=real', `speed=${speed}`, `transport=${transport}`];
