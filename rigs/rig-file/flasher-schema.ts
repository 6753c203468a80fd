import { z } from 'zod';
import { commandLine, duration, name, pattern, shaped, size, text, told, whole } from './values.js';

/** Where a flasher writes. */
const area = z.strictObject(
	{
		address: whole('an address was expected (0x10000)').optional(),
		/** Alternate setting of a DFU device. */
		alt: whole('the number of an alternate setting was expected', { most: 255 }).optional(),
		/** Kind of memory, as avrdude names it. */
		memory: name('a kind of memory').optional(),
		size: size.optional(),
	},
	told('an area was expected: address, alt, memory, size'),
);

const common = {
	/** Areas by name: `golden` holds the whole board, `primary` and `secondary` its slots. */
	areas: z.record(name('an area'), area, told('areas by name were expected: golden, primary, secondary')).default({}),
	/** How long writing one image may take. */
	within: duration.prefault('120s'),
	/** Words that are added to the command line of the tool. */
	args: z.array(text('a word of a command line was expected'), told('a list of words was expected')).default([]),
};

/** What writes images to a board of this type from outside. */
export const flasherSchema = z.discriminatedUnion(
	'tool',
	[
		z.strictObject({
			tool: z.literal('esptool'),
			chip: name('a chip, as esptool names it').default('auto'),
			baud: whole('a baud rate was expected', { least: 9_600 }).default(460_800),
			...common,
		}),
		z.strictObject({
			tool: z.literal('openocd'),
			config: z
				.array(text('a configuration file was expected (board/st_nucleo_f4.cfg)'), told('a list of configuration files was expected'))
				.min(1, told('a configuration file was expected')),
			...common,
		}),
		z.strictObject({ tool: z.literal('pyocd'), target: text('a target was expected, as pyocd names it'), ...common }),
		z.strictObject({
			tool: z.literal('dfu-util'),
			device: shaped("vendor and product were expected ('0483:df11')", /^[0-9a-fA-F]{4}:[0-9a-fA-F]{4}$/),
			...common,
		}),
		z.strictObject({ tool: z.literal('st-flash'), ...common }),
		z.strictObject({
			tool: z.literal('avrdude'),
			part: text('a part was expected (m328p)'),
			programmer: text('a programmer was expected (usbasp)'),
			baud: whole('a baud rate was expected', { least: 50 }).optional(),
			...common,
		}),
		z.strictObject({
			tool: z.literal('command'),
			write: commandLine('the command that writes {file} to {area}'),
			identify: commandLine('the command that asks the device who it is').optional(),
			/** In the output of `identify`, held against the identity of the board. */
			identity: pattern('who the device is', ['id']).optional(),
			...common,
		}),
		/** The programmer of a virtual board. */
		z.strictObject({ tool: z.literal('virtual'), ...common }),
	],
	told('a flasher was expected: tool esptool, openocd, pyocd, dfu-util, st-flash, avrdude, command or virtual'),
);

/** Of avrdude's programmers, those that are reached over a serial port; the others are USB devices of their own. */
const SERIAL_PROGRAMMERS = /^(arduino|avr109|avr91[01]|avrisp(v2)?$|butterfly|buspirate|jtag(1|mkI$|2updi)|nibobee|serialupdi|stk500|urclock|wiring)/;

/** Whether the tool talks through a serial port. */
export const goesOverSerial = (flasher: z.output<typeof flasherSchema>): boolean => {
	switch (flasher.tool) {
		case 'esptool':
			return true;
		case 'avrdude':
			return SERIAL_PROGRAMMERS.test(flasher.programmer);
		case 'command':
			return [...flasher.write, ...(flasher.identify ?? [])].some((word) => word.includes('{port}'));
		default:
			return false;
	}
};
