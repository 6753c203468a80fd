import type { CPU } from 'avr8js';

/** An ATmega328P on the crystal of an Arduino Uno. */
export const CLOCK_HZ = 16_000_000;
const CYCLES_PER_MS = CLOCK_HZ / 1000;
export const cyclesOfMs = (ms: number): number => Math.round(ms * CYCLES_PER_MS);
export const msOfCycles = (cycles: number): number => cycles / CYCLES_PER_MS;

/** When the next peripheral has something to do; Infinity: none has. */
export const nextEventAt = (cpu: CPU): number => cpu['nextClockEvent']?.cycles ?? Number.POSITIVE_INFINITY;
