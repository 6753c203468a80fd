import {
	type BootDecision,
	BootError,
	type BootErrorCode,
	type BootLayout,
	type Bootloader,
	type BootState,
	type Slot,
	type UpdateTarget,
} from '../../harness/bootloader/index.js';
import type { FlashArea } from '../../harness/flash/index.js';
import type { ModuleExport } from './abi.js';
import type { FirmwareModule } from './firmware-module.js';
import type { ModuleHardware } from './hardware-imports.js';

export interface ModuleBootloaderOptions extends ModuleHardware {
	readonly layout: BootLayout;
	/** `from-a`: images run from slot a alone, and updates go to slot b. */
	readonly runs: 'in-place' | 'from-a';
	/** `mark_pending(slot, 1)` is understood. */
	readonly hasPermanent: boolean;
}

/** A firmware module as devices and the explorer see a bootloader. What it returns must be in `blackstart.h`: a TypeError says what it was. */
export const createModuleBootloader = (module: FirmwareModule, options: ModuleBootloaderOptions): Bootloader => new ModuleBootloader(module, options);

/** Of `boot()`, as in blackstart.h. */
const BOOT_NONE = -1;
const BOOT_TRIAL = 0x100;
const BOOT_REVERTED = 0x200;
const ATTEMPT_SHIFT = 16;

/** From -1 down, as in blackstart.h. */
const REFUSALS: readonly BootErrorCode[] = ['no-record', 'trial-running', 'image-refused', 'record-not-written', 'record-damaged'];

class ModuleBootloader implements Bootloader {
	readonly layout: BootLayout;
	requestPermanent?: (slot: Slot) => void;
	readonly #module: FirmwareModule;
	readonly #options: ModuleBootloaderOptions;

	constructor(module: FirmwareModule, options: ModuleBootloaderOptions) {
		this.layout = options.layout;
		this.#module = module;
		this.#options = options;
		if (options.hasPermanent) this.requestPermanent = (slot) => this.#ask('mark_pending', [numberOf(slot), 1]);
	}

	imageArea(slot: Slot): FlashArea {
		return slot === 'a' ? this.layout.slotA : this.layout.slotB;
	}

	updateTarget(running: Slot): UpdateTarget {
		const slot: Slot = this.#options.runs === 'in-place' && running === 'b' ? 'a' : 'b';
		const area = this.imageArea(slot);
		return { slot, image: area, erase: area };
	}

	/** A module without it leaves the factory with blank records. */
	provision(slot: Slot): void {
		if (slot !== 'a') throw new RangeError(`slot: a was expected, where a module's first image lies, got ${slot}`);
		if (this.#module.has('provision')) this.#ask('provision', []);
	}

	boot(): BootDecision {
		const value = this.#module.call('boot', [], this.#options);
		if (value === BOOT_NONE) return { kind: 'none', reason: this.#module.tell('boot() returned BOOT_NONE') };
		const slot = value & 0xff;
		const isKnown = value >= 0 && slot <= (this.#options.runs === 'in-place' ? 1 : 0) && (value & 0xfc00) === 0;
		if (!isKnown) throw new TypeError(this.#module.tell(`boot(): BOOT_NONE or a slot that runs was expected, got ${value}`));
		const trial = (value & BOOT_TRIAL) !== 0;
		return {
			kind: 'run',
			slot: slot === 0 ? 'a' : 'b',
			trial,
			reverted: (value & BOOT_REVERTED) !== 0,
			attempt: trial ? Math.max(1, value >> ATTEMPT_SHIFT) : 0,
		};
	}

	requestTrial(slot: Slot): void {
		this.#ask('mark_pending', [numberOf(slot), 0]);
	}

	/** A module without it has nothing to confirm. */
	confirm(): void {
		if (this.#module.has('confirm')) this.#ask('confirm', []);
	}

	/** What a module reports of a revert is in what `boot()` returns: there is nothing to take back. */
	acknowledgeRevert(): void {}

	/** The record is the module's own. */
	state(): BootState | null {
		return null;
	}

	#ask(name: ModuleExport, values: readonly number[]): void {
		if (!this.#module.has(name)) throw new TypeError(`${name}: a module that exports it was expected`);
		const value = this.#module.call(name, values, this.#options);
		if (value === 0) return;
		const code = REFUSALS[-1 - value];
		if (code === undefined) throw new TypeError(this.#module.tell(`${name}(): OK or a refusal of blackstart.h was expected, got ${value}`));
		throw new BootError(code, this.#module.tell(`${name}: it is refused`));
	}
}

const numberOf = (slot: Slot): number => (slot === 'a' ? 0 : 1);
