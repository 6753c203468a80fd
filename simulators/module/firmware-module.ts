import { EndlessLoop } from '../../harness/bootloader/index.js';
import { assertAbi, type ModuleExport } from './abi.js';
import { createImports, type ModuleHardware, type ModuleImports } from './hardware-imports.js';
import { MEMORY_EXPORT, type MeteredModule, meterModule, STEPS_EXPORT } from './metering/meter-module.js';
import { ModuleError, ModuleTrap } from './module-error.js';
import { ModuleLog } from './module-log.js';
import { type WasmFunction, type WasmGlobal, type WasmInstance, type WasmMemory, type WasmModule, webAssembly } from './web-assembly.js';

/** What a call may take: counted, not timed, so that the same call always ends alike. */
export interface ModuleLimits {
	/** Turns of loops and calls of functions, and one for each 64 bytes that are moved at once; below 2^32. */
	readonly steps: number;
	readonly memoryBytes: number;
	/** Steps that a call may take without feeding the watchdog; absent: nobody watches. */
	readonly watchdogSteps?: number;
}

export const MODULE_LIMITS: ModuleLimits = { steps: 20_000_000, memoryBytes: 1024 * 1024 };

/** What a call of the hardware costs beside the bytes it moves. */
const CALL_STEPS = 16;

/**
 * A bootloader compiled to WebAssembly, on the ABI of `blackstart.h`. Every call begins with memory and globals as the module
 * was loaded: only flash and counter remember. Not reentrant, and no state of its own: one may serve any number of devices.
 */
export class FirmwareModule {
	readonly #limits: ModuleLimits;
	readonly #module: WasmModule;
	readonly #metered: MeteredModule;
	readonly #imports: ModuleImports;
	readonly #log = new ModuleLog();
	readonly #pristine: Uint8Array;
	readonly #globals: readonly (number | bigint)[];
	#instance: WasmInstance;
	#hardware: ModuleHardware | null = null;
	/** Steps that the call still has when those until the next feeding are used up. */
	#reserveSteps = 0;

	/** Throws a ModuleError for bytes that are no module of this ABI. */
	constructor(bytes: Uint8Array, limits: ModuleLimits = MODULE_LIMITS) {
		this.#limits = limits;
		const self = this;
		this.#imports = createImports({
			get hardware() {
				return self.#runsOn();
			},
			get memory() {
				return self.#memory();
			},
			charge: (moved) => this.#charge(CALL_STEPS + (moved >>> 6)),
			feed: () => this.#grant(this.#steps().value as number),
			log: (text) => this.#log.add(text),
		});
		const plain = compile(bytes);
		assertAbi(plain, this.#imports);
		this.#metered = meter(bytes, limits);
		this.#module = compile(this.#metered.bytes);
		this.#instance = this.#instantiate();
		this.#pristine = this.#memory().slice();
		this.#globals = this.#metered.globals.map((name) => this.#global(name).value);
	}

	/** What it said in its last call. */
	get log(): readonly string[] {
		return this.#log.lines;
	}

	/** A message with what the module said before it. */
	tell(message: string): string {
		return this.#log.behind(message);
	}

	has(name: ModuleExport): boolean {
		return this.#instance.exports[name] !== undefined;
	}

	/**
	 * Calls an export, with fresh memory. Throws a ModuleTrap where the module ends as none should, an EndlessLoop where it
	 * takes more steps than it may, and whatever flash and counter throw, PowerLoss above all.
	 */
	call(name: ModuleExport, values: readonly number[], hardware: ModuleHardware): number {
		this.#reset();
		this.#hardware = hardware;
		try {
			return (this.#instance.exports[name] as WasmFunction)(...values) ?? 0;
		} catch (error) {
			throw this.#ended(error);
		} finally {
			this.#hardware = null;
		}
	}

	#ended(error: unknown): unknown {
		if (error instanceof ModuleTrap) return new ModuleTrap(this.tell(error.message), { cause: error });
		if (error instanceof webAssembly.RuntimeError)
			return this.#steps().value === 0 ? this.#endless() : new ModuleTrap(this.tell(error.message), { cause: error });
		// V8's word for calls that nest too deep.
		if (error instanceof RangeError && error.message.includes('call stack')) return new ModuleTrap(this.tell('calls nest too deep'), { cause: error });
		return error;
	}

	#endless(): EndlessLoop {
		const { steps, watchdogSteps } = this.#limits;
		return new EndlessLoop(this.tell(this.#reserveSteps > 0 ? `the watchdog was not fed for ${watchdogSteps} steps` : `${steps} steps and no end`));
	}

	#reset(): void {
		this.#log.clear();
		if (this.#metered.isResettable) {
			this.#memory().set(this.#pristine);
			for (const [index, name] of this.#metered.globals.entries()) this.#global(name).value = this.#globals[index] as number | bigint;
		} else {
			this.#instance = this.#instantiate();
		}
		this.#reserveSteps = this.#limits.steps;
		this.#grant(0);
	}

	/** The watchdog is fed: so many steps are left of those it gave before. */
	#grant(left: number): void {
		const all = (left >>> 0) + this.#reserveSteps;
		const granted = Math.min(this.#limits.watchdogSteps ?? all, all);
		this.#steps().value = granted | 0;
		this.#reserveSteps = all - granted;
	}

	#charge(steps: number): void {
		const left = (this.#steps().value as number) >>> 0;
		this.#steps().value = Math.max(0, left - steps) | 0;
		if (left < steps) throw this.#endless();
	}

	#instantiate(): WasmInstance {
		return new webAssembly.Instance(this.#module, this.#imports);
	}

	#runsOn(): ModuleHardware {
		if (this.#hardware === null) throw new Error('module: a call was expected to be under way');
		return this.#hardware;
	}

	#steps(): WasmGlobal {
		return this.#global(STEPS_EXPORT);
	}

	#global(name: string): WasmGlobal {
		return this.#instance.exports[name] as WasmGlobal;
	}

	#memory(): Uint8Array {
		return new Uint8Array((this.#instance.exports[MEMORY_EXPORT] as WasmMemory).buffer);
	}
}

const compile = (bytes: Uint8Array): WasmModule => {
	try {
		return new webAssembly.Module(bytes);
	} catch (cause) {
		throw new ModuleError(`module: WebAssembly was expected, got: ${(cause as Error).message}`, { cause });
	}
};

const meter = (bytes: Uint8Array, limits: ModuleLimits): MeteredModule => {
	try {
		return meterModule(bytes, limits);
	} catch (cause) {
		if (!(cause instanceof RangeError)) throw cause;
		throw new ModuleError(cause.message, { cause });
	}
};
