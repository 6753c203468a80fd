import { z } from 'zod';
import { flasherSchema } from './flasher-schema.js';
import { imagesSchema } from './images-schema.js';
import { networkSchema } from './network-schema.js';
import { baud, modemLines, openWhen } from './serial-schema.js';
import { duration, listOf, name, oneOf, pattern, size, text, told, yesOrNo } from './values.js';

const line = (what: string) =>
	z
		.string(told(`${what} was expected`))
		.min(1, told(`${what} was expected`))
		.max(200, told(`${what} was expected`));

/** A line that is sent, and what is read from its answer. */
const question = (what: string, groups: readonly string[] = []) =>
	z.strictObject({ send: line('a line to send'), answer: pattern(`what its answer says`, groups) }, told(`${what} was expected: send, answer`));
const order = (what: string) =>
	z.strictObject(
		{ send: line('a line to send'), answer: pattern('what its answer says').optional() },
		told(`${what} was expected: send, and answer where it has one of its own`),
	);

const consoleSyntax = z.strictObject(
	{
		baud,
		openWhen: openWhen.default('before-power'),
		lines: modemLines.prefault({ dtr: 'inactive', rts: 'inactive' }),
		/** What ends a line that is sent. */
		newline: oneOf(['lf', 'cr', 'crlf']).default('cr').describe('What ends a line that is sent'),
		/** Whether the board echoes what it is sent; its echo is then held against it. */
		echo: yesOrNo.default(true).describe('Whether the board echoes what it is sent'),
		prompt: pattern('the prompt'),
		/** The first line of every boot; seen when none was asked for, the board has reset itself. Its group `nonce` tells this boot from any other. */
		boot: pattern('the first line of a boot').describe('First line of every boot; its group (?<nonce>…) tells boots apart'),
		/** The application runs. */
		ready: pattern('what the application says when it runs').optional(),
		/** The running image has confirmed itself. */
		confirmed: pattern('what it says when an image is confirmed').optional(),
		/** A trial that was given up. */
		reverted: pattern('what it says when a trial is given up').optional(),
		/** An image that is not taken. */
		refused: pattern('what it says when an image is refused').optional(),
		/** What an update passes on its way: where the phases of a sweep begin. */
		marks: z
			.record(name('the name of a phase'), pattern('what the console says when it begins'), told('patterns by the names of phases were expected'))
			.default({})
			.describe('What an update passes on its way, by name: the phases of a power-cut sweep begin there'),
		/** The prompt of a loader that runs when nothing else does. */
		recovery: pattern('the prompt of its recovery').optional(),
		/** Any of these fails a scenario at once. */
		panic: listOf(pattern('what a panic looks like'), 'a list of patterns was expected').describe('Any of these fails a scenario at once'),
		/** The end of an answer, good or bad. */
		done: pattern('the end of a good answer').optional(),
		failed: pattern('the end of a bad answer').optional(),
		/** Lets a slow receiver keep up. */
		pacing: z
			.strictObject(
				{ character: duration.prefault('0ms'), chunk: size.prefault('64B'), chunkPause: duration.prefault('0ms') },
				told('pacing was expected: character, chunk, chunkPause'),
			)
			.prefault({}),
	},
	told('the syntax of its console was expected: baud, prompt, boot, panic …'),
);

const commands = z.strictObject(
	{
		/** Questions whose answers together have the groups version, digest, state (`confirmed` or another word) and nonce. */
		running: listOf(question('a question'), 'a list of questions was expected: send, answer').optional(),
		/** One match a setting. */
		settings: question('how settings are read', ['name', 'value']).optional(),
		/** `{name}` and `{value}` are filled in. */
		set: order('how a setting is written').optional(),
		defaults: order('how settings of the factory come back').optional(),
		confirm: order('how the running image is confirmed').optional(),
		/** Begins an update over the console. */
		update: order('how an update begins').optional(),
		/** Asks for a trial of what was staged. */
		trial: order('how a trial is asked for').optional(),
		reboot: order('how it is restarted').optional(),
		/** Leaves its recovery, once an image was brought there. */
		recovered: order('how it leaves its recovery').optional(),
		/** Makes it fall over, for boards of tests. */
		crash: order('how it is made to crash').optional(),
	},
	told('commands were expected: running, settings, set, confirm, update, trial, reboot'),
);

const timings = z.strictObject(
	{
		/** From power to its prompt, at most. */
		boot: duration.describe('From power to its prompt, at most'),
		/** Until its rails are discharged. */
		offTime: duration.describe('Until its rails are discharged: measured'),
		/** How long the console is watched after a verdict. */
		quiet: duration.prefault('500ms').describe('How long the console is watched after a verdict'),
		/** From the start of a trial to its confirmation, at most. */
		confirm: duration.prefault('60s'),
		/** One answer of the console, at most. */
		answer: duration.prefault('5s'),
		/** Bringing one image to the board, at most. */
		update: duration.prefault('300s'),
		/** From the request of a trial to the end of its installation, at most. */
		install: duration.prefault('60s'),
	},
	told('timings were expected: boot, offTime, quiet, confirm, answer, update, install'),
);

/** Machines in QEMU that come with the product. */
export const QEMU_MACHINES = ['virt-uboot', 'microbit'] as const;

/** What stands in for hardware where the rig file asks for it. */
const qemu = z.strictObject(
	{
		machine: oneOf(QEMU_MACHINES).describe('simulators/qemu-board/README.md says what each is'),
		/** From the folder of the type's file. */
		firmware: text("the file of a bootloader was expected, in place of the machine's own").optional(),
	},
	told('a QEMU board was expected: machine, firmware'),
);

/** Machines that come with the product and need nothing beside Node. */
const virtual = z.strictObject(
	{ machine: oneOf(['atmega328p', 'networked']).describe('simulators/board/README.md and simulators/networked-board/README.md say what each is') },
	told('a virtual board was expected: machine'),
);

export const UPDATE_PATHS = ['mqtt', 'serial', 'flasher'] as const;
export const updatePaths = listOf(oneOf(UPDATE_PATHS), `a list of ${UPDATE_PATHS.join(', ')} was expected`);

export const boardTypeSchema = z.strictObject(
	{
		schema: z.literal('board-type/v1', told('board-type/v1 was expected')),
		type: name('the name of the type'),
		description: text('a description was expected').optional(),
		console: consoleSyntax,
		commands: commands.prefault({}),
		timings,
		/** Ways an update can take, the preferred one first. */
		updates: updatePaths.default([]),
		/** Of boards that connect to the update service by themselves. */
		network: networkSchema.optional(),
		/** How images go over the console. */
		serialUpdate: oneOf(['pages', 'xmodem', 'ymodem', 'base64-lines']).optional(),
		flasher: flasherSchema.optional(),
		/** On many boards the console is on the port of the flasher. */
		order: oneOf(['console-first', 'flasher-first'])
			.default('flasher-first')
			.describe(
				'flasher-first: the console lets its port go while the flasher works; console-first: it stays open, for a flasher on a port or probe of its own',
			),
		images: imagesSchema.prefault({}),
		qemu: qemu.optional(),
		virtual: virtual.prefault({ machine: 'atmega328p' }),
	},
	told("a mapping of the type's keys was expected"),
);

/** A board type as read: durations in milliseconds, sizes in bytes, patterns compiled. */
export type BoardType = z.output<typeof boardTypeSchema>;
