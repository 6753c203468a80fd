import type { ConsoleMark, ConsoleMatch, ExpectOptions } from '../../../harness/ports/index.js';
import { monotonicMs } from '../monotonic.js';
import { ConsoleError } from './console-error.js';

/** How a board's command line behaves. */
export interface EchoPolicy {
	/** False: it gives nothing back, and a command is trusted blindly. */
	readonly enabled?: boolean;
	/** Ends a line; `\r` by default. */
	readonly lineEnd?: string;
	/** Empties the line that is being typed, where letters got lost; Ctrl-U by default. */
	readonly discardLine?: string;
	/** How long an echo may take; 300 by default. */
	readonly echoMs?: number;
}

interface CommandLink {
	readonly withinMs: number;
	readonly signal?: AbortSignal | undefined;
	readonly policy: EchoPolicy;
	readonly name: string;
	mark(): ConsoleMark;
	expect(pattern: string, options: ExpectOptions): Promise<ConsoleMatch>;
	send(text: string): Promise<void>;
	heard(from: ConsoleMark): string;
}

/** Types a line and ends it only when the board gave it back whole, so that no mangled command is ever carried out. Resolves with the end of the echo. */
export const sendCommand = async (line: string, link: CommandLink): Promise<ConsoleMark> => {
	const { enabled = true, lineEnd = '\r', discardLine = '\x15', echoMs = 300 } = link.policy;
	if (/[\r\n]/.test(line) || line === '') throw new TypeError(`command: expected one line of text, got ${JSON.stringify(line)}`);
	if (!enabled) {
		const before = link.mark();
		await link.send(line + lineEnd);
		return before;
	}
	const deadlineMs = monotonicMs() + link.withinMs;
	for (let attempt = 1; ; attempt++) {
		if (link.signal?.aborted === true)
			throw new ConsoleError('aborted', `console ${link.name}: command ${JSON.stringify(line)}: it was called off`, { cause: link.signal.reason });
		const typed = link.mark();
		await link.send(attempt === 1 ? line : discardLine + line);
		const leftMs = deadlineMs - monotonicMs();
		const echo = leftMs <= 0 ? undefined : await heardBack(link, { line, from: typed, withinMs: Math.min(echoMs, leftMs) });
		if (echo !== undefined) {
			await link.send(lineEnd);
			return echo;
		}
		if (monotonicMs() < deadlineMs) continue;
		throw new ConsoleError(
			'echo',
			`console ${link.name}: command ${JSON.stringify(line)}: not given back in ${link.withinMs} ms and ${attempt} attempts; came ${JSON.stringify(link.heard(typed).slice(-200))}`,
		);
	}
};

const heardBack = async (
	link: CommandLink,
	{ line, from, withinMs }: { readonly line: string; readonly from: ConsoleMark; readonly withinMs: number },
): Promise<ConsoleMark | undefined> => {
	try {
		return (await link.expect(line, { from, withinMs })).end;
	} catch (error) {
		if (error instanceof ConsoleError && error.code === 'timeout') return undefined;
		throw error;
	}
};
