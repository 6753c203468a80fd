import type { CPU } from 'avr8js';
import type { Interrupt } from './interrupt.js';

/** Registers of USART0 and their bits, from the ATmega328P's datasheet, section 19.10. */
const UCSRA = 0xc0;
const UCSRB = 0xc1;
const UCSRC = 0xc2;
const UBRRL = 0xc4;
const UBRRH = 0xc5;
const UDR = 0xc6;
const RXC = 0x80;
const TXC = 0x40;
const UDRE = 0x20;
const DOR = 0x08;
const U2X = 0x02;
const MPCM = 0x01;
const RXEN = 0x10;
const TXEN = 0x08;
const SYMBOLS_PER_CHARACTER = 10;
/** Characters that wait behind the one that is coming in. */
const RECEIVE_DEPTH = 2;
/** What is on the line towards the chip: more than any sender is ahead. */
const LINE_DEPTH = 1 << 16;

export interface Usart {
	/** Puts bytes on the line to the chip; they come in one after the other at its baud rate, and are lost while nobody listens. */
	receive(bytes: Uint8Array): void;
	/** Bytes that have not come in yet. */
	readonly pendingBytes: number;
}

/** USART0 with 8N1 frames. avr8js has one whose writes to UCSR0A clear UDRE and RXC, and whose receiver has no depth. */
export const attachUsart = (cpu: CPU, { onTransmit }: { readonly onTransmit: (byte: number) => void }): Usart => {
	const received: number[] = [];
	const line: Uint8Array[] = [];
	let lineOffset = 0;
	let pendingBytes = 0;
	let shifting: number | null = null;
	let waiting: number | null = null;
	let isReceiving = false;

	const characterCycles = () => {
		const divisor = (((cpu.data[UBRRH] as number) & 0x0f) << 8) | (cpu.data[UBRRL] as number);
		return (divisor + 1) * ((cpu.data[UCSRA] as number) & U2X ? 8 : 16) * SYMBOLS_PER_CHARACTER;
	};
	const isEnabled = (bit: number) => ((cpu.data[UCSRB] as number) & bit) !== 0;

	const shiftOut = (byte: number) => {
		shifting = byte;
		cpu.addClockEvent(endOfCharacter, characterCycles());
	};
	const endOfCharacter = () => {
		if (shifting !== null) onTransmit(shifting);
		shifting = null;
		if (waiting === null) {
			cpu.setInterruptFlag(TRANSMITTED);
			return;
		}
		const next = waiting;
		waiting = null;
		shiftOut(next);
		cpu.setInterruptFlag(EMPTY);
	};

	const nextFromLine = () => {
		const chunk = line[0];
		if (chunk === undefined) {
			isReceiving = false;
			return;
		}
		isReceiving = true;
		cpu.addClockEvent(arrive, characterCycles());
	};
	const arrive = () => {
		const chunk = line[0] as Uint8Array;
		const byte = chunk[lineOffset++] as number;
		pendingBytes--;
		if (lineOffset === chunk.length) {
			line.shift();
			lineOffset = 0;
		}
		if (isEnabled(RXEN)) take(byte);
		nextFromLine();
	};
	const take = (byte: number) => {
		if (received.length > RECEIVE_DEPTH) {
			cpu.data[UCSRA] = (cpu.data[UCSRA] as number) | DOR;
			return;
		}
		received.push(byte);
		cpu.setInterruptFlag(RECEIVED);
	};

	cpu.data[UCSRA] = UDRE;
	cpu.data[UCSRC] = 0x06;
	cpu.writeHooks[UCSRA] = (value, old) => {
		cpu.data[UCSRA] = (old & ~(U2X | MPCM)) | (value & (U2X | MPCM));
		if (value & TXC) cpu.clearInterrupt(TRANSMITTED);
		return true;
	};
	cpu.writeHooks[UCSRB] = (value) => {
		cpu.data[UCSRB] = value;
		if (!(value & RXEN)) {
			received.length = 0;
			cpu.data[UCSRA] = (cpu.data[UCSRA] as number) & ~DOR;
			cpu.clearInterrupt(RECEIVED);
		}
		for (const interrupt of [RECEIVED, EMPTY, TRANSMITTED]) cpu.updateInterruptEnable(interrupt, value);
		return true;
	};
	cpu.writeHooks[UDR] = (value) => {
		if (!isEnabled(TXEN)) return true;
		if (shifting === null) {
			shiftOut(value);
		} else if (waiting === null) {
			waiting = value;
			cpu.clearInterrupt(EMPTY);
		}
		return true;
	};
	cpu.readHooks[UDR] = () => {
		const byte = received.shift() ?? 0;
		cpu.data[UCSRA] = (cpu.data[UCSRA] as number) & ~DOR;
		if (received.length === 0) cpu.clearInterrupt(RECEIVED);
		return byte;
	};

	return {
		receive(bytes) {
			const room = LINE_DEPTH - pendingBytes;
			const chunk = bytes.slice(0, Math.max(0, room));
			if (chunk.length === 0) return;
			line.push(chunk);
			pendingBytes += chunk.length;
			if (!isReceiving) nextFromLine();
		},
		get pendingBytes() {
			return pendingBytes;
		},
	};
};

const interrupt = (address: number, flagMask: number, options: { readonly constant: boolean }): Interrupt => ({
	address,
	enableRegister: UCSRB,
	enableMask: flagMask,
	flagRegister: UCSRA,
	flagMask,
	...options,
});
const RECEIVED = interrupt(0x24, RXC, { constant: true });
const EMPTY = interrupt(0x26, UDRE, { constant: true });
const TRANSMITTED = interrupt(0x28, TXC, { constant: false });
