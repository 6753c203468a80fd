import { z } from 'zod';
import { oneOf, shaped, told, whole } from './values.js';

const QUOTED = 'in quotes where it looks like a number';

/** A USB serial port by what stays the same when it is plugged in again: where it is plugged in, or its own serial number. */
export const usbMatch = z
	.strictObject(
		{
			usbPath: shaped('the USB path of the port was expected (1-1.2), as `rig discover` prints it', /^\d{1,3}-\d{1,3}(\.\d{1,3})*$/)
				.describe('Bus and ports that lead to it: 1-1.2')
				.optional(),
			serial: shaped(`the serial number of the USB device was expected, ${QUOTED}`, /^[\x21-\x7e]{1,64}$/)
				.describe('Serial number of the USB device')
				.optional(),
			vendor: shaped("four hex digits were expected, in quotes ('0403')", /^[0-9a-fA-F]{4}$/)
				.describe('USB vendor id')
				.optional(),
			product: shaped("four hex digits were expected, in quotes ('6001')", /^[0-9a-fA-F]{4}$/)
				.describe('USB product id')
				.optional(),
			iface: whole('the number of the USB interface was expected (0)', { most: 31 }).describe('USB interface, of an adapter with several ports').optional(),
			port: whole('the index of the port on its interface was expected (0)', { most: 31 }).describe('Port of an interface that has several').optional(),
		},
		told('what the port is known by was expected: usbPath or serial, with iface where an adapter has several ports'),
	)
	.refine(
		({ usbPath, serial }) => usbPath !== undefined || serial !== undefined,
		told('usbPath or serial was expected: vendor and product are the same for all adapters of a kind'),
	);

/** Names of ports that change with the order in which adapters come up. */
const UNSTABLE =
	'a port by its USB identity was expected (match: { usbPath: 1-1.2, iface: 0 }) or a stable path (/dev/serial/by-path/…, /dev/ttyAMA0): /dev/ttyUSBn and /dev/ttyACMn change with the order in which adapters come up';

export const portPath = shaped(UNSTABLE, /^(?!.*\/(\.{0,2}\/|\.{1,2}$))\/(?!dev\/tty(USB|ACM)\d)[\x21-\x7e]{2,199}$/).describe(
	'A path that stays: /dev/serial/by-path/…, /dev/ttyAMA0',
);

export const baud = whole('a baud rate was expected (115200)', { least: 50, most: 12_000_000 }).describe('Baud rate');

/** Both always: setting one alone moves the other. `none` where the port has no such lines, as a pty. */
export const modemLines = z
	.union(
		[z.literal('none'), z.strictObject({ dtr: oneOf(['active', 'inactive']), rts: oneOf(['active', 'inactive']) })],
		told('both modem lines were expected (lines: { dtr: inactive, rts: inactive }), or none'),
	)
	.describe('DTR and RTS while the console is open; none where the port has none');

export const openWhen = oneOf(['before-power', 'after-power']).describe(
	'before-power: the console is open before the board is powered, so that its first bytes are seen; after-power: its port lives off the supply of the board',
);

export const consoleSchema = z
	.strictObject(
		{
			match: usbMatch.optional(),
			path: portPath.optional(),
			baud: baud.optional(),
			openWhen: openWhen.optional(),
			lines: modemLines.optional(),
		},
		told('a console was expected: match, baud, openWhen, lines'),
	)
	.refine(({ match, path }) => match === undefined || path === undefined, told('match or path was expected, not both'));
