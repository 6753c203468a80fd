import { RealClock } from '../../harness/time/index.js';
import { answerCommand } from './answer-command.js';
import type { KeptMemory } from './kept-memory.js';
import { Life } from './life.js';
import { PROMPT } from './tell-event.js';

export interface PoweredBoardOptions {
	readonly name: string;
	readonly memory: KeptMemory;
	readonly seed: number;
	readonly onOutput: (bytes: Uint8Array) => void;
	/** Its memory holds what it keeps. */
	readonly onUnpowered: () => void;
}

const LONGEST_LINE = 200;
const RETURN = '\r';
/** Ctrl-U. */
const FORGET_LINE = '\x15';

/** A board with a network of its own, in real time: its supply, its reset line and its console. */
export class PoweredBoard {
	readonly #options: PoweredBoardOptions;
	readonly #clock = new RealClock({ wholeMs: true });
	#life: Life | undefined;
	#isPowered = false;
	#isHeld = false;
	#lives = 0;
	#typed = '';

	constructor(options: PoweredBoardOptions) {
		this.#options = options;
	}

	get isPowered(): boolean {
		return this.#isPowered;
	}

	get isHeld(): boolean {
		return this.#isHeld;
	}

	setPower(on: boolean): void {
		if (on === this.#isPowered) return;
		this.#isPowered = on;
		if (on) this.#begin('power-on');
		else this.#end();
	}

	setReset(held: boolean): void {
		if (held === this.#isHeld) return;
		this.#isHeld = held;
		if (held) this.#end();
		else this.#begin('line');
	}

	/** What a terminal sends; lost where no firmware listens. */
	receive(bytes: Uint8Array): void {
		for (const letter of Buffer.from(bytes).toString('latin1')) {
			if (this.#life?.isListening !== true) this.#typed = '';
			else if (letter === RETURN) this.#enter();
			else if (letter === FORGET_LINE) this.#typed = '';
			else if (letter !== '\n' && this.#typed.length < LONGEST_LINE) {
				this.#typed += letter;
				this.#write(letter);
			}
		}
	}

	stop(): void {
		this.setPower(false);
		this.#clock.stop();
	}

	#begin(cause: string): void {
		if (!this.#isPowered || this.#isHeld) return;
		const { name, memory, seed } = this.#options;
		this.#typed = '';
		this.#life = new Life({
			name,
			memory,
			clock: this.#clock,
			seed: `${name} ${seed} ${++this.#lives}`,
			cause,
			say: (line) => this.#write(line === PROMPT ? line : `${line}\r\n`),
		});
		this.#life.start();
	}

	#end(): void {
		if (this.#life === undefined) return;
		this.#life.end();
		this.#life = undefined;
		this.#options.onUnpowered();
	}

	#enter(): void {
		const line = this.#typed;
		this.#typed = '';
		this.#write('\r\n');
		const life = this.#life as Life;
		const { lines, act } = answerCommand(line, { life, name: this.#options.name });
		for (const said of lines) this.#write(`${said}\r\n`);
		if (act === 'crash') life.device.reset('crash');
		else if (act === 'restart') {
			this.#end();
			this.#begin('command');
		} else this.#write(PROMPT);
	}

	#write(text: string): void {
		this.#options.onOutput(Buffer.from(text, 'latin1'));
	}
}
