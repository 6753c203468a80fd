import { Atmega328p } from '../avr/atmega328p.js';
import { CLOCK_HZ, msOfCycles } from '../avr/clock.js';
import type { NonVolatile, Operation } from '../avr/non-volatile.js';

export interface LiveBoardOptions {
	readonly memory: NonVolatile;
	readonly seed: number;
	/** In pieces of a millisecond or so. */
	readonly onOutput: (bytes: Uint8Array) => void;
	/** Power went, and with it perhaps the middle of an operation. */
	readonly onUnpowered: (torn: Operation | null) => void;
	/** Machine code did what the part does not define: the chip stands still until power is cycled. */
	readonly onChipError: (error: unknown) => void;
}

/** Emulated without a look at lines and console. */
const SLICE_CYCLES = CLOCK_HZ / 500;
/** Further behind than this the board gives up the difference: its time runs slower than ours. */
const LARGEST_LAG_CYCLES = CLOCK_HZ / 20;
const LONGEST_REST_MS = 1000;
const NS_PER_SECOND = 1e9;

/** A board in real time. Its supply is on where power is commanded and no cut at a cycle has come. */
export class LiveBoard {
	readonly #options: LiveBoardOptions;
	#chip: Atmega328p | null = null;
	#isHeld = false;
	#isStuck = false;
	#isPowerCommanded = false;
	#cutAfterCycles: number | null = null;
	#anchorNs = 0n;
	#anchorCycles = 0;
	#slippedMs = 0;
	#powerUps = 0;
	#output: number[] = [];
	#timer: NodeJS.Timeout | null = null;

	constructor(options: LiveBoardOptions) {
		this.#options = options;
	}

	/** The rail, not the command. */
	get isPowered(): boolean {
		return this.#chip !== null;
	}

	get isHeld(): boolean {
		return this.#isHeld;
	}

	/** Since its power came, by the board's own clock. */
	get cycles(): number {
		return this.#chip?.cycles ?? 0;
	}

	/** What the host was too slow for, since the process began. */
	get slippedMs(): number {
		return this.#slippedMs;
	}

	setPower(on: boolean): void {
		this.#catchUp();
		if (on === this.#isPowerCommanded) return;
		this.#isPowerCommanded = on;
		if (!on) {
			this.#loseSupply();
			return;
		}
		this.#isStuck = false;
		this.#powerUps++;
		this.#chip = new Atmega328p({
			memory: this.#options.memory,
			seed: this.#options.seed + this.#powerUps * 0x1000,
			onTransmit: (byte) => this.#output.push(byte),
		});
		this.#anchor();
		this.#run();
	}

	/** True: the chip is held in reset. */
	setReset(held: boolean): void {
		this.#catchUp();
		if (held === this.#isHeld) return;
		this.#isHeld = held;
		if (held) this.#chip?.reset('line');
		this.#anchor();
		this.#run();
	}

	/** The supply fails so many cycles after the next power-up; null: it does not. */
	cutAt(cycles: number | null): void {
		this.#cutAfterCycles = cycles;
	}

	/** Lost where the board has no power or is held in reset. */
	receive(bytes: Uint8Array): void {
		this.#catchUp();
		if (this.#isHeld || this.#isStuck) return;
		this.#chip?.receive(bytes);
		this.#run();
	}

	stop(): void {
		this.setPower(false);
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
	}

	get #isRunning(): boolean {
		return this.#chip !== null && !this.#isHeld && !this.#isStuck;
	}

	#anchor(): void {
		this.#anchorNs = process.hrtime.bigint();
		this.#anchorCycles = this.#chip?.cycles ?? 0;
	}

	/** Where the chip should be by now. */
	#dueCycle(): number {
		return this.#anchorCycles + Math.floor((Number(process.hrtime.bigint() - this.#anchorNs) * CLOCK_HZ) / NS_PER_SECOND);
	}

	#catchUp(): void {
		if (!this.#isRunning) return;
		this.#emulate(this.#dueCycle());
	}

	/** Emulates up to the cycle, a slice at most, and sends what came of it. */
	#emulate(dueCycle: number): void {
		const chip = this.#chip as Atmega328p;
		const cutCycle = this.#cutAfterCycles ?? Number.POSITIVE_INFINITY;
		const slice = chip.isAsleep ? dueCycle : Math.min(dueCycle, chip.cycles + SLICE_CYCLES);
		try {
			chip.runUntil(Math.min(slice, cutCycle));
		} catch (error) {
			this.#isStuck = true;
			this.#options.onChipError(error);
		}
		if (this.#output.length > 0) this.#options.onOutput(Uint8Array.from(this.#output));
		this.#output = [];
		if (chip.cycles >= cutCycle) {
			this.#cutAfterCycles = null;
			this.#loseSupply();
		}
	}

	#loseSupply(): void {
		const chip = this.#chip;
		if (chip === null) return;
		this.#chip = null;
		this.#options.onUnpowered(chip.reset('power'));
	}

	readonly #run = (): void => {
		if (this.#timer !== null) clearTimeout(this.#timer);
		this.#timer = null;
		if (!this.#isRunning) return;
		const dueCycle = this.#dueCycle();
		this.#emulate(dueCycle);
		const chip = this.#chip;
		if (chip === null || !this.#isRunning) return;
		const lag = this.#dueCycle() - chip.cycles;
		if (lag > LARGEST_LAG_CYCLES) {
			this.#slippedMs += msOfCycles(lag);
			this.#anchor();
		}
		const restMs = Math.min(LONGEST_REST_MS, msOfCycles(Math.max(chip.wakesAtCycle, chip.cycles) - this.#dueCycle()));
		this.#timer = setTimeout(this.#run, Math.max(0, Math.ceil(restMs)));
	};
}
