import { z } from 'zod';
import { updatePaths } from './board-type-schema.js';
import { imagesSchema } from './images-schema.js';
import { linesSchema } from './line-schema.js';
import { clientSchema, serviceSchema } from './network-schema.js';
import { brokerUrl, powerSchema } from './power-schema.js';
import { consoleSchema, portPath, usbMatch } from './serial-schema.js';
import { listOf, name, oneOf, pattern, secret, shaped, text, told, whole } from './values.js';

/** Who a board is, asked of the board itself before anything is written to it. */
const identity = z.strictObject(
	{
		usbSerial: shaped('the serial number of its USB device was expected, in quotes where it looks like a number', /^[\x21-\x7e]{1,64}$/).optional(),
		mac: shaped('a MAC address was expected (aa:bb:cc:dd:ee:ff)', /^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$/).optional(),
		/** Unique id of the chip, as its flasher prints it. */
		chipId: shaped('the id of its chip was expected, in quotes where it looks like a number', /^[\x21-\x7e]{1,64}$/).optional(),
		/** What its console says of it. */
		banner: pattern('what its console says of it').optional(),
	},
	told('who the board is was expected: usbSerial, mac, chipId, banner'),
);

/** By which way its flasher reaches this board. */
const flasher = z
	.strictObject(
		{
			match: usbMatch.optional(),
			path: portPath.optional(),
			/** Serial number of its debug probe. */
			probe: shaped('the serial number of its debug probe was expected, in quotes where it looks like a number', /^[\x21-\x7e]{1,64}$/).optional(),
		},
		told('how its flasher reaches the board was expected: match, path or probe'),
	)
	.refine(({ match, path }) => match === undefined || path === undefined, told('match or path was expected, not both'));

const limits = z.strictObject(
	{
		cutsPerHour: whole('a number of cuts was expected', { least: 1 }).optional(),
		/** Switchings the relay is made for. */
		relayCycles: whole('a number of cycles was expected', { least: 1 }).optional(),
		flashCyclesPerRun: whole('a number of cycles was expected', { least: 1 }).optional(),
	},
	told('limits were expected: cutsPerHour, relayCycles, flashCyclesPerRun'),
);

const virtual = z.strictObject(
	{
		/** Another build of what it runs, such as one that is wrong. */
		build: name('a build of its firmware').optional(),
		seed: whole('a seed was expected, a whole number').optional(),
	},
	told('what an emulated board is was expected: build, seed'),
);

export const boardSchema = z.strictObject(
	{
		type: shaped(
			'a board type was expected: the name of a built-in one (generic, virtual-avr), or the path of its file (./types/esp32.yaml)',
			/^[\w./@ -]{1,400}$/,
		),
		/** What it is made of: real hardware where left out. */
		backend: oneOf(['real', 'virtual', 'qemu']).default('real'),
		virtual: virtual.optional(),
		identity: identity.prefault({}),
		serial: z.strictObject({ console: consoleSchema }, told('serial ports were expected: console')).optional(),
		lines: linesSchema.prefault({}),
		power: powerSchema.optional(),
		flasher: flasher.optional(),
		/** What it has beside its type; scenarios ask for it. */
		fixtures: z
			.array(
				shaped('a fixture was expected: small letters, digits and - (flash-8mb)', /^[a-z0-9][a-z0-9-]{0,39}(:[\w.-]{1,40})?$/),
				told('a list of fixtures was expected'),
			)
			.default([]),
		limits: limits.prefault({}),
		/** Of the type's ways for an update those this board has, the preferred one first. */
		updates: updatePaths.optional(),
		/** Who it is at the update service; by default its name, and a secret that every run makes anew. */
		network: clientSchema.optional(),
		images: imagesSchema.prefault({}),
		notes: text('a note was expected').optional(),
	},
	told('a board was expected: type, serial, power …'),
);

export const rigSchema = z.strictObject(
	{
		schema: z.literal('rig/v1', told('rig/v1 was expected')),
		rig: name('the name of the rig'),
		description: text('a description was expected').optional(),
		boards: z
			.record(name('the name of a board'), boardSchema, told('boards by name were expected'))
			.refine((boards) => Object.keys(boards).length > 0, told('at least one board was expected')),
		groups: z
			.record(name('the name of a group'), listOf(name('the name of a board'), 'a list of boards was expected'), told('groups by name were expected'))
			.default({}),
		/** For plugs that listen on MQTT. */
		broker: z
			.strictObject(
				{ url: brokerUrl, username: text('a user name was expected').optional(), password: secret.optional() },
				told('a broker was expected: url, username, password'),
			)
			.optional(),
		/** Where boards with a network of their own find the update service. */
		service: serviceSchema.optional(),
		/** How GPIO lines are driven; `auto` takes the character device where its tools are there. */
		gpio: oneOf(['auto', 'libgpiod', 'onoff']).default('auto'),
	},
	told("a mapping of the rig's keys was expected"),
);

export type RigData = z.output<typeof rigSchema>;
export type BoardData = z.output<typeof boardSchema>;
