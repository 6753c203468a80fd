import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import test from 'ava';
import { decodeEnvironment, encodeEnvironment } from './environment.js';
import { createUbootHardware } from './hardware.js';
import { factoryEnvironment, layoutOf, parseEnvironmentText } from './product.js';
import { ubootImage } from './releases.js';
import { encodeScriptImage } from './script-image.js';

/** By QEMU, at a time. */
const ERASED_BYTES = 0x40000;

test('an environment is read back as it was written, and not at all once a byte of it is wrong', (t) => {
	const variables = { a: '1', bootcmd: 'run b; echo $c=d' };
	const environment = encodeEnvironment(variables, 64);
	t.is(Buffer.from(environment.subarray(4, 8)).toString(), 'a=1\0');
	t.is(new DataView(environment.buffer).getUint32(0, true), crc32(environment.subarray(4)));
	t.deepEqual(decodeEnvironment(environment), variables);
	environment[40] = 1;
	t.is(decodeEnvironment(environment), null);
	t.is(decodeEnvironment(new Uint8Array(64).fill(0xff)), null, 'erased flash holds none');
	t.throws(() => encodeEnvironment({ a: 'x'.repeat(64) }, 64), { instanceOf: RangeError, message: /at most 60 bytes were expected, got 68/ });
	t.throws(() => encodeEnvironment({ 'a=b': '' }), { message: /a name and a value without ends were expected, got a=b/ });
});

test('a text of an environment has one variable a line, over lines that are indented', (t) => {
	t.deepEqual(parseEnvironmentText('# told\na=1\n\nb=if x;\n  then y=2; fi\n'), { a: '1', b: 'if x; then y=2; fi' });
	const { slots, states, imageBytes } = layoutOf(factoryEnvironment('two-copies'));
	t.is(states.length, 3);
	const areas = [...states, ...Object.values(slots).map((offsetBytes) => ({ offsetBytes, sizeBytes: imageBytes }))].sort(
		(one, other) => one.offsetBytes - other.offsetBytes,
	);
	for (const [index, { offsetBytes }] of areas.entries()) {
		t.is(offsetBytes % ERASED_BYTES, 0, 'what is erased takes nothing of another with it');
		t.true(index === 0 || offsetBytes >= ERASED_BYTES + (areas[index - 1]?.offsetBytes ?? 0));
	}
});

test('a script image has the header that U-Boot holds it to', (t) => {
	const image = encodeScriptImage('echo hi\n', { name: 'app 1', sizeBytes: 128, fill: (sizeBytes) => new Uint8Array(sizeBytes).fill(7) });
	const view = new DataView(image.buffer);
	t.is(view.getUint32(0), 0x27051956);
	t.is(view.getUint32(24), crc32(image.subarray(64)));
	const header = Uint8Array.from(image.subarray(0, 64)).fill(0, 4, 8);
	t.is(view.getUint32(4), crc32(header));
	t.deepEqual([view.getUint32(12), view.getUint32(64), view.getUint32(68)], [64, 8, 0]);
	t.is(Buffer.from(image.subarray(72, 80)).toString(), 'echo hi\n');
	t.throws(() => encodeScriptImage('x'.repeat(99), { name: 'a', sizeBytes: 128, fill: () => new Uint8Array() }), { message: /at most 56 bytes/ });
	t.not(ubootImage('golden').digest, ubootImage('candidate').digest);
});

test('a programmer writes the slot that runs, the other one, or all as from the factory, by what the newest whole state says', (t) => {
	const folder = mkdtempSync(join(tmpdir(), 'uboot-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	const firmware = join(folder, 'u-boot.bin');
	writeFileSync(firmware, 'code');
	const hardware = createUbootHardware({ folder, build: 'two-copies', firmware });
	hardware.manufacture();
	const kept = join(folder, 'flash1.img');
	const environment = factoryEnvironment('two-copies');
	const { slots, states } = layoutOf(environment);
	const at = (offsetBytes: number, sizeBytes: number): string =>
		readFileSync(kept)
			.subarray(offsetBytes, offsetBytes + sizeBytes)
			.toString();
	const golden = Buffer.from(ubootImage('golden').bytes).toString();
	t.is(at(slots.a, 8192), golden);
	t.is(readFileSync(join(folder, 'flash0.img')).subarray(0, 5).toString(), 'code\0');
	hardware.program('primary', Buffer.from('one'));
	hardware.program('secondary', Buffer.from('two'));
	t.deepEqual([at(slots.a, 3), at(slots.b, 3)], ['one', 'two']);
	const file = readFileSync(kept);
	const [, older, newer] = states as [never, { offsetBytes: number; sizeBytes: number }, { offsetBytes: number; sizeBytes: number }];
	for (const [{ offsetBytes, sizeBytes }, seq, slot] of [
		[older, '9', 'a'],
		[newer, 'a', 'b'],
	] as const)
		file.set(encodeEnvironment({ ...environment, seq, slot }, sizeBytes), offsetBytes);
	writeFileSync(kept, file);
	hardware.program('primary', Buffer.from('six'));
	t.deepEqual([at(slots.a, 3), at(slots.b, 3)], ['one', 'six'], 'numbers of states are hexadecimal');
	hardware.program('golden', ubootImage('golden').bytes);
	t.is(at(slots.a, 8192), golden);
	t.is(at(slots.b, 3), Buffer.from([255, 255, 255]).toString());
	t.is(decodeEnvironment(readFileSync(kept).subarray(newer.offsetBytes, newer.offsetBytes + newer.sizeBytes)), null);
	t.throws(() => hardware.program('primary', new Uint8Array(9000)), { message: /at most 8192 bytes were expected, got 9000/ });
});
