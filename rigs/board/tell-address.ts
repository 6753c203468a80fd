import { execa } from 'execa';
import { BoardError } from './board-error.js';
import type { Order } from './conversation.js';

/** Where a board finds the update service, and who it is there. */
export interface ServiceAddress {
	readonly host: string;
	readonly port: number;
	/** Its client id, and its user name. */
	readonly client: string;
	readonly secret: string;
}

/** Says the lines of a board type over the console, filled in. */
export const tellByLines = async (
	lines: readonly Order[],
	{ address, ask }: { readonly address: ServiceAddress; readonly ask: (order: Order) => Promise<unknown> },
): Promise<void> => {
	const values: Readonly<Record<string, string>> = { ...address, port: String(address.port) };
	for (const { send, answer } of lines) await ask({ send: send.replaceAll(/\{([a-z]+)\}/g, (whole, name: string) => values[name] ?? whole), answer });
};

/** Runs a program of the rig host that tells the board; what it needs to know is in its environment. */
export const tellByCommand = async (
	[program = '', ...words]: readonly string[],
	{
		address,
		board,
		withinMs,
		signal,
	}: { readonly address: ServiceAddress; readonly board: string; readonly withinMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> => {
	const result = await execa(program, words, {
		env: {
			SERVICE_BOARD: board,
			SERVICE_HOST: address.host,
			SERVICE_PORT: String(address.port),
			SERVICE_CLIENT: address.client,
			SERVICE_SECRET: address.secret,
		},
		timeout: withinMs,
		reject: false,
		stdin: 'ignore',
		all: true,
		maxBuffer: 2 ** 20,
		...(signal ? { cancelSignal: signal } : {}),
	});
	if (result.exitCode === 0) return;
	const why = result.exitCode === undefined ? result.shortMessage : `exit code ${result.exitCode}: ${result.all.trim().slice(-300)}`;
	throw new BoardError('network', `board ${board}: ${program} was to tell it where the update service is: ${why}`);
};
