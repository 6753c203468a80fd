import type { BoardReady } from './board-options.js';

/** What a board's process was started with: JSON, its one argument. Throws a TypeError where there is none. */
export const readProcessOptions = <Options>(): Options => {
	const options = JSON.parse(process.argv[2] ?? 'null') as Options | null;
	if (options === null) throw new TypeError('options: JSON was expected as the one argument, got nothing');
	return options;
};

/** Tells the parent that the board is there; resolves when the parent has gone, or asks for the end. */
export const serveParent = async (board: Omit<BoardReady, 'ready'>): Promise<void> => {
	process.stdout.write(`${JSON.stringify({ ready: true, ...board } satisfies BoardReady)}\n`);
	await new Promise<void>((resolve) => {
		// Ctrl-C goes to all of a terminal's processes: what becomes of the board then is for its parent to say.
		process.on('SIGINT', () => undefined);
		for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.once(signal, () => resolve());
		// The end of standard input is the end of the parent.
		process.stdin.once('end', resolve).once('error', () => resolve());
		process.stdin.resume();
	});
};
