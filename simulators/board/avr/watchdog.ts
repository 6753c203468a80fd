import type { CPU } from 'avr8js';
import type { Interrupt } from './interrupt.js';

/** From the ATmega328P's datasheet, section 10.9. */
const MCUSR = 0x54;
const WDTCSR = 0x60;
const WDRF = 0x08;
const WDIF = 0x80;
const WDIE = 0x40;
const WDCE = 0x10;
const WDE = 0x08;
const PRESCALER = 0x27;
const PROTECTED = PRESCALER | WDE;
const CHANGE_WINDOW_CYCLES = 4;
/** Of the 128 kHz oscillator at a prescaler of 0. */
const SHORTEST_TICKS = 2048;
const CYCLES_PER_TICK = 125;

/**
 * The watchdog with its interrupt, timed changes, and what hurts in the field: after a reset by it it is on, at its shortest
 * time, until WDRF is cleared. avr8js has one that resets to address 0 with the I/O registers as they were.
 */
export const attachWatchdog = (cpu: CPU, { onReset }: { readonly onReset: () => void }): void => {
	let changeUntilCycle = -1;
	const control = () => cpu.data[WDTCSR] as number;
	const timeoutCycles = () => {
		const value = control();
		return (SHORTEST_TICKS << ((value & 0x07) | ((value & 0x20) >> 2))) * CYCLES_PER_TICK;
	};
	const restart = () => {
		cpu.clearClockEvent(expire);
		if (control() & (WDE | WDIE)) cpu.addClockEvent(expire, timeoutCycles());
	};
	const expire = () => {
		const value = control();
		if (!(value & WDIE)) {
			onReset();
			return;
		}
		if (value & WDE) cpu.data[WDTCSR] = value & ~WDIE;
		cpu.data[WDTCSR] = control() | WDIF;
		cpu.queueInterrupt(TIMEOUT);
		cpu.addClockEvent(expire, timeoutCycles());
	};

	if ((cpu.data[MCUSR] as number) & WDRF) {
		cpu.data[WDTCSR] = WDE;
		restart();
	}
	cpu.onWatchdogReset = restart;
	cpu.writeHooks[WDTCSR] = (value, old) => {
		const isOpening = (value & WDCE) !== 0 && (value & WDE) !== 0;
		const mayChange = cpu.cycles <= changeUntilCycle;
		let next = mayChange || isOpening ? value & ~WDCE : (value & ~(PROTECTED | WDCE)) | (old & PROTECTED) | (value & WDE);
		if (isOpening) {
			changeUntilCycle = cpu.cycles + CHANGE_WINDOW_CYCLES;
			next = (next & ~PROTECTED) | (old & PROTECTED) | WDE;
		}
		if ((cpu.data[MCUSR] as number) & WDRF) next |= WDE;
		// The flag is cleared by a one.
		next = (next & ~WDIF) | (old & ~value & WDIF);
		cpu.data[WDTCSR] = next;
		if (!(next & WDIF)) cpu.clearInterrupt(TIMEOUT, false);
		restart();
		return true;
	};
};

const TIMEOUT: Interrupt = { address: 0x0c, enableRegister: WDTCSR, enableMask: WDIE, flagRegister: WDTCSR, flagMask: WDIF };
