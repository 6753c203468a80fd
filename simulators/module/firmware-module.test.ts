import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { EndlessLoop } from '../../harness/bootloader/index.js';
import { findPackageRoot } from '../../harness/cli/package-root.js';
import { Flash, PageStore, PowerLoss } from '../../harness/flash/index.js';
import { type AssembledModule, assemble } from './assemble.test.support.js';
import { createSampleImages, FirmwareModule, type ModuleHardware, ModuleError, type ModuleLimits, ModuleTrap } from './index.js';

const LIMITS: ModuleLimits = { steps: 100_000, memoryBytes: 131_072 };

const openHardware = (): ModuleHardware & { readonly flash: Flash; readonly counter: { value: number } } => {
	const geometry = { sectors: [{ count: 11, sizeBytes: 1024 }], writeSizeBytes: 8, erasedByte: 0xff, writeOnce: false } as const;
	const counter = {
		value: 0,
		read: () => counter.value,
		advance: (to: number) => {
			counter.value = to;
		},
	};
	return { flash: new Flash({ geometry, store: new PageStore({ pageSizeBytes: 256 }) }), counter };
};

const IMPORTS = {
	read: { module: 'flash', name: 'read', parameters: 3, results: 1 },
	program: { module: 'flash', name: 'program', parameters: 3, results: 1 },
	erase: { module: 'flash', name: 'erase', parameters: 2, results: 1 },
	log: { module: 'log', name: 'write', parameters: 2, results: 0 },
	feed: { module: 'watchdog', name: 'feed', parameters: 0, results: 0 },
} as const;

const boot = (module: Omit<AssembledModule, 'functions'>, code: readonly number[], limits = LIMITS): FirmwareModule =>
	new FirmwareModule(assemble({ ...module, functions: [{ export: 'boot', results: 1, code }] }), limits);

/** i32.const of any number. */
const number = (value: number): readonly number[] => {
	const bytes: number[] = [];
	for (let left = value; ; left >>= 7) {
		if (left >= -64 && left < 64) return [0x41, ...bytes, left & 0x7f];
		bytes.push((left & 0x7f) | 0x80);
	}
};

test('every boot begins with memory and globals as they were loaded', (t) => {
	// Adds one to a global and to a word of memory, and returns their sum.
	const code = [0x23, 0, 0x41, 1, 0x6a, 0x24, 0, 0x41, 0, 0x41, 0, 0x28, 2, 0, 0x41, 1, 0x6a, 0x36, 2, 0, 0x23, 0, 0x41, 0, 0x28, 2, 0, 0x6a];
	const module = boot({ globals: [5] }, code);
	const hardware = openHardware();
	t.deepEqual(
		[1, 2, 3].map(() => module.call('boot', [], hardware)),
		[7, 7, 7],
	);
});

test('a module that grows its memory begins anew too', (t) => {
	const module = boot({}, [0x41, 1, 0x40, 0]);
	t.deepEqual(
		[1, 2, 3].map(() => module.call('boot', [], openHardware())),
		[1, 1, 1],
	);
});

test('power that goes in an import ends the call, and the next one starts from nothing', (t) => {
	const sample = new FirmwareModule(readFileSync(join(findPackageRoot(), 'simulators/module/sample/boot.wasm')));
	const cut = openHardware();
	const whole = openHardware();
	const { from, to } = createSampleImages();
	for (const { flash } of [cut, whole]) {
		flash.program(3 * 1024, from);
		flash.program(7 * 1024, to);
	}
	for (const hardware of [cut, whole]) {
		t.is(sample.call('provision', [], hardware), 0);
		t.is(sample.call('mark_pending', [1, 0], hardware), 0);
	}
	cut.flash.armCut({ operation: 9, tear: 'half' });
	t.throws(() => sample.call('boot', [], cut), { instanceOf: PowerLoss });
	cut.flash.powerOn();
	const expected = sample.call('boot', [], whole);
	t.is(sample.call('boot', [], cut), expected);
	t.is(expected, 0x100 | (1 << 16), 'the new image runs from slot a, on its first trial');
	t.true(cut.flash.isHolding(3 * 1024, to));
	t.true(cut.flash.isHolding(7 * 1024, from));
	t.is(cut.counter.value, 0, 'nothing is confirmed');
	t.is(sample.call('confirm', [], cut), 0);
	t.is(cut.counter.value, 2);
});

test('an endless loop without a call of the hardware is told as one', (t) => {
	const module = boot({}, [0x03, 0x40, 0x0c, 0, 0x0b, 0x41, 0]);
	for (let again = 0; again < 3; again++)
		t.throws(() => module.call('boot', [], openHardware()), { instanceOf: EndlessLoop, message: '100000 steps and no end' });
});

test('an endless loop that reads flash is told as one', (t) => {
	const module = boot({ imports: [IMPORTS.read] }, [0x03, 0x40, 0x41, 0, 0x41, 0, 0x41, 8, 0x10, 0, 0x1a, 0x0c, 0, 0x0b, 0x41, 0]);
	t.throws(() => module.call('boot', [], openHardware()), { instanceOf: EndlessLoop });
});

