import type { ConsoleMark, ConsoleMatch, ConsolePort } from '../../harness/ports/index.js';
import type { BoardSpec } from '../rig-file/index.js';

/** A console that says whether its transmit line is held low, so that nothing can be sent. */
export type CheckedConsole = ConsolePort & { readonly breaks?: boolean };

/** What a board said since it was last told something. */
export class Listening {
	readonly spec: BoardSpec;
	readonly console: CheckedConsole;
	#from: ConsoleMark;

	constructor(spec: BoardSpec, console: CheckedConsole) {
		this.spec = spec;
		this.console = console;
		this.#from = console.mark();
	}

	begin(): void {
		this.#from = this.console.mark();
	}

	get said(): string {
		return this.console.textSince(this.#from);
	}

	/** Resolves with the first line of a boot since then, or undefined where none came. */
	async boot(): Promise<ConsoleMatch | undefined> {
		const { console: syntax, timings } = this.spec.type;
		return orNothing(this.console.expect(syntax.boot, { withinMs: timings.boot, from: this.#from }));
	}

	/** Resolves when its application, its prompt or its recovery is there; with which, or undefined where none came. */
	async rest(): Promise<'runs' | 'recovery' | undefined> {
		const { console: syntax, timings } = this.spec.type;
		const wanted = [syntax.ready ?? syntax.prompt, ...(syntax.recovery === undefined ? [] : [syntax.recovery])];
		const match = await orNothing(this.console.expect(wanted, { withinMs: timings.boot, from: this.#from }));
		return match === undefined ? undefined : match.index === 0 ? 'runs' : 'recovery';
	}
}

/** The end of what was said, in one short line. */
export const shown = (text: string): string => JSON.stringify(text.trim().slice(-80));

/** What does not come in time is undefined here; anything else is thrown. */
export const orNothing = async <Value>(wait: Promise<Value>): Promise<Value | undefined> => {
	try {
		return await wait;
	} catch (error) {
		if ((error as { readonly code?: unknown } | undefined)?.code !== 'timeout') throw error;
		return undefined;
	}
};
