import { z } from 'zod';
import { commandLine, duration, listOf, oneOf, pattern, secret, shaped, told, whole } from './values.js';

/** What is filled in where a board is told of the service: its address and port there, the board's client id (its user name too) and its secret. */
const PLACEHOLDERS = ['host', 'port', 'client', 'secret'] as const;
const LINE = `a line to send was expected; ${PLACEHOLDERS.map((name) => `{${name}}`).join(', ')} are filled in`;
const isFilledIn = (line: string): boolean => [...line.matchAll(/\{([a-z]+)\}/g)].every(([, name]) => (PLACEHOLDERS as readonly string[]).includes(name ?? ''));

/** How boards of a type with a network of their own come to the update service, and what they do with what they get there. */
export const networkSchema = z
	.strictObject(
		{
			/** Said over its console, one after the other. */
			lines: listOf(
				z.strictObject(
					{
						send: z.string(told(LINE)).min(1, told(LINE)).max(400, told(LINE)).refine(isFilledIn, told(LINE)),
						answer: pattern('what its answer says').optional(),
					},
					told('a line was expected: send, and answer where it has one of its own'),
				),
				'a list of lines was expected: send, answer',
			)
				.optional()
				.describe('Said over its console: {host}, {port}, {client} and {secret} are filled in'),
			command: commandLine('the command that tells it where the service is')
				.optional()
				.describe('Run on the rig host, with SERVICE_HOST, SERVICE_PORT, SERVICE_CLIENT and SERVICE_SECRET in its environment'),
			takesEffect: oneOf(['at-once', 'after-restart']).default('after-restart'),
			/** From its boot, or from when it was told, to its connection, at most. */
			connect: duration.prefault('60s').describe('From its boot to its connection, at most'),
			/** It has all of an image. */
			taken: pattern('what its console says once it has all of an image and is about to try it'),
			/** Who restarts it then. */
			restarts: oneOf(['itself', 'when-told']).default('itself'),
		},
		told('how the board comes to the service was expected: lines or command, connect, taken, restarts'),
	)
	.refine(({ lines, command }) => lines === undefined || command === undefined, told('lines or command was expected, not both'));

/** Where boards with a network of their own find the update service of the rig host. */
export const serviceSchema = z
	.strictObject(
		{
			interface: shaped('the name of a network interface was expected (eth1), as `ip address` prints it', /^[\w.@-]{1,32}$/)
				.describe('Interface of the rig host that boards reach: its first IPv4 address')
				.optional(),
			host: shaped('an address of this machine was expected (192.168.7.1)', /^(?!-)[\w.:-]{1,253}$/)
				.describe('An address of the rig host that boards reach')
				.optional(),
			port: whole('a TCP port was expected, or 0 for any that is free', { most: 65_535 }).default(0),
		},
		told('where boards find the update service was expected: interface or host, port'),
	)
	.refine(({ interface: name, host }) => (name === undefined) !== (host === undefined), told('interface or host was expected, one of them'));

/** Who a board is at the service, where that is not for the run to say. */
export const clientSchema = z.strictObject(
	{
		client: shaped('its client id at the service was expected', /^[a-zA-Z0-9:_-]{1,128}$/).optional(),
		secret: secret.optional(),
	},
	told('who the board is at the service was expected: client, secret'),
);
