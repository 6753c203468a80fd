import type { GpioOptions } from '../drivers/gpio/index.js';
import type { PowerOptions, SenseOptions } from '../drivers/power/index.js';
import type { BoardSpec, PowerSpec, Secret, SerialAddress } from '../rig-file/index.js';
import { BoardError } from './board-error.js';

export interface PowerHost {
	/** Where the lines of this board are. */
	readonly gpio: GpioOptions;
	/** Path of a port that is known by what identifies it. */
	readonly findPort: (address: SerialAddress) => string;
	readonly broker: { readonly url: string; readonly username?: string | undefined; readonly password?: Secret | undefined } | undefined;
	/** Where secrets are looked up; that of the process by default. */
	readonly environment?: Readonly<Record<string, string | undefined>> | undefined;
}

type Driver<Name extends PowerSpec['driver']> = Extract<PowerSpec, { readonly driver: Name }>;

/** What the power driver of a board is opened with; secrets are revealed. Throws a BoardError `lacks` for what the rig file leaves open. */
export const toPowerOptions = ({ name, power }: Pick<BoardSpec, 'name' | 'power'>, host: PowerHost): PowerOptions => {
	if (power === undefined) throw new BoardError('lacks', `board ${name}: nothing switches its power: its rig file should name a driver (power: { driver })`);
	const env =
		power.driver === 'command' ? Object.fromEntries(Object.entries(power.env).map(([key, secret]) => [key, secret.reveal(host.environment)])) : undefined;
	const sensedBy = senseOf(power, { gpio: host.gpio, env });
	const timings = { name, offTimeMs: power.offTime, settleMs: power.settle, withinMs: power.within, ...(sensedBy ? { sensedBy } : {}) };
	switch (power.driver) {
		case 'virtual':
			return { driver: 'virtual', gpio: host.gpio, line: { chip: 'virtual', line: 'POWER', activeLow: false }, ...timings };
		case 'gpio-relay':
			return { driver: 'gpio-relay', gpio: host.gpio, line: { ...power.line, activeLow: power.activeLow, drive: power.drive }, ...timings };
		case 'serial-relay':
			return { driver: 'serial-relay', path: host.findPort(addressOf(power, name)), baudRate: power.baud, channel: power.channel, ...timings };
		case 'uhubctl':
			return { driver: 'uhubctl', location: power.location, port: power.port, retries: power.retries, ...timings };
		case 'shelly-gen1':
		case 'tasmota-http':
			return { driver: power.driver, host: power.host, channel: power.channel, ...userOf(power, host), ...timings };
		case 'shelly-gen2':
			return {
				driver: 'shelly-gen2',
				host: power.host,
				channel: power.channel,
				...(power.password ? { password: power.password.reveal(host.environment) } : {}),
				...timings,
			};
		case 'shelly-mqtt':
			return {
				driver: 'shelly-mqtt',
				topic: power.topic,
				generation: power.generation,
				channel: power.channel,
				...brokerOf(power, { name, host }),
				...timings,
			};
		case 'tasmota-mqtt':
			return { driver: 'tasmota-mqtt', topic: power.topic, channel: power.channel, ...brokerOf(power, { name, host }), ...timings };
		case 'qemu':
			return { driver: 'qemu', qmpSocket: power.socket, ...timings };
		case 'command':
			return {
				driver: 'command',
				powerOn: power.powerOn,
				powerOff: power.powerOff,
				...(env ? { env } : {}),
				...timings,
			};
	}
};

/** What sees the supply. Undefined: its switch says so itself. The silence of a console is heard where the console is. */
const senseOf = (
	{ sense }: PowerSpec,
	{ gpio, env }: { readonly gpio: GpioOptions; readonly env: Readonly<Record<string, string>> | undefined },
): SenseOptions | undefined => {
	switch (sense.kind) {
		case 'driver':
			return undefined;
		case 'gpio-in':
			return { kind: 'gpio-in', gpio, line: { ...sense.gpio, activeLow: sense.activeLow } };
		case 'ina219':
			return { kind: 'ina219', bus: sense.bus, address: sense.address, offBelowV: sense.offBelow };
		case 'command':
			return { kind: 'command', read: sense.read, powered: sense.powered.source, ...(env ? { env } : {}) };
		case 'none':
		case 'console-silence':
			return { kind: 'none' };
	}
};

const userOf = (
	{ username, password }: Driver<'shelly-gen1'> | Driver<'tasmota-http'>,
	host: PowerHost,
): { readonly username?: string; readonly password?: string } => ({
	...(username === undefined ? {} : { username }),
	...(password === undefined ? {} : { password: password.reveal(host.environment) }),
});

const brokerOf = (
	power: Driver<'shelly-mqtt'> | Driver<'tasmota-mqtt'>,
	{ name, host }: { readonly name: string; readonly host: PowerHost },
): { readonly broker: string; readonly username?: string; readonly password?: string } => {
	const broker = power.broker ?? host.broker?.url;
	if (broker === undefined)
		throw new BoardError('lacks', `board ${name}: power ${power.driver} needs a broker: its own (power: { broker }) or the rig's (broker: { url })`);
	const { username, password } = power.broker === undefined && host.broker ? host.broker : power;
	return { broker, ...(username === undefined ? {} : { username }), ...(password === undefined ? {} : { password: password.reveal(host.environment) }) };
};

const addressOf = ({ match, path }: Driver<'serial-relay'>, name: string): SerialAddress => {
	if (match !== undefined) return { kind: 'usb', match };
	if (path !== undefined) return { kind: 'path', path };
	throw new BoardError('lacks', `board ${name}: power serial-relay: the port of the relay was expected (match or path)`);
};
