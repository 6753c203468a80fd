import { concat, encodeName, encodeSized, encodeU32 } from './metering/wasm-bytes.js';

export interface AssembledFunction {
	readonly export?: string;
	/** i32 parameters and results. */
	readonly parameters?: number;
	readonly results?: number;
	/** i32 locals behind the parameters. */
	readonly locals?: number;
	/** Instructions without the last `end`. */
	readonly code: readonly number[];
}

export interface AssembledModule {
	/** Take and return i32. */
	readonly imports?: readonly { readonly module: string; readonly name: string; readonly parameters: number; readonly results: number }[];
	readonly functions: readonly AssembledFunction[];
	/** Mutable i32 globals with their first values. */
	readonly globals?: readonly number[];
	/** Pages of memory; default 1, 0: none. */
	readonly memoryPages?: number;
	readonly startFunction?: number;
}

const END = 0x0b;
const I32 = 0x7f;

/** A binary module made by hand: what a compiler would not write. For tests. */
export const assemble = (module: AssembledModule): Uint8Array => {
	const { imports = [], functions, globals = [], memoryPages = 1, startFunction } = module;
	const shapes = [...imports, ...functions.map(({ parameters = 0, results = 0 }) => ({ parameters, results }))];
	const list = (items: readonly (Uint8Array | readonly number[])[]): readonly (Uint8Array | readonly number[])[] => [encodeU32(items.length), ...items];
	const section = (id: number, items: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
		items.length === 0 ? new Uint8Array(0) : concat([[id], encodeSized(list(items))]);
	const types = shapes.map(({ parameters, results }) => [
		0x60,
		parameters,
		...Array<number>(parameters).fill(I32),
		results,
		...Array<number>(results).fill(I32),
	]);
	const exports = functions.flatMap((each, index) =>
		each.export === undefined ? [] : [concat([encodeName(each.export), [0, ...encodeU32(imports.length + index)]])],
	);
	return concat([
		[0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
		section(1, types),
		section(
			2,
			imports.map(({ module: from, name }, index) => concat([encodeName(from), encodeName(name), [0, index]])),
		),
		section(
			3,
			functions.map((_, index) => [imports.length + index]),
		),
		section(5, memoryPages === 0 ? [] : [[0, memoryPages]]),
		section(
			6,
			globals.map((value) => [I32, 1, 0x41, value, END]),
		),
		section(7, exports),
		startFunction === undefined ? [] : concat([[8], encodeSized([encodeU32(startFunction)])]),
		section(
			10,
			functions.map(({ locals = 0, code }) => encodeSized([locals === 0 ? [0] : [1, locals, I32], code, [END]])),
		),
	]);
};
