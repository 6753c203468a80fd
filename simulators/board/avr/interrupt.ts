import type { CPU } from 'avr8js';

/** What avr8js knows of one interrupt: its vector's word address, the bits that enable and flag it; `constant`: served until its cause is gone. */
export type Interrupt = Parameters<CPU['setInterruptFlag']>[0];
