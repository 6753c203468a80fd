import test from 'ava';
import { type AssembledFunction, assemble } from '../assemble.test.support.js';
import { type WasmFunction, type WasmGlobal, type WasmMemory, webAssembly } from '../web-assembly.js';
import { MEMORY_EXPORT, meterModule, STEPS_EXPORT } from './meter-module.js';

const MEMORY_BYTES = 2 * 65_536;
const LOOP_FOR_EVER = [0x03, 0x40, 0x0c, 0, 0x0b];
const CALL_ITSELF = [0x10, 0];

const load = (functions: readonly AssembledFunction[], globals: readonly number[] = []) => {
	const metered = meterModule(assemble({ functions, globals }), { memoryBytes: MEMORY_BYTES });
	const { exports } = new webAssembly.Instance(new webAssembly.Module(metered.bytes), {});
	const steps = exports[STEPS_EXPORT] as WasmGlobal;
	return {
		metered,
		exports,
		steps,
		/** The steps that a call takes. */
		count: (name: string, ...values: number[]): { readonly value: number | undefined; readonly taken: number } => {
			steps.value = 1_000_000;
			const value = (exports[name] as WasmFunction)(...values);
			return { value, taken: 1_000_000 - (steps.value as number) };
		},
	};
};

test('a loop that touches nothing and never ends comes to the end of its steps', (t) => {
	const { exports, steps } = load([{ export: 'f', code: LOOP_FOR_EVER }]);
	for (const given of [1, 2, 1000, 1_000_000]) {
		steps.value = given;
		t.throws(() => (exports['f'] as WasmFunction)(), { instanceOf: webAssembly.RuntimeError });
		t.is(steps.value, 0);
	}
});

test('calls take steps too, so that functions that call each other for ever end', (t) => {
	const { exports, steps } = load([{ export: 'f', code: CALL_ITSELF }]);
	steps.value = 100;
	t.throws(() => (exports['f'] as WasmFunction)(), { instanceOf: webAssembly.RuntimeError });
	t.is(steps.value, 0);
});

test('a step is taken for each turn of a loop and one for the call, and the result is what it was', (t) => {
	// The sum of 1 to n, counted down in a loop; a block and a br_table around it are read past.
	const sum = [
		...[0x02, 0x40, 0x41, 0, 0x0e, 1, 0, 0, 0x0b],
		...[0x03, 0x40, 0x20, 0, 0x20, 1, 0x6a, 0x21, 1, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x20, 1],
	];
	const { count } = load([{ export: 'sum', parameters: 1, results: 1, locals: 1, code: sum }]);
	for (const n of [1, 2, 10, 1000]) t.deepEqual(count('sum', n), { value: (n * (n + 1)) / 2, taken: n + 1 });
});

test('bytes that one instruction moves take a step for each 64 of them', (t) => {
	const fill = [0x41, 0, 0x41, 7, 0x20, 0, 0xfc, 11, 0];
	const { count, exports } = load([{ export: 'fill', parameters: 1, code: fill }]);
	t.is(count('fill', 0).taken, 1);
	t.is(count('fill', 64_000).taken, 1001);
	t.is(new Uint8Array((exports[MEMORY_EXPORT] as WasmMemory).buffer)[63_999], 7);
	const { steps } = load([{ export: 'fill', parameters: 1, code: fill }]);
	t.is(steps.value, 0);
});

test('more bytes at once than there are steps for are not moved', (t) => {
	const { exports, steps } = load([{ export: 'fill', parameters: 1, code: [0x41, 0, 0x41, 7, 0x20, 0, 0xfc, 11, 0] }]);
	steps.value = 10;
	t.throws(() => (exports['fill'] as WasmFunction)(65_536), { instanceOf: webAssembly.RuntimeError });
	t.is(steps.value, 0);
	t.is(new Uint8Array((exports[MEMORY_EXPORT] as WasmMemory).buffer)[0], 0);
});

test('memory grows to its bound and no further, and a module that grows it is not reset in place', (t) => {
	const { metered, count } = load([{ export: 'grow', parameters: 1, results: 1, code: [0x20, 0, 0x40, 0] }]);
	t.false(metered.isResettable);
	t.is(count('grow', 1).value, 1);
	t.is(count('grow', 1).value, -1);
});

test('globals that may change can be set from outside, and keep their places', (t) => {
	const { metered, exports, count } = load([{ export: 'next', results: 1, code: [0x23, 1, 0x41, 1, 0x6a, 0x24, 1, 0x23, 1] }], [5, 40]);
	t.true(metered.isResettable);
	t.is(metered.globals.length, 2);
	t.is(count('next').value, 41);
	t.is((exports[metered.globals[1] as string] as WasmGlobal).value, 41);
	t.is((exports[metered.globals[0] as string] as WasmGlobal).value, 5);
});

const REFUSED: readonly { readonly what: string; readonly module: Parameters<typeof assemble>[0]; readonly says: RegExp }[] = [
	{ what: 'vectors', module: { functions: [{ code: [0xfd, 0x0c, ...Array<number>(16).fill(0), 0x1a] }] }, says: /instruction fd at \d+ is not supported/ },
	{ what: 'a start function', module: { functions: [{ code: [] }], startFunction: 0 }, says: /it has a start function/ },
	{ what: 'no memory', module: { functions: [], memoryPages: 0 }, says: /a memory was expected/ },
	{
		what: 'more memory than its limit',
		module: { functions: [], memoryPages: 3 },
		says: /at most 131072 bytes of memory were expected \(limits\.memory\), it begins with 196608/,
	},
];

for (const { what, module, says } of REFUSED) {
	test(`a module with ${what} is refused`, (t) => {
		t.notThrows(() => new webAssembly.Module(assemble(module)), 'it is WebAssembly');
		t.throws(() => meterModule(assemble(module), { memoryBytes: MEMORY_BYTES }), { instanceOf: RangeError, message: says });
	});
}
