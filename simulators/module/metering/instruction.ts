import type { WasmReader } from './wasm-bytes.js';

/**
 * What the metering has to know of an instruction. `bulk`: it moves as many bytes as the top of the stack says. `lasting`:
 * it changes what is neither memory nor a global, or how large memory is, so that only a new instance is as it was.
 */
export type InstructionKind = 'plain' | 'loop' | 'bulk' | 'lasting';

/**
 * Reads past one instruction (WebAssembly core specification 2.0, chapter 5.4). Throws a RangeError for one that no
 * module here may have: vectors, threads, exceptions, tail calls, garbage collection.
 */
export const readInstruction = (code: WasmReader): InstructionKind => {
	const at = code.at;
	const opcode = code.byte();
	if (opcode === 0xfc) return readPrefixed(code, at);
	const immediates = opcode >= 0x45 && opcode <= 0xc4 ? 'none' : opcode >= 0x28 && opcode <= 0x3e ? 'two numbers' : IMMEDIATES[opcode];
	if (immediates === undefined) throw unknown(opcode.toString(16), at);
	skipImmediates(code, immediates);
	return opcode === LOOP ? 'loop' : opcode === TABLE_SET || opcode === MEMORY_GROW ? 'lasting' : 'plain';
};

const LOOP = 0x03;
const TABLE_SET = 0x26;
const MEMORY_GROW = 0x40;

type Immediates = 'none' | 'number' | 'two numbers' | 'numbers and one' | 'types' | 'four bytes' | 'eight bytes';

const IMMEDIATES: Readonly<Record<number, Immediates>> = {
	/* unreachable, nop */ 0: 'none',
	1: 'none',
	/* block, loop, if: their type; else, end */ 2: 'number',
	3: 'number',
	4: 'number',
	5: 'none',
	11: 'none',
	/* br, br_if, br_table, return */ 12: 'number',
	13: 'number',
	14: 'numbers and one',
	15: 'none',
	/* call, call_indirect */ 16: 'number',
	17: 'two numbers',
	/* drop, select, select with types */ 26: 'none',
	27: 'none',
	28: 'types',
	/* local.get to global.set, table.get, table.set */ 32: 'number',
	33: 'number',
	34: 'number',
	35: 'number',
	36: 'number',
	37: 'number',
	38: 'number',
	/* memory.size, memory.grow */ 63: 'number',
	64: 'number',
	/* constants */ 65: 'number',
	66: 'number',
	67: 'four bytes',
	68: 'eight bytes',
	/* ref.null, ref.is_null, ref.func */ 208: 'number',
	209: 'none',
	210: 'number',
};

const skipImmediates = (code: WasmReader, immediates: Immediates): void => {
	switch (immediates) {
		case 'none':
			return;
		case 'number':
			return code.skipNumber();
		case 'two numbers':
			code.skipNumber();
			return code.skipNumber();
		case 'numbers and one':
			for (let left = code.u32(); left >= 0; left--) code.skipNumber();
			return;
		case 'types':
			return code.skip(code.u32());
		case 'four bytes':
			return code.skip(4);
		case 'eight bytes':
			return code.skip(8);
	}
};

/** Saturating conversions, then memory and tables as a whole. */
const readPrefixed = (code: WasmReader, at: number): InstructionKind => {
	const opcode = code.u32();
	if (opcode <= 7) return 'plain';
	const [immediates, kind] = PREFIXED[opcode] ?? [];
	if (immediates === undefined || kind === undefined) throw unknown(`fc ${opcode.toString(16)}`, at);
	skipImmediates(code, immediates);
	return kind;
};

const PREFIXED: Readonly<Record<number, readonly [Immediates, InstructionKind]>> = {
	/* memory.init, data.drop, memory.copy, memory.fill */ 8: ['two numbers', 'bulk'],
	9: ['number', 'lasting'],
	10: ['two numbers', 'bulk'],
	11: ['number', 'bulk'],
	/* table.init, elem.drop, table.copy, table.grow, table.size, table.fill */ 12: ['two numbers', 'lasting'],
	13: ['number', 'lasting'],
	14: ['two numbers', 'lasting'],
	15: ['number', 'lasting'],
	16: ['number', 'plain'],
	17: ['number', 'lasting'],
};

const unknown = (opcode: string, at: number): RangeError =>
	new RangeError(`module: instruction ${opcode} at ${at} is not supported; compile without vectors, threads, exceptions and tail calls`);
