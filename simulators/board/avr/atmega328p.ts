import { avrInstruction, CPU } from 'avr8js';
import { ChipError } from './chip-error.js';
import { nextEventAt } from './clock.js';
import { BOOT_SECTION_AT, type NonVolatile, type Operation } from './non-volatile.js';
import { attachProgramming, type Programming } from './programming.js';
import { skipPolling } from './skip-polling.js';
import { tearOperation } from './tear-operation.js';
import { attachUsart, type Usart } from './usart.js';
import { attachWatchdog } from './watchdog.js';

export interface ChipOptions {
	readonly memory: NonVolatile;
	/** As the last bit of a character leaves. */
	readonly onTransmit?: (byte: number) => void;
	/** Before an erase or a program takes effect; what it throws leaves the memory as it was. */
	readonly onOperation?: (operation: Operation) => void;
	/** Of what an operation that is cut leaves. */
	readonly seed?: number;
}

export type ResetCause = 'power' | 'line' | 'watchdog';

const SRAM_BYTES = 2048;
const IO_BYTES = 0x100;
const MCUSR = 0x54;
const CAUSE_BITS = { power: 0x01, line: 0x02, watchdog: 0x08 } as const;
const SEI = 0x9478;
const SLEEP = 0x9588;
const SPM = 0x95e8;
const SMCR = 0x53;
const SLEEP_ENABLED = 0x01;

/**
 * An ATmega328P with the fuses BOOTSZ=2048 words and BOOTRST programmed: every reset enters the boot section. Cycles count on
 * over resets and power cuts, so that a cut at a cycle is the same cut in every run.
 */
export class Atmega328p {
	readonly memory: NonVolatile;
	readonly #options: ChipOptions;
	#cpu: CPU;
	#usart!: Usart;
	#programming!: Programming;
	#isAsleep = false;
	#resetsBy: ResetCause | null = null;
	#cuts = 0;
	readonly #limits = { limitCycle: 0 };

	/** Powered on. */
	constructor(options: ChipOptions) {
		this.memory = options.memory;
		this.#options = options;
		this.#cpu = this.#powered(0, 'power');
	}

	get cycles(): number {
		return this.#cpu.cycles;
	}

	/** Byte address of the next instruction. */
	get programCounter(): number {
		return this.#cpu.pc * 2;
	}

	get isAsleep(): boolean {
		return this.#isAsleep;
	}

	/** The cycle at which a sleeping chip has something to do again. */
	get wakesAtCycle(): number {
		return this.#isAsleep ? nextEventAt(this.#cpu) : this.cycles;
	}

	/** An erase or program that has not ended: what a cut now would tear. */
	get runningOperation(): Operation | null {
		return this.#programming.running;
	}

	/** The processor itself, for who calls into machine code. */
	get cpu(): CPU {
		return this.#cpu;
	}

	receive(bytes: Uint8Array): void {
		this.#usart.receive(bytes);
	}

