import { setTimeout as sleep } from 'node:timers/promises';
import type { GpioLine, GpioPort } from '../../harness/ports/index.js';
import type { BoardSpec, HeldLineSpec } from '../rig-file/index.js';
import type { Closers } from './closers.js';

/** The lines of a board that its rig drives, each held at rest. */
export interface BoardLines {
	readonly reset?: BoardLine;
	readonly boot?: BoardLine;
}

export interface BoardLine {
	set(active: boolean): Promise<void>;
	/** Active for as long as its rig file says. */
	pulse(): Promise<void>;
	/** Lets go of it, so that it feeds nothing. */
	release(): Promise<void>;
	/** Takes it again, at rest. Nothing where it is held. */
	hold(): Promise<void>;
}

/** Holds the lines that a rig file names; the way to their chips is opened only where there are any. */
export const openBoardLines = async (
	{ name, lines }: Pick<BoardSpec, 'name' | 'lines'>,
	{ openGpio, closers }: { readonly openGpio: () => Promise<GpioPort>; readonly closers: Closers },
): Promise<BoardLines> => {
	const { reset, boot } = lines;
	if (reset === undefined && boot === undefined) return {};
	const gpio = await openGpio();
	const open = async (spec: HeldLineSpec): Promise<BoardLine> => {
		const line = await HeldLine.open(gpio, { spec, consumer: `blackstart ${name}` });
		closers.add(() => line.release());
		return line;
	};
	return { ...(reset ? { reset: await open(reset) } : {}), ...(boot ? { boot: await open(boot) } : {}) };
};

interface HeldLineOptions {
	readonly spec: HeldLineSpec;
	readonly consumer: string;
}

class HeldLine implements BoardLine {
	readonly #gpio: GpioPort;
	readonly #options: HeldLineOptions;
	#line: GpioLine | undefined;

	private constructor(gpio: GpioPort, options: HeldLineOptions) {
		this.#gpio = gpio;
		this.#options = options;
	}

	static async open(gpio: GpioPort, options: HeldLineOptions): Promise<HeldLine> {
		const line = new HeldLine(gpio, options);
		await line.hold();
		return line;
	}

	/** A line whose rest is active is driven the other way round. */
	async set(active: boolean): Promise<void> {
		await this.hold();
		await this.#line?.set(active !== (this.#options.spec.idle === 'active'));
	}

	async pulse(): Promise<void> {
		await this.set(true);
		await sleep(this.#options.spec.pulse);
		await this.set(false);
	}

	async release(): Promise<void> {
		const line = this.#line;
		this.#line = undefined;
		await line?.[Symbol.asyncDispose]();
	}

	async hold(): Promise<void> {
		const { spec, consumer } = this.#options;
		this.#line ??= await this.#gpio.openLine({
			chip: spec.gpio.chip,
			line: spec.gpio.line,
			activeLow: spec.activeLow,
			drive: spec.drive,
			direction: { output: spec.idle === 'active' },
			consumer,
		});
	}
}
