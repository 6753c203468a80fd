import type { SerialAddress, UsbMatch } from '../rig-file/index.js';
import type { RigHost } from './rig-host.js';
import { listSerialPorts, type SerialPortFacts } from './serial-ports.js';

/** No port, or more than one, is what a rig file says. */
export class SerialPortError extends Error {
	override readonly name = 'SerialPortError';
	readonly code: 'port-absent' | 'port-ambiguous';

	constructor(code: 'port-absent' | 'port-ambiguous', message: string) {
		super(message);
		this.code = code;
	}
}

/** The path that a port has now; throws a SerialPortError that says what is plugged in. A port that its backend makes cannot be found. */
export const findSerialPort = (address: SerialAddress, host: RigHost): string => {
	if (address.kind === 'backend') throw new SerialPortError('port-absent', 'a serial port of this machine was expected, the backend of the board makes it');
	if (address.kind === 'path') {
		if (host.status(address.path) !== undefined) return address.path;
		throw new SerialPortError('port-absent', `serial port ${address.path}: it is not there; ${describePorts(listSerialPorts(host))}`);
	}
	const ports = listSerialPorts(host);
	const [found, ...more] = ports.filter(({ usb }) => usb !== undefined && matches(address.match, usb));
	if (found === undefined)
		throw new SerialPortError('port-absent', `serial port ${describeMatch(address.match)}: nothing like it is plugged in; ${describePorts(ports)}`);
	if (more.length > 0) {
		const paths = [found, ...more].map(describePort).join(', ');
		throw new SerialPortError(
			'port-ambiguous',
			`serial port ${describeMatch(address.match)}: one was expected, ${more.length + 1} are like it: ${paths}; add usbPath, iface or port`,
		);
	}
	return found.path;
};

/** Serial numbers and ids are compared without their case: tools print them either way. */
const matches = (match: UsbMatch, usb: NonNullable<SerialPortFacts['usb']>): boolean =>
	(match.usbPath === undefined || match.usbPath === usb.usbPath) &&
	(match.iface === undefined || match.iface === usb.iface) &&
	(match.port === undefined || match.port === usb.port) &&
	isSameId(match.serial, usb.serial) &&
	isSameId(match.vendor, usb.vendor) &&
	isSameId(match.product, usb.product);

const isSameId = (wanted: string | undefined, found: string | undefined): boolean => wanted === undefined || wanted.toLowerCase() === found?.toLowerCase();

const describeMatch = (match: UsbMatch): string =>
	Object.entries(match)
		.filter(([, value]) => value !== undefined)
		.map(([key, value]) => `${key} ${value}`)
		.join(', ');

const describePorts = (ports: readonly SerialPortFacts[]): string =>
	ports.length === 0 ? 'no serial port is plugged in' : `plugged in: ${ports.map(describePort).join(', ')}`;

const describePort = ({ path, usb }: SerialPortFacts): string =>
	usb === undefined ? path : `${path} (usbPath ${usb.usbPath}, iface ${usb.iface}${usb.serial === undefined ? '' : `, serial ${usb.serial}`})`;
