/** The part of WebAssembly's JavaScript interface (W3C, WebAssembly JavaScript Interface 2.0) that the loader uses; Node's own types leave it out. */
export interface WasmModule {
	readonly __module: never;
}

export interface WasmGlobal {
	value: number | bigint;
}

export interface WasmMemory {
	readonly buffer: ArrayBuffer;
}

export type WasmFunction = (...values: number[]) => number | undefined;

export type WasmExport = WasmFunction | WasmGlobal | WasmMemory;

export interface WasmInstance {
	readonly exports: Readonly<Record<string, WasmExport>>;
}

interface WebAssemblyInterface {
	readonly Module: {
		/** Compiles; throws a CompileError. */
		new (bytes: Uint8Array): WasmModule;
		imports(module: WasmModule): readonly { readonly module: string; readonly name: string; readonly kind: string }[];
		exports(module: WasmModule): readonly { readonly name: string; readonly kind: string }[];
	};
	readonly Instance: new (module: WasmModule, imports: Readonly<Record<string, Readonly<Record<string, WasmFunction | (() => void)>>>>) => WasmInstance;
	readonly CompileError: ErrorConstructor;
	readonly LinkError: ErrorConstructor;
	readonly RuntimeError: ErrorConstructor;
}

export const webAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }).WebAssembly;
