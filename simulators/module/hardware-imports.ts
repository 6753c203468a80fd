import type { SecurityCounter } from '../../harness/bootloader/index.js';
import { FlashError, type FlashPort } from '../../harness/flash/index.js';
import { ModuleTrap } from './module-error.js';
import type { WasmFunction } from './web-assembly.js';

/** What a module runs on. */
export interface ModuleHardware {
	readonly flash: FlashPort;
	readonly counter: SecurityCounter;
}

/** What the imports need of whoever runs the module. */
export interface ImportHost {
	readonly hardware: ModuleHardware;
	/** As it is now: it moves when it grows. */
	readonly memory: Uint8Array;
	/** Takes the steps of a call that moves so many bytes. */
	charge(bytes: number): void;
	feed(): void;
	log(bytes: Uint8Array): void;
}

export type ModuleImports = Readonly<Record<string, Readonly<Record<string, WasmFunction>>>>;

/** blackstart.h, in its order. */
const DONE = 0;
const UNREADABLE = -1;
const WORN = -2;

/** The imports of `blackstart.h`. Numbers come as signed 32 bits and are meant without a sign. */
export const createImports = (host: ImportHost): ModuleImports => {
	const moved = (what: string, range: { readonly at: number; readonly sizeBytes: number }): Uint8Array => {
		const { memory } = host;
		const at = range.at >>> 0;
		const sizeBytes = range.sizeBytes >>> 0;
		if (at + sizeBytes > memory.length) throw new ModuleTrap(`${what}: ${memory.length} bytes of memory were expected, got ${sizeBytes} bytes at ${at}`);
		host.charge(sizeBytes);
		return memory.subarray(at, at + sizeBytes);
	};
	return {
		flash: {
			read: (offset = 0, to = 0, size = 0) => {
				const memory = moved('flash_read', { at: to, sizeBytes: size });
				return onFlash(() => memory.set(host.hardware.flash.read(offset >>> 0, size >>> 0)));
			},
			program: (offset = 0, from = 0, size = 0) => {
				const bytes = moved('flash_program', { at: from, sizeBytes: size }).slice();
				return onFlash(() => host.hardware.flash.program(offset >>> 0, bytes));
			},
			erase: (offset = 0, size = 0) => {
				host.charge(0);
				return onFlash(() => host.hardware.flash.erase(offset >>> 0, size >>> 0));
			},
		},
		counter: {
			read: () => {
				host.charge(0);
				return host.hardware.counter.read();
			},
			advance: (to = 0) => {
				host.charge(0);
				const { counter } = host.hardware;
				if (to >>> 0 > counter.read()) counter.advance(to >>> 0);
				return undefined;
			},
		},
		log: {
			write: (text = 0, size = 0) => {
				host.log(moved('log_write', { at: text, sizeBytes: size }));
				return undefined;
			},
		},
		watchdog: {
			feed: () => {
				host.charge(0);
				host.feed();
				return undefined;
			},
		},
	};
};

/** What a driver would return; what a part refuses is the module's fault and ends it. */
const onFlash = (operate: () => void): number => {
	try {
		operate();
		return DONE;
	} catch (error) {
		if (!(error instanceof FlashError)) throw error;
		if (error.code === 'unreadable') return UNREADABLE;
		if (error.code === 'worn') return WORN;
		throw new ModuleTrap(`flash: ${error.message}`, { cause: error });
	}
};
