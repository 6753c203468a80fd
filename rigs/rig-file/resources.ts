import type { UsbMatch } from './rig-file.js';
import type { BoardData, RigData } from './rig-schema.js';

type Path = readonly PropertyKey[];

/** Something only one board can have: two names of the same thing are the same text. */
export interface Resource {
	readonly id: string;
	/** For people. */
	readonly what: string;
	/** Where the board names it, from the board on. */
	readonly path: Path;
	/** Boards that use it in the same way may share it, as those on one relay board share its port. */
	readonly sharedAs?: string;
}

/** Everything a board takes for itself. */
export const resourcesOf = (board: BoardData, { broker }: { readonly broker: RigData['broker'] }): readonly Resource[] => [
	...consoleResources(board),
	...lineResources(board),
	...(board.power === undefined ? [] : powerResources(board.power, broker)),
	...flasherResources(board),
	...identityResources(board),
	...clientResources(board),
];

type Serial = { readonly match?: UsbMatch | undefined; readonly path?: string | undefined };

/** By where it is plugged in before by its serial number: adapters may share one of those. Capitals make no other number. */
const serialId = ({ match, path }: Serial): string | undefined =>
	match === undefined ? path : `${match.usbPath ?? match.serial?.toLowerCase()} ${match.iface ?? 0} ${match.port ?? 0}`;

const consoleResources = ({ serial }: BoardData): readonly Resource[] => {
	const console = serial?.console ?? {};
	const id = serialId(console);
	if (id === undefined) return [];
	const port: Resource = { id: `serial ${id}`, what: 'the serial port', path: ['serial', 'console', console.match === undefined ? 'path' : 'match'] };
	// One that another board knows by this serial number alone.
	const { usbPath, serial: number, iface = 0, port: index = 0 } = console.match ?? {};
	if (usbPath === undefined || number === undefined) return [port];
	return [port, { ...port, id: `serial ${number.toLowerCase()} ${iface} ${index}`, sharedAs: 'plugged in elsewhere' }];
};

const line = ({ chip, line }: { readonly chip: string; readonly line: string }, path: Path): Resource => ({
	id: `line ${chip} ${line}`,
	what: `the line ${line} of ${chip}`,
	path,
});

const lineResources = ({ lines }: BoardData): readonly Resource[] => [
	...(lines.reset === undefined ? [] : [line(lines.reset.gpio, ['lines', 'reset', 'gpio'])]),
	...(lines.boot === undefined ? [] : [line(lines.boot.gpio, ['lines', 'boot', 'gpio'])]),
];

const powerResources = (power: NonNullable<BoardData['power']>, broker: RigData['broker']): readonly Resource[] => {
	const sensed = senseResources(power.sense);
	const at = (key: string): Path => ['power', key];
	switch (power.driver) {
		case 'gpio-relay':
			return [line(power.line, at('line')), ...sensed];
		case 'serial-relay':
			return [
				{ id: `serial ${serialId(power)}`, what: 'the serial port', path: at(power.match === undefined ? 'path' : 'match'), sharedAs: 'relay' },
				{ id: `relay ${serialId(power)} ${power.channel}`, what: `channel ${power.channel} of the relay`, path: at('channel') },
				...sensed,
			];
		case 'uhubctl':
			return [{ id: `hub ${power.location} ${power.port}`, what: `port ${power.port} of hub ${power.location}`, path: at('port') }, ...sensed];
		case 'shelly-gen1':
		case 'shelly-gen2':
		case 'tasmota-http':
			return [
				{ id: `plug ${power.host.toLowerCase()} ${power.channel}`, what: `output ${power.channel} of the plug at ${power.host}`, path: at('host') },
				...sensed,
			];
		case 'shelly-mqtt':
		case 'tasmota-mqtt':
			return [
				{
					id: `plug ${power.broker ?? broker?.url} ${power.topic} ${power.channel}`,
					what: `output ${power.channel} of the plug ${power.topic}`,
					path: at('topic'),
				},
				...sensed,
			];
		case 'command':
			return [{ id: `command ${power.powerOff.join('\0')}`, what: 'the command that cuts power', path: at('powerOff') }, ...sensed];
		case 'qemu':
			return [{ id: `qemu ${power.socket}`, what: `the QEMU behind ${power.socket}`, path: at('socket') }, ...sensed];
		case 'virtual':
			return sensed;
	}
};

const senseResources = (sense: NonNullable<BoardData['power']>['sense']): readonly Resource[] => {
	if (sense.kind === 'gpio-in') return [line(sense.gpio, ['power', 'sense', 'gpio'])];
	if (sense.kind !== 'ina219') return [];
	const address = `0x${sense.address.toString(16)}`;
	return [{ id: `i2c ${sense.bus} ${address}`, what: `the sensor at ${address} of ${sense.bus}`, path: ['power', 'sense', 'address'] }];
};

const flasherResources = ({ flasher }: BoardData): readonly Resource[] => {
	const id = serialId(flasher ?? {});
	return [
		...(id === undefined
			? []
			: [{ id: `serial ${id}`, what: 'the serial port', path: ['flasher', flasher?.match === undefined ? 'path' : 'match'], sharedAs: 'console' }]),
		...(flasher?.probe === undefined
			? []
			: [{ id: `probe ${flasher.probe.toLowerCase()}`, what: `the debug probe ${flasher.probe}`, path: ['flasher', 'probe'] }]),
	];
};

const identityResources = ({ identity }: BoardData): readonly Resource[] => [
	...(identity.mac === undefined ? [] : [{ id: `mac ${identity.mac.toLowerCase()}`, what: `the MAC address ${identity.mac}`, path: ['identity', 'mac'] }]),
	...(identity.chipId === undefined
		? []
		: [{ id: `chip ${identity.chipId.toLowerCase()}`, what: `the chip ${identity.chipId}`, path: ['identity', 'chipId'] }]),
];

const clientResources = ({ network }: BoardData): readonly Resource[] =>
	network?.client === undefined ? [] : [{ id: `client ${network.client}`, what: `the client id ${network.client}`, path: ['network', 'client'] }];