	/** Loses power or is reset in the middle of whatever it does: an operation that runs is torn. Returns it. */
	reset(cause: ResetCause): Operation | null {
		const torn = this.#programming.running;
		if (torn !== null) {
			const bytes = torn.memory === 'flash' ? this.memory.flash : this.memory.eeprom;
			bytes.set(tearOperation(torn, { seed: (this.#options.seed ?? 0) + this.#cuts }), torn.offsetBytes);
			this.#cuts++;
		}
		this.#cpu = this.#powered(this.#cpu.cycles, cause);
		return torn;
	}

	/** Runs to the end of the first instruction at or behind `cycle`; what sleeps until then stops there exactly. Throws a ChipError. */
	runUntil(cycle: number): void {
		this.#limits.limitCycle = cycle;
		while (this.#cpu.cycles < cycle) {
			if (!this.#isAsleep && !this.#programming.isBusy) this.#runPlain(cycle);
			else this.#step(cycle);
			if (this.#resetsBy !== null) this.reset(this.#resetsBy);
		}
	}

	/** Runs for as long as it is going on, which is asked before every instruction; false: the cycle came first. */
	runWhile(isGoingOn: (cpu: CPU) => boolean, { untilCycle }: { readonly untilCycle: number }): boolean {
		this.#limits.limitCycle = untilCycle;
		while (isGoingOn(this.#cpu)) {
			if (this.#cpu.cycles >= untilCycle) return false;
			this.#step(untilCycle);
			if (this.#resetsBy !== null) this.reset(this.#resetsBy);
		}
		return true;
	}

	/** Up to the cycle, a reset, or an instruction that avr8js lacks: what nearly all the time goes into. */
	#runPlain(limitCycle: number): void {
		const cpu = this.#cpu;
		const { progMem } = cpu;
		while (cpu.cycles < limitCycle) {
			const opcode = progMem[cpu.pc] as number;
			if (opcode === SPM || opcode === SLEEP || opcode === SEI) {
				this.#step(limitCycle);
				return;
			}
			avrInstruction(cpu);
			if (cpu.cycles < nextEventAt(cpu) && cpu.nextInterrupt < 0) continue;
			cpu.tick();
			if (this.#resetsBy !== null) return;
		}
	}

	#step(limitCycle: number): void {
		const cpu = this.#cpu;
		if (this.#isAsleep) {
			this.#rest(limitCycle);
			return;
		}
		const opcode = cpu.progMem[cpu.pc] as number;
		if (this.#programming.isBusy) this.#assertReadable(opcode);
		if (opcode === SPM) {
			this.#programming.selfProgram();
		} else if (opcode === SLEEP && (cpu.data[SMCR] as number) & SLEEP_ENABLED) {
			cpu.pc++;
			cpu.cycles++;
			this.#isAsleep = true;
			return;
		} else {
			avrInstruction(cpu);
		}
		// The instruction behind SEI runs before any interrupt does.
		if (opcode !== SEI) cpu.tick();
	}

	#rest(limitCycle: number): void {
		const cpu = this.#cpu;
		const { pc } = cpu;
		cpu.cycles = Math.max(cpu.cycles, Math.min(limitCycle, nextEventAt(cpu)));
		cpu.tick();
		this.#isAsleep = cpu.pc === pc;
	}

	/** While the application section is erased or written, what runs and what is read lies in the boot section. */
	#assertReadable(opcode: number): void {
		const { pc, data } = this.#cpu;
		const programCounter = pc * 2;
		if (programCounter < BOOT_SECTION_AT) throw new ChipError('code in the application section runs while that is being programmed', { programCounter });
		const isLoad = (opcode & 0xfe0e) === 0x9004 || opcode === 0x95c8;
		const z = (data[30] as number) | ((data[31] as number) << 8);
		if (isLoad && z < BOOT_SECTION_AT) throw new ChipError('the application section is read while it is being programmed', { programCounter });
	}

	#powered(cycles: number, cause: ResetCause): CPU {
		const before = this.#cpu as CPU | undefined;
		const cpu = new CPU(new Uint16Array(this.memory.flash.buffer), SRAM_BYTES);
		if (before !== undefined && cause !== 'power') cpu.data.set(before.data.subarray(IO_BYTES), IO_BYTES);
		cpu.cycles = cycles;
		cpu.pc = BOOT_SECTION_AT / 2;
		cpu.data[MCUSR] = CAUSE_BITS[cause] | (cause !== 'power' && before !== undefined ? (before.data[MCUSR] as number) & 0x0f : 0);
		this.#usart = attachUsart(cpu, { onTransmit: (byte) => this.#options.onTransmit?.(byte) });
		this.#programming = attachProgramming(cpu, { memory: this.memory, onOperation: (operation) => this.#options.onOperation?.(operation) });
		attachWatchdog(cpu, {
			onReset: () => {
				this.#resetsBy = 'watchdog';
			},
		});
		skipPolling(cpu, this.#limits);
		this.#isAsleep = false;
		this.#resetsBy = null;
		return cpu;
	}
}
