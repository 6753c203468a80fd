import { Atmega328p, type ChipOptions } from './avr/atmega328p.js';
import { cyclesOfMs } from './avr/clock.js';
import type { NonVolatile } from './avr/non-volatile.js';
import { crc16 } from './crc16.js';
import { manufacture } from './factory.js';
import { type BoardBootloader, readBootloader } from './firmware-files.js';
import { virtualBoardReleases } from './releases.js';

const PAGE_BYTES = 128;
const ANSWER_WITHIN_MS = 3000;
const STEP_MS = 1;

export const copyOf = ({ flash, eeprom }: NonVolatile): NonVolatile => ({ flash: flash.slice(), eeprom: eeprom.slice() });

export const factoryBoard = ({ bootloader = 'boot' }: { readonly bootloader?: BoardBootloader } = {}): NonVolatile =>
	manufacture({ bootloader: readBootloader(bootloader), image: virtualBoardReleases().golden().images[0]?.bytes as Uint8Array, serial: 'bench-1' });

/** A chip with somebody at its console who has all the time in the world: nothing here takes real time. */
export class BenchBoard {
	readonly chip: Atmega328p;
	/** All that was said since power came. */
	said = '';
	#seenTo = 0;

	constructor(memory: NonVolatile, options: Omit<ChipOptions, 'memory' | 'onTransmit'> = {}) {
		this.chip = new Atmega328p({
			...options,
			memory,
			onTransmit: (byte) => {
				this.said += String.fromCharCode(byte);
			},
		});
	}

	/** Runs until the text comes, behind what was waited for before, and gives what came before it. Throws with what came instead. */
	expect(text: string, { withinMs = ANSWER_WITHIN_MS }: { readonly withinMs?: number } = {}): string {
		const endCycle = this.chip.cycles + cyclesOfMs(withinMs);
		for (;;) {
			const at = this.said.indexOf(text, this.#seenTo);
			if (at !== -1) {
				const before = this.said.slice(this.#seenTo, at);
				this.#seenTo = at + text.length;
				return before;
			}
			if (this.chip.cycles >= endCycle)
				throw new Error(`${JSON.stringify(text)} within ${withinMs} ms was expected, got ${JSON.stringify(this.said.slice(this.#seenTo))}`);
			this.chip.runUntil(this.chip.cycles + cyclesOfMs(STEP_MS));
		}
	}

	send(text: string): void {
		this.chip.receive(new TextEncoder().encode(text));
	}

	/** Gives the lines of the answer behind the echo, `ok` or the error last. */
	command(line: string): readonly string[] {
		this.send(`${line}\r`);
		this.expect(`${line}\r\n`);
		return this.expect('\r\n> ').split('\r\n');
	}

	upload(image: Uint8Array): void {
		this.send('update\r');
		this.expect('update ready pages=64 size=8192\r\n');
		for (let page = 0; page * PAGE_BYTES < image.length; page++) {
			this.send(`${blockLine(page, image.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES))}\r`);
			this.expect(`+${hex(page)}\r\n`);
		}
		this.send('end\r');
		this.expect('update ended pages=64\r\nok\r\n> ');
	}

	/** Runs on for so long. */
	wait(ms: number): void {
		this.chip.runUntil(this.chip.cycles + cyclesOfMs(ms));
	}
}

export const blockLine = (page: number, bytes: Uint8Array): string => {
	const block = Uint8Array.of(page >> 8, page & 0xff, ...bytes);
	return `:${Buffer.from(block).toString('hex')}${hex(crc16(block))}`;
};

const hex = (value: number): string => value.toString(16).padStart(4, '0');
