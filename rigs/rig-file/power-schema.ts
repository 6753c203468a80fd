import { z } from 'zod';
import { gpioLine } from './line-schema.js';
import { baud, portPath, usbMatch } from './serial-schema.js';
import { commandLine, duration, oneOf, pattern, secret, shaped, text, told, voltage, whole, yesOrNo } from './values.js';

/** How the rig sees whether the board is powered. */
const sense = z
	.discriminatedUnion(
		'kind',
		[
			z.strictObject({ kind: z.literal('none') }),
			/** The supply itself says so, as plugs do. */
			z.strictObject({ kind: z.literal('driver') }),
			z.strictObject({ kind: z.literal('console-silence'), within: duration.prefault('500ms') }),
			z.strictObject({ kind: z.literal('gpio-in'), gpio: gpioLine, activeLow: yesOrNo.default(false) }),
			z.strictObject({
				kind: z.literal('ina219'),
				bus: shaped('an I2C bus was expected (i2c-1)', /^i2c-\d{1,3}$/),
				address: whole('an I2C address was expected (0x40)', { least: 0x03, most: 0x77 }).default(0x40),
				offBelow: voltage,
			}),
			z.strictObject({ kind: z.literal('command'), read: commandLine('the command that reads it'), powered: pattern('what its output says when powered') }),
		],
		told('how power is seen was expected: kind none, driver, console-silence, gpio-in, ina219 or command'),
	)
	.describe('How the rig sees whether the board is powered');

const common = {
	/** What a crash must leave behind. */
	safe: oneOf(['unpowered', 'powered', 'keep']).default('unpowered').describe('What a crash of the rig must leave behind'),
	/** Until the rails are discharged; the type's where left out. */
	offTime: duration.describe('Until the rails are discharged: measured, not guessed; the type has one').optional(),
	/** Until the contact stands still. */
	settle: duration.prefault('50ms').describe('Until the contact stands still'),
	sense: sense.default({ kind: 'none' }),
	/** Lines that must be released while it is off: an idle transmit line feeds the board through its protection diode. */
	backfeed: z.array(oneOf(['console', 'reset', 'boot']), told('a list of console, reset, boot was expected')).default([]),
	/** How long one switching may take. */
	within: duration.prefault('10s').describe('How long one switching may take'),
};

const host = shaped(
	'a host name or address was expected (plug-3.lab, 10.0.0.7:8080)',
	/^[A-Za-z0-9][A-Za-z0-9.-]{0,252}(:\d{1,5})?$|^\[[0-9a-fA-F:]+\](:\d{1,5})?$/,
);
const user = text('a user name was expected').optional();
const topic = shaped('an MQTT topic without wildcards was expected (plug-3)', /^[^+#\s]{1,200}$/);
export const brokerUrl = shaped(
	'the address of an MQTT broker was expected (mqtt://127.0.0.1:1883), with its user and password as keys of their own',
	/^mqtts?:\/\/[^\s@/]+$/,
);
const broker = { broker: brokerUrl.optional(), username: user, password: secret.optional() };
const channel = (first: number) => whole(`the number of the output was expected, the first is ${first}`, { least: first, most: 32 }).default(first);

/** What switches the supply of a board. */
export const powerSchema = z.discriminatedUnion(
	'driver',
	[
		z.strictObject({
			driver: z.literal('gpio-relay'),
			line: gpioLine,
			activeLow: yesOrNo.default(false),
			drive: oneOf(['push-pull', 'open-drain']).default('push-pull'),
			...common,
		}),
		z.strictObject({
			driver: z.literal('serial-relay'),
			protocol: oneOf(['lcus']).default('lcus'),
			match: usbMatch.optional(),
			path: portPath.optional(),
			baud: baud.default(9_600),
			channel: channel(1),
			...common,
		}),
		z.strictObject({
			driver: z.literal('uhubctl'),
			location: shaped('the location of the hub was expected (1-1.4), as `uhubctl` prints it', /^\d{1,3}(-\d{1,3}(\.\d{1,3})*)?$/),
			port: whole('a port of the hub was expected, the first is 1', { least: 1, most: 32 }),
			retries: whole('a number of retries was expected').default(100),
			...common,
		}),
		z.strictObject({ driver: z.literal('shelly-gen1'), host, channel: channel(0), username: user, password: secret.optional(), ...common }),
		z.strictObject({ driver: z.literal('shelly-gen2'), host, channel: channel(0), password: secret.optional(), ...common }),
		z.strictObject({ driver: z.literal('shelly-mqtt'), topic, generation: oneOf(['gen1', 'gen2']).default('gen2'), channel: channel(0), ...broker, ...common }),
		z.strictObject({ driver: z.literal('tasmota-http'), host, channel: channel(1), username: user, password: secret.optional(), ...common }),
		z.strictObject({ driver: z.literal('tasmota-mqtt'), topic, channel: channel(1), ...broker, ...common }),
		/** A machine in a QEMU that somebody else runs; boards with `backend: qemu` bring a supply of their own. */
		z.strictObject({
			driver: z.literal('qemu'),
			socket: shaped("the path of QEMU's control socket was expected (/run/board.qmp, of -qmp unix:…)", /^\/[\x21-\x7e]{1,100}$/),
			...common,
		}),
		z.strictObject({
			driver: z.literal('command'),
			powerOn: commandLine('the command that powers the board'),
			powerOff: commandLine('the command that cuts its power'),
			/** Variables of the environment of these commands. */
			env: z.record(shaped('the name of an environment variable was expected', /^[A-Za-z_]\w*$/), secret).default({}),
			...common,
		}),
		/** The supply of a board that is emulated: a line of its own chip. */
		z.strictObject({ driver: z.literal('virtual'), ...common }),
	],
	told(
		'a power driver was expected: gpio-relay, serial-relay, uhubctl, shelly-gen1, shelly-gen2, shelly-mqtt, tasmota-http, tasmota-mqtt, qemu, command or virtual',
	),
);
