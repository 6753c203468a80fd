import type { CPU } from 'avr8js';
import { nextEventAt } from './clock.js';

/** EECR, SPMCSR and UCSR0A: what machine code polls for the end of a write or a character. */
const POLLED = [0x3f, 0x57, 0xc0];
const LONGEST_LOOP_CYCLES = 16;
const REGISTERS = 32;

/**
 * Jumps over whole turns of a loop that reads a status register again and again, up to the next event that could change it: cycle
 * for cycle what running them would give, at no cost. A loop that changes any register, as one that counts does, is run.
 */
export const skipPolling = (cpu: CPU, limits: { limitCycle: number }): void => {
	for (const address of POLLED) {
		let lastPc = -1;
		let lastCycle = 0;
		let lastPeriod = 0;
		let lastValue = -1;
		let turns = 0;
		const registers = new Uint8Array(REGISTERS);
		cpu.readHooks[address] = () => {
			const period = cpu.cycles - lastCycle;
			const value = cpu.data[address] as number;
			const isTurn = cpu.pc === lastPc && value === lastValue && period === lastPeriod && period <= LONGEST_LOOP_CYCLES;
			turns = isTurn && isSame(registers, cpu.data) ? turns + 1 : 0;
			registers.set(cpu.data.subarray(0, REGISTERS));
			lastPc = cpu.pc;
			lastPeriod = period;
			lastValue = value;
			if (turns >= 2) {
				const skipped = Math.floor((Math.min(nextEventAt(cpu), limits.limitCycle) - cpu.cycles) / period) - 1;
				if (skipped > 0 && skipped !== Number.POSITIVE_INFINITY) cpu.cycles += skipped * period;
				turns = 0;
			}
			lastCycle = cpu.cycles;
			return value;
		};
	}
};

const isSame = (registers: Uint8Array, data: Uint8Array): boolean => {
	for (let index = 0; index < REGISTERS; index++) {
		if (registers[index] !== data[index]) return false;
	}
	return true;
};