test('steps without a feeding of the watchdog end the boot, and a fed one still has an end', (t) => {
	const turns = (feeding: readonly number[]) => [...number(5000), 0x21, 0, 0x03, 0x40, ...feeding, 0x20, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b, 0x41, 0];
	const withLocal = (code: readonly number[], limits: ModuleLimits) =>
		new FirmwareModule(assemble({ imports: [IMPORTS.feed], functions: [{ export: 'boot', results: 1, locals: 1, code }] }), limits);
	const hardware = openHardware();
	t.is(withLocal(turns([]), LIMITS).call('boot', [], hardware), 0, 'nobody watches');
	t.throws(() => withLocal(turns([]), { ...LIMITS, watchdogSteps: 1000 }).call('boot', [], hardware), {
		instanceOf: EndlessLoop,
		message: 'the watchdog was not fed for 1000 steps',
	});
	t.is(withLocal(turns([0x10, 0]), { ...LIMITS, watchdogSteps: 1000 }).call('boot', [], hardware), 0);
	const forEver = withLocal([0x03, 0x40, 0x10, 0, 0x0c, 0, 0x0b, 0x41, 0], { ...LIMITS, watchdogSteps: 1000 });
	t.throws(() => forEver.call('boot', [], hardware), { instanceOf: EndlessLoop, message: '100000 steps and no end' });
});

test('a trap tells what the module said before it', (t) => {
	// 'sad' at offset 0.
	const say = [0x41, 0, ...number(0x646173), 0x36, 2, 0, 0x41, 0, 0x41, 3, 0x10, 0];
	const module = boot({ imports: [IMPORTS.log] }, [...say, 0x00]);
	t.throws(() => module.call('boot', [], openHardware()), { instanceOf: ModuleTrap, message: 'unreachable; log: sad' });
});

test('calls that nest without end are a trap where steps do not end them first', (t) => {
	const module = boot({}, [0x10, 0], { steps: 4_000_000_000, memoryBytes: 131_072 });
	t.throws(() => module.call('boot', [], openHardware()), { instanceOf: ModuleTrap, message: 'calls nest too deep' });
});

const MISUSES: readonly { readonly what: string; readonly module: AssembledModule['imports']; readonly code: readonly number[]; readonly says: RegExp }[] = [
	{ what: 'half a unit programmed', module: [IMPORTS.program], code: [0x41, 0, 0x41, 0, 0x41, 4, 0x10, 0], says: /^flash: .*units of 8 bytes/ },
	{ what: 'half a sector erased', module: [IMPORTS.erase], code: [0x41, 0, ...number(512), 0x10, 0], says: /^flash: erase: / },
	{ what: 'flash read behind its end', module: [IMPORTS.read], code: [...number(11 * 1024), 0x41, 0, 0x41, 8, 0x10, 0], says: /^flash: .*11264/ },
	{
		what: 'memory behind its end',
		module: [IMPORTS.read],
		code: [0x41, 0, ...number(65_535), 0x41, 8, 0x10, 0],
		says: /^flash_read: 65536 bytes of memory were expected, got 8 bytes at 65535$/,
	},
	{ what: 'memory at a negative place', module: [IMPORTS.read], code: [0x41, 0, ...number(-1), 0x41, 8, 0x10, 0], says: /^flash_read: .*at 4294967295$/ },
];

for (const { what, module, code, says } of MISUSES) {
	test(`${what}: a trap`, (t) => {
		t.throws(() => boot({ imports: module ?? [] }, code).call('boot', [], openHardware()), { instanceOf: ModuleTrap, message: says });
	});
}

test('a unit that cannot be read is told to the module, which may go on', (t) => {
	const module = boot({ imports: [IMPORTS.read] }, [0x41, 0, 0x41, 0, 0x41, 8, 0x10, 0]);
	const hardware = openHardware();
	t.is(module.call('boot', [], hardware), 0);
	hardware.flash.armCut({ operation: 0, tear: 'unreadable' });
	t.throws(() => hardware.flash.program(0, new Uint8Array(8)), { instanceOf: PowerLoss });
	hardware.flash.powerOn();
	t.is(module.call('boot', [], hardware), -1);
});

const STRANGERS: readonly { readonly what: string; readonly bytes: Uint8Array; readonly says: RegExp }[] = [
	{ what: 'no WebAssembly', bytes: new Uint8Array([1, 2, 3]), says: /WebAssembly was expected/ },
	{ what: 'no boot', bytes: assemble({ functions: [{ export: 'start', code: [] }] }), says: /an export boot was expected, it has start/ },
	{
		what: 'an import of its own',
		bytes: assemble({ imports: [{ module: 'env', name: 'puts', parameters: 1, results: 1 }], functions: [{ export: 'boot', results: 1, code: [0x41, 0] }] }),
		says: /imports of blackstart\.h were expected, got function env\.puts/,
	},
];

for (const { what, bytes, says } of STRANGERS) {
	test(`${what}: not a firmware module`, (t) => {
		t.throws(() => new FirmwareModule(bytes), { instanceOf: ModuleError, message: says });
	});
}
