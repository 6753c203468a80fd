import type { CPU } from 'avr8js';
import { ChipError } from './chip-error.js';
import { cyclesOfMs } from './clock.js';
import { BOOT_SECTION_AT, EEPROM_BYTES, type NonVolatile, type Operation, PAGE_BYTES } from './non-volatile.js';

export interface Programming {
	/** An operation that has begun and not ended. */
	readonly running: Operation | null;
	/** Whether the application section cannot be read. */
	readonly isBusy: boolean;
	/** Carries out an SPM instruction, in place of avr8js, which has none. */
	selfProgram(): void;
}

export interface ProgrammingOptions {
	readonly memory: NonVolatile;
	/** Before an operation takes effect. What it throws ends the run as a power cut would. */
	readonly onOperation: (operation: Operation) => void;
}

/** From the ATmega328P's datasheet, sections 7.6 and 26.3. */
const EECR = 0x3f;
const EEDR = 0x40;
const EEARL = 0x41;
const EEARH = 0x42;
const EEPM = 0x30;
const EERIE = 0x08;
const EEMPE = 0x04;
const EEPE = 0x02;
const EERE = 0x01;
const SPMCSR = 0x57;
const RWWSB = 0x40;
const RWWSRE = 0x10;
const PGWRT = 0x04;
const PGERS = 0x02;
const SELFPRGEN = 0x01;
const WINDOW_CYCLES = 4;
const PAGE_CYCLES = cyclesOfMs(4);
const REPLACE_CYCLES = cyclesOfMs(3.4);
const HALF_CYCLES = cyclesOfMs(1.8);
const PAGE_WORDS = PAGE_BYTES / 2;
const EEPROM_KINDS = { 0: 'replace', 16: 'erase', 32: 'program' } as const;

/** Self-programming of flash and writing of EEPROM, with their times: what takes effect does so at once, and may still be torn until its end. */
export const attachProgramming = (cpu: CPU, { memory, onOperation }: ProgrammingOptions): Programming => {
	const { flash, eeprom } = memory;
	const page = new Uint16Array(PAGE_WORDS).fill(0xffff);
	let spmUntilCycle = -1;
	let eepromUntilCycle = -1;
	let running: Operation | null = null;
	let isBusy = false;
	const fail = (message: string): never => {
		throw new ChipError(message, { programCounter: cpu.pc * 2 });
	};
	const data = (address: number) => cpu.data[address] as number;

	const begin = (operation: Pick<Operation, 'memory' | 'kind' | 'offsetBytes' | 'wanted'>, durationCycles: number) => {
		const bytes = operation.memory === 'flash' ? flash : eeprom;
		const before = bytes.slice(operation.offsetBytes, operation.offsetBytes + operation.wanted.length);
		const begun = { ...operation, before, beginsAtCycle: cpu.cycles, endsAtCycle: cpu.cycles + durationCycles };
		onOperation(begun);
		running = begun;
		bytes.set(operation.wanted, operation.offsetBytes);
		cpu.addClockEvent(() => {
			running = null;
			if (operation.memory === 'eeprom') cpu.data[EECR] = data(EECR) & ~EEPE;
			else cpu.data[SPMCSR] = data(SPMCSR) & ~(PGWRT | PGERS | SELFPRGEN);
		}, durationCycles);
	};

	cpu.writeHooks[SPMCSR] = (value) => {
		spmUntilCycle = cpu.cycles + WINDOW_CYCLES;
		cpu.data[SPMCSR] = (data(SPMCSR) & RWWSB) | (value & ~RWWSB);
		return true;
	};
	cpu.writeHooks[EECR] = (value, old) => {
		if (value & EERIE) fail('the EEPROM interrupt is not emulated');
		if (old & EEPE) return true;
		if (value & EEMPE && !(old & EEMPE)) {
			eepromUntilCycle = cpu.cycles + WINDOW_CYCLES;
			cpu.addClockEvent(() => {
				cpu.data[EECR] = data(EECR) & ~EEMPE;
			}, WINDOW_CYCLES);
		}
		cpu.data[EECR] = (value & (EEPM | EEMPE)) | (old & EEMPE);
		const offsetBytes = ((data(EEARH) << 8) | data(EEARL)) % EEPROM_BYTES;
		if (value & EERE) {
			cpu.data[EEDR] = eeprom[offsetBytes] as number;
			cpu.cycles += 4;
		} else if (value & EEPE && cpu.cycles <= eepromUntilCycle) {
			const kind = EEPROM_KINDS[(value & EEPM) as keyof typeof EEPROM_KINDS] ?? fail('EEPM: a mode of the datasheet was expected');
			if (running !== null) fail('an EEPROM write was begun while flash is programmed');
			const wanted = kind === 'erase' ? 0xff : kind === 'program' ? data(EEDR) & (eeprom[offsetBytes] as number) : data(EEDR);
			cpu.data[EECR] = (data(EECR) | EEPE) & ~EEMPE;
			begin({ memory: 'eeprom', kind, offsetBytes, wanted: Uint8Array.of(wanted) }, kind === 'replace' ? REPLACE_CYCLES : HALF_CYCLES);
			cpu.cycles += 2;
		}
		return true;
	};

	const selfProgram = () => {
		const command = data(SPMCSR) & 0x1f;
		const z = data(30) | (data(31) << 8);
		const isAllowed = cpu.pc * 2 >= BOOT_SECTION_AT && cpu.cycles <= spmUntilCycle && (command & SELFPRGEN) !== 0;
		cpu.pc++;
		cpu.cycles += 1;
		if (!isAllowed) return;
		if (running !== null) fail(`SPM while ${running.memory} is written`);
		if (command === SELFPRGEN) {
			const word = (z >> 1) % PAGE_WORDS;
			page[word] = (page[word] as number) & (data(0) | (data(1) << 8));
			cpu.data[SPMCSR] = data(SPMCSR) & ~SELFPRGEN;
			return;
		}
		if (command === (RWWSRE | SELFPRGEN)) {
			isBusy = false;
			page.fill(0xffff);
			cpu.data[SPMCSR] = 0;
			return;
		}
		if (command !== (PGERS | SELFPRGEN) && command !== (PGWRT | SELFPRGEN))
			fail(`SPMCSR: a command that is emulated was expected, got 0x${command.toString(16)}`);
		const offsetBytes = z & ~(PAGE_BYTES - 1);
		if (offsetBytes >= BOOT_SECTION_AT) fail('SPM into the boot section, which its lock bits protect');
		isBusy = true;
		cpu.data[SPMCSR] = data(SPMCSR) | RWWSB;
		if (command & PGERS) {
			begin({ memory: 'flash', kind: 'erase', offsetBytes, wanted: new Uint8Array(PAGE_BYTES).fill(0xff) }, PAGE_CYCLES);
			return;
		}
		const buffer = new Uint8Array(page.buffer);
		const wanted = flash.slice(offsetBytes, offsetBytes + PAGE_BYTES).map((byte, index) => byte & (buffer[index] as number));
		page.fill(0xffff);
		begin({ memory: 'flash', kind: 'program', offsetBytes, wanted }, PAGE_CYCLES);
	};

	return {
		get running() {
			return running;
		},
		get isBusy() {
			return isBusy;
		},
		selfProgram,
	};
};
