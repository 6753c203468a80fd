import { readInstruction } from './instruction.js';
import { concat, encodeSized, encodeU32, type WasmReader } from './wasm-bytes.js';

export interface MeteredBody {
	/** With its length, as it stands in the code section. */
	readonly bytes: Uint8Array;
	/** It changes what only a new instance undoes. */
	readonly isLasting: boolean;
}

const I32 = 0x7f;

/**
 * A function's body with its steps counted: a step at its start, one at each turn of a loop, and one for each 64 bytes
 * that an instruction moves as a whole. Between two of them only so much code can run as stands there, so that whatever
 * runs on comes to the end of its steps, and then to `unreachable` with none left.
 */
export const meterBody = (body: WasmReader, options: { readonly parameters: number; readonly steps: number }): MeteredBody => {
	const step = takeStep(options.steps);
	const groups = body.u32();
	const localsFrom = body.at;
	let locals = options.parameters;
	for (let group = 0; group < groups; group++) {
		locals += body.u32();
		body.skipNumber();
	}
	// One more local, behind the others, so that none of them moves.
	const parts: (readonly number[] | Uint8Array)[] = [encodeU32(groups + 1), body.slice(localsFrom), encodeU32(1), [I32], step];
	const takeMoved = takeSteps(options.steps, locals);
	let isLasting = false;
	while (!body.isAtEnd) {
		const from = body.at;
		const kind = readInstruction(body);
		if (kind === 'bulk') parts.push(takeMoved);
		parts.push(body.slice(from));
		if (kind === 'loop') parts.push(step);
		if (kind === 'lasting') isLasting = true;
	}
	return { bytes: encodeSized(parts), isLasting };
};

const GLOBAL_GET = 0x23;
const GLOBAL_SET = 0x24;
const LOCAL_GET = 0x20;
const LOCAL_SET = 0x21;
const LOCAL_TEE = 0x22;
const I32_CONST = 0x41;
const I32_EQZ = 0x45;
const I32_LT_U = 0x49;
const I32_SUB = 0x6b;
const I32_SHR_U = 0x76;
const IF_VOID = [0x04, 0x40];
const UNREACHABLE = 0x00;
const END = 0x0b;

const takeStep = (steps: number): Uint8Array => {
	const global = encodeU32(steps);
	return concat([
		[GLOBAL_GET, ...global, I32_EQZ, ...IF_VOID, UNREACHABLE, END],
		[GLOBAL_GET, ...global, I32_CONST, 1, I32_SUB, GLOBAL_SET, ...global],
	]);
};

/** The number of bytes is on the stack, and stays there. */
const takeSteps = (steps: number, local: number): Uint8Array => {
	const global = encodeU32(steps);
	const place = encodeU32(local);
	return concat([
		[LOCAL_TEE, ...place, LOCAL_GET, ...place, I32_CONST, 6, I32_SHR_U, LOCAL_SET, ...place],
		[GLOBAL_GET, ...global, LOCAL_GET, ...place, I32_LT_U, ...IF_VOID, I32_CONST, 0, GLOBAL_SET, ...global, UNREACHABLE, END],
		[GLOBAL_GET, ...global, LOCAL_GET, ...place, I32_SUB, GLOBAL_SET, ...global],
	]);
};
