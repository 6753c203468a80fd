import { stringify } from 'yaml';
import type { GpioChipFacts } from './gpio-chips.js';
import type { SerialPortFacts } from './serial-ports.js';
import { hubPortOf, type UsbHubFacts } from './usb-hubs.js';

export interface Discovery {
	readonly ports: readonly SerialPortFacts[];
	readonly chips: readonly GpioChipFacts[];
	readonly hubs: readonly UsbHubFacts[];
}

/** A rig file to begin with: a board for each serial port, what else there is as comments. It is valid as it stands. */
export const createRigSkeleton = ({ ports, chips, hubs }: Discovery, { name }: { readonly name: string }): string => {
	const boards = ports.filter(({ isKernelConsole }) => !isKernelConsole).map((port, index) => ({ name: `board-${index + 1}`, port }));
	return [
		comment([`Found on ${name}. Give boards their types (./types/….yaml; generic knows a console alone) and power, then: blackstart rig check FILE`]),
		stringify({ schema: 'rig/v1', rig: rigNameOf(name) }),
		comment(describeChips(chips)),
		comment(describeHubs(hubs)),
		'\nboards:\n',
		...(boards.length === 0
			? [comment(['No serial port for a board is plugged in: this board is virtual.'], '  '), '  virtual-1: { type: virtual-avr, backend: virtual }\n']
			: boards.map((board) => describeBoard(board, { ports, hubs }))),
	].join('');
};

const rigNameOf = (hostName: string): string =>
	hostName
		.toLowerCase()
		.replaceAll(/[^a-z0-9-]+/g, '-')
		.replace(/^-+/, '')
		.slice(0, 40) || 'bench';

const comment = (lines: readonly string[], indent = ''): string => lines.map((line) => `${indent}# ${line}`.trimEnd().concat('\n')).join('');

const describeChips = (chips: readonly GpioChipFacts[]): readonly string[] => {
	if (chips.length === 0) return ['', 'GPIO: no chip.'];
	return chips.flatMap(({ name, label, lines }) => {
		const free = lines.flatMap((line) => (line.name === undefined || line.isUsed ? [] : [line.name]));
		const named =
			free.length > 0
				? `free lines: ${free.join(', ')}`
				: lines.length > 0
					? `none of its lines has a name: say { chip: ${label ?? name}, line: 'line 0' } to 'line ${lines.length - 1}'`
					: 'names of its lines: install gpiod (gpioinfo)';
		return ['', `GPIO: ${name}${label === undefined ? '' : ` (${label})`}: ${named}`];
	});
};

const describeHubs = (hubs: readonly UsbHubFacts[]): readonly string[] =>
	hubs.map(({ location, name, ports, switches }) => {
		const can =
			switches === undefined ? 'install uhubctl to see whether it switches' : switches ? 'switches each port (driver uhubctl)' : 'does not switch its ports';
		return `USB hub ${location}${name === undefined ? '' : ` (${name})`}, ${ports} ports: ${can}`;
	});

const describeBoard = (
	{ name, port }: { readonly name: string; readonly port: SerialPortFacts },
	{ ports, hubs }: Pick<Discovery, 'ports' | 'hubs'>,
): string => {
	const { usb, path, stablePaths, driver } = port;
	const console = usb === undefined ? { path: stablePaths[0] ?? path } : { match: matchOf(port, ports) };
	const what =
		usb === undefined ? path : `${path}: ${usb.name ?? 'USB serial port'} (${usb.vendor}:${usb.product}${driver === undefined ? '' : `, ${driver}`})`;
	const board = { type: 'generic', ...(usb?.serial === undefined ? {} : { identity: { usbSerial: usb.serial } }), serial: { console } };
	return `${comment([what], '  ')}${indented(stringify({ [name]: board }))}${comment(powerHints(port, hubs), '    ')}`;
};

const powerHints = ({ usb }: SerialPortFacts, hubs: readonly UsbHubFacts[]): readonly string[] => {
	const hints = ['power: { driver: gpio-relay, line: { chip: gpiochip0, line: NAME }, safe: unpowered, offTime: 1500ms, sense: { kind: console-silence } }'];
	if (usb === undefined) return hints;
	const { location, port } = hubPortOf(usb.usbPath);
	if (hubs.find((hub) => hub.location === location)?.switches === true)
		hints.unshift(
			`power: { driver: uhubctl, location: '${location}', port: ${port}, sense: { kind: console-silence } }   # and serial.console.openWhen: after-power`,
		);
	return hints;
};

/** No more than it takes to tell it from the others; where it is plugged in always. */
const matchOf = ({ usb }: SerialPortFacts, ports: readonly SerialPortFacts[]): object => {
	const siblings = ports.filter((other) => other.usb?.usbPath === usb?.usbPath);
	const sameIface = siblings.filter((other) => other.usb?.iface === usb?.iface);
	return { usbPath: usb?.usbPath, ...(siblings.length > 1 ? { iface: usb?.iface } : {}), ...(sameIface.length > 1 ? { port: usb?.port } : {}) };
};

const indented = (text: string): string => text.replaceAll(/^(?=.)/gm, '  ');
