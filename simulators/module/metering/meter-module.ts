import { readInstruction } from './instruction.js';
import { meterBody } from './meter-code.js';
import { concat, encodeName, encodeSized, encodeU32, WasmReader } from './wasm-bytes.js';

/** A module that counts its steps, and shows what a reset has to set back. */
export interface MeteredModule {
	readonly bytes: Uint8Array;
	/** Exports of globals that may change; `STEPS_EXPORT` is not among them. */
	readonly globals: readonly string[];
	/** False: it may change what only a new instance undoes. */
	readonly isResettable: boolean;
}

/** Steps left, an unsigned i32 that the host sets before each call; 0 after a trap: they were used up. */
export const STEPS_EXPORT = 'blackstart:steps';
export const MEMORY_EXPORT = 'blackstart:memory';

const WASM_PAGE_BYTES = 65_536;
const SECTION = { type: 1, function: 3, memory: 5, global: 6, export: 7, start: 8, code: 10 } as const;
/** Sections stand in this order (core specification 2.0, 5.5.2); the data count comes before the code. */
const ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];

/**
 * Rewrites a binary module so that every call of a function and every turn of a loop takes a step from a global, its memory
 * is no larger than `memoryBytes`, and its globals can be set from outside. Nothing else changes: the new global is the last,
 * so that no index moves. Custom sections are left out. `bytes` is a valid module that imports nothing but functions. Throws a
 * RangeError for one that cannot be had here.
 */
export const meterModule = (bytes: Uint8Array, options: { readonly memoryBytes: number }): MeteredModule => {
	const sections = readSections(bytes);
	if (sections.has(SECTION.start)) throw new RangeError('module: one that does nothing until it is called was expected, it has a start function');
	const globals = readGlobals(sections.get(SECTION.global));
	const steps = globals.count;
	const parameters = readParameters(sections.get(SECTION.type));
	const types = readFunctionTypes(sections.get(SECTION.function));
	const code = meterFunctions(sections.get(SECTION.code), { parameters: (index) => parameters[types[index] ?? -1] ?? 0, steps });
	const mutable = globals.mutable.map((index) => ({ name: `blackstart:global:${index}`, index }));
	const exports = [
		...mutable.map(({ name, index }) => [encodeName(name), [0x03, ...encodeU32(index)]]),
		[encodeName(STEPS_EXPORT), [0x03, ...encodeU32(steps)]],
		[encodeName(MEMORY_EXPORT), [0x02, 0]],
	].flat();
	const rewritten = new Map<number, Uint8Array>([
		...sections,
		[SECTION.memory, limitMemory(sections.get(SECTION.memory), options.memoryBytes)],
		[SECTION.global, withMore(sections.get(SECTION.global), { count: 1, more: [[0x7f, 0x01, 0x41, 0x00, 0x0b]] })],
		[SECTION.export, withMore(sections.get(SECTION.export), { count: mutable.length + 2, more: exports })],
		[SECTION.code, code.bytes],
	]);
	const body = ORDER.flatMap((id) => {
		const section = rewritten.get(id);
		return section === undefined ? [] : [[id], encodeSized([section])];
	});
	return { bytes: concat([bytes.subarray(0, 8), ...body]), globals: mutable.map(({ name }) => name), isResettable: !code.isLasting };
};

const readSections = (bytes: Uint8Array): ReadonlyMap<number, Uint8Array> => {
	const reader = new WasmReader(bytes, 8);
	const sections = new Map<number, Uint8Array>();
	while (!reader.isAtEnd) {
		const id = reader.byte();
		const section = reader.sized().rest();
		if (id === CUSTOM_SECTION) continue;
		if (!ORDER.includes(id)) throw new RangeError(`module: section ${id} is not supported; compile without exceptions`);
		sections.set(id, section);
	}
	return sections;
};

const CUSTOM_SECTION = 0;

/** How many parameters each type of function has. */
const readParameters = (section: Uint8Array | undefined): readonly number[] =>
	readList(section, (types) => {
		if (types.byte() !== FUNCTION_TYPE) throw new RangeError(`module: types of functions alone were expected before ${types.at}`);
		const parameters = types.u32();
		types.skip(parameters);
		types.skip(types.u32());
		return parameters;
	});

const FUNCTION_TYPE = 0x60;

const readFunctionTypes = (section: Uint8Array | undefined): readonly number[] => readList(section, (functions) => functions.u32());

/** How many globals there are, and which may change. */
const readGlobals = (section: Uint8Array | undefined): { readonly count: number; readonly mutable: readonly number[] } => {
	const areMutable = readList(section, (globals) => {
		const type = globals.byte();
		const isMutable = globals.byte() === 1;
		if (isMutable && !NUMBER_TYPES.includes(type))
			throw new RangeError(`module: globals of numbers were expected, got type ${type.toString(16)} before ${globals.at}`);
		skipInitializer(globals);
		return isMutable;
	});
	return { count: areMutable.length, mutable: areMutable.flatMap((isMutable, index) => (isMutable ? [index] : [])) };
};

/** f64, f32, i64, i32. */
const NUMBER_TYPES = [0x7c, 0x7d, 0x7e, 0x7f];
const END = 0x0b;

const skipInitializer = (globals: WasmReader): void => {
	while (globals.bytes[globals.at] !== END) readInstruction(globals);
	globals.byte();
};

/** The one memory, with a bound that `memory.grow` keeps to. */
const limitMemory = (section: Uint8Array | undefined, memoryBytes: number): Uint8Array => {
	const most = Math.floor(memoryBytes / WASM_PAGE_BYTES);
	const [memory] = readList(section, (memories) => {
		const flags = memories.byte();
		if (flags > 1) throw new RangeError('module: memory of its own, of 32 bits, was expected, got shared or 64-bit memory');
		const pages = memories.u32();
		return { pages, declared: flags === 1 ? memories.u32() : most };
	});
	if (memory === undefined) throw new RangeError('module: a memory was expected, it has none');
	if (memory.pages > most)
		throw new RangeError(`module: at most ${memoryBytes} bytes of memory were expected (limits.memory), it begins with ${memory.pages * WASM_PAGE_BYTES}`);
	return concat([[1, 1], encodeU32(memory.pages), encodeU32(Math.min(most, memory.declared))]);
};

const meterFunctions = (
	section: Uint8Array | undefined,
	options: { readonly parameters: (index: number) => number; readonly steps: number },
): { readonly bytes: Uint8Array; readonly isLasting: boolean } => {
	const bodies = readList(section, (code, index) => meterBody(code.sized(), { parameters: options.parameters(index), steps: options.steps }));
	return { bytes: concat([encodeU32(bodies.length), ...bodies.map(({ bytes }) => bytes)]), isLasting: bodies.some(({ isLasting }) => isLasting) };
};

const readList = <Item>(section: Uint8Array | undefined, read: (section: WasmReader, index: number) => Item): readonly Item[] => {
	if (section === undefined) return [];
	const reader = new WasmReader(section);
	return Array.from({ length: reader.u32() }, (_, index) => read(reader, index));
};

/** The list of a section with more at its end. */
const withMore = (
	section: Uint8Array | undefined,
	{ count, more }: { readonly count: number; readonly more: readonly (readonly number[] | Uint8Array)[] },
): Uint8Array => {
	if (section === undefined) return concat([encodeU32(count), ...more]);
	const reader = new WasmReader(section);
	return concat([encodeU32(reader.u32() + count), reader.rest(), ...more]);
};
