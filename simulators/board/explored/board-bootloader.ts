import { type BootDecision, BootError, type Bootloader, type BootState, EndlessLoop, type Slot, type UpdateTarget } from '../../../harness/bootloader/index.js';
import type { FlashArea, FlashPort } from '../../../harness/flash/index.js';
import { Atmega328p } from '../avr/atmega328p.js';
import { CLOCK_HZ } from '../avr/clock.js';
import { BOOT_SECTION_AT, blankNonVolatile, type NonVolatile, type Operation } from '../avr/non-volatile.js';
import type { HexRun } from '../intel-hex.js';
import { CELL_BYTES, type ExploredLayout } from './explored-layout.js';

export interface BoardBootloaderOptions {
	readonly flash: FlashPort;
	readonly machineCode: readonly HexRun[];
	readonly explored: ExploredLayout;
}

/** As firmware/layout.h numbers them. */
const SERVICES_AT = 0x7ff0 / 2;
const REQUEST_TRIAL = 1;
const CONFIRM = 2;
const DONE = 0;
const TRIAL_RUNNING = 3;
const NOT_TRIAL = 4;
/** Where a service that was called returns to: nothing of the bootloader lies there. */
const RETURN_AT = 0x3000 / 2;
const STACK_AT = 0x8fd;
/** Of no boot or service: a swap takes a second. */
const MOST_CYCLES = 30 * CLOCK_HZ;

/** The bootloader of the virtual board, its machine code run by the emulated chip on the explorer's flash. */
export const createBoardBootloader = (options: BoardBootloaderOptions): Bootloader => new BoardBootloaderPort(options);

class BoardBootloaderPort implements Bootloader {
	readonly layout;
	readonly #options: BoardBootloaderOptions;

	constructor(options: BoardBootloaderOptions) {
		this.#options = options;
		this.layout = options.explored.layout;
	}

	imageArea(slot: Slot): FlashArea {
		const { layout, staged } = this.#options.explored;
		return slot === 'a' ? layout.slotA : staged;
	}

	updateTarget(): UpdateTarget {
		const { staged, layout } = this.#options.explored;
		return { slot: 'b', image: staged, erase: layout.slotB };
	}

	/** Blank records are those of the factory. */
	provision(): void {}

	boot(): BootDecision {
		let said = '';
		const chip = this.#chip((byte) => {
			said += String.fromCharCode(byte);
			if (said.endsWith(STARTS)) throw new BootEnd('runs');
			if (said.endsWith(RECOVERS)) throw new BootEnd('none');
		});
		try {
			chip.runUntil(MOST_CYCLES);
		} catch (end) {
			if (!(end instanceof BootEnd)) throw end;
			if (end.kind === 'none') return { kind: 'none', reason: lastLine(said) };
			const attempt = Number(/boot: trial (\d+) of/.exec(said)?.[1] ?? 0);
			return { kind: 'run', slot: 'a', trial: attempt > 0, reverted: said.includes('boot: revert'), attempt };
		}
		throw new EndlessLoop(`${MOST_CYCLES / CLOCK_HZ} seconds and no end; last line ${JSON.stringify(lastLine(said))}`);
	}

	requestTrial(): void {
		this.#call(REQUEST_TRIAL);
	}

	confirm(): void {
		this.#call(CONFIRM);
	}

	acknowledgeRevert(): void {}

	state(): BootState | null {
		return null;
	}

	/** Has the machine code of a service run as a call from the application does. */
	#call(service: number): void {
		const chip = this.#chip(() => {});
		const { cpu } = chip;
		cpu.SP = STACK_AT;
		cpu.data[STACK_AT + 1] = RETURN_AT >> 8;
		cpu.data[STACK_AT + 2] = RETURN_AT & 0xff;
		cpu.pc = SERVICES_AT + service;
		if (!chip.runWhile(({ pc }) => pc !== RETURN_AT, { untilCycle: MOST_CYCLES })) throw new EndlessLoop(`service ${service} does not return`);
		const result = cpu.data[24] as number;
		if (result === DONE || result === NOT_TRIAL) return;
		throw new BootError(result === TRIAL_RUNNING ? 'trial-running' : 'record-not-written', `service ${service} returned ${result}`);
	}

	#chip(onTransmit: (byte: number) => void): Atmega328p {
		return new Atmega328p({ memory: this.#memory(), onTransmit, onOperation: (operation) => this.#forward(operation) });
	}

	/** What the part holds, as the chip sees it. The boot counter, which nothing but the banner reads, is blank in every boot. */
	#memory(): NonVolatile {
		const { flash, machineCode, explored } = this.#options;
		const memory = blankNonVolatile();
		for (const run of machineCode) memory.flash.set(run.bytes, run.offsetBytes);
		memory.flash.set(flash.read(0, explored.flashBytes));
		for (const { address, offsetBytes } of explored.cells) memory.eeprom[address] = flash.read(offsetBytes, 1)[0] as number;
		return memory;
	}

	/** Each operation of the chip is one, or two, of the part, and may be cut in either. */
	#forward({ memory, kind, offsetBytes, before, wanted }: Operation): void {
		const { flash, explored } = this.#options;
		if (memory === 'flash') {
			if (offsetBytes >= explored.flashBytes || offsetBytes >= BOOT_SECTION_AT)
				throw new RangeError(`flash: a page of the slots was expected, got 0x${offsetBytes.toString(16)}`);
			if (kind === 'erase') flash.erase(offsetBytes, wanted.length);
			else flash.program(offsetBytes, wanted);
			return;
		}
		const cell = explored.cells.find(({ address }) => address === offsetBytes);
		if (cell === undefined) return;
		if (kind !== 'program' && before[0] !== 0xff) flash.erase(cell.offsetBytes, CELL_BYTES);
		if (kind !== 'erase' && wanted[0] !== 0xff) flash.program(cell.offsetBytes, wanted);
	}
}

/** Thrown out of the chip where a boot has decided and has nothing left to write. */
class BootEnd {
	readonly kind: 'runs' | 'none';

	constructor(kind: 'runs' | 'none') {
		this.kind = kind;
	}
}

const STARTS = 'boot: start\r\n';
const RECOVERS = 'recovery> ';

const lastLine = (said: string): string => said.replace(RECOVERS, '').trim().split('\r\n').at(-1) ?? '';
