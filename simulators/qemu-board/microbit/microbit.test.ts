import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { BOARD_APPLICATIONS, BOARD_BOOTLOADERS } from '../../board/firmware-files.js';
import { readImage } from '../../board/image.js';
import { readMicrobitApplication, readMicrobitBootloader } from './firmware-files.js';
import { createMicrobitHardware } from './hardware.js';
import { MICROBIT_HARDWARE, RUNNING_AT, SLOT_BYTES, STAGED_AT, USED_BYTES } from './layout.js';
import { microbitReleases } from './releases.js';
import { encodePacket, writeMemory } from './write-memory.js';

const makeFolder = (t: ExecutionContext): string => {
	const folder = mkdtempSync(join(tmpdir(), 'microbit-'));
	t.teardown(() => rmSync(folder, { recursive: true }));
	return folder;
};

test('what is compiled begins with the vectors of a Cortex-M and leaves room for footer, services and slots', (t) => {
	for (const name of BOARD_BOOTLOADERS) {
		const runs = readMicrobitBootloader(name);
		const vectors = new DataView((runs[0]?.bytes ?? new Uint8Array(8)).slice().buffer);
		t.is(runs[0]?.offsetBytes, 0);
		t.is(vectors.getUint32(0, true), 0x20003ff0, 'the stack');
		t.is(vectors.getUint32(4, true) & 1, 1, 'Thumb');
		t.true(runs.every(({ offsetBytes, bytes }) => offsetBytes + bytes.length <= RUNNING_AT));
	}
	for (const name of BOARD_APPLICATIONS) {
		const code = readMicrobitApplication(name);
		t.true(code.length <= SLOT_BYTES - 64);
		const entry = new DataView(code.slice().buffer).getUint32(4, true);
		t.true(entry > RUNNING_AT && entry < RUNNING_AT + code.length, name);
	}
	const image = microbitReleases().golden().images[0]?.bytes ?? new Uint8Array();
	t.is((image[SLOT_BYTES - 60] as number) | ((image[SLOT_BYTES - 59] as number) << 8), MICROBIT_HARDWARE);
	t.deepEqual(readImage(image), { ok: false, reason: 'hardware' }, 'it is none for the other board');
});

test('a programmer writes the slots of the flash file and leaves the rest, or all as from the factory', (t) => {
	const folder = makeFolder(t);
	const hardware = createMicrobitHardware({ folder, build: 'boot' });
	hardware.manufacture();
	const file = join(folder, 'flash.bin');
	const factory = readFileSync(file);
	t.is(factory.length, USED_BYTES);
	hardware.program('primary', Uint8Array.of(1, 2));
	hardware.program('secondary', Uint8Array.of(3));
	hardware.manufacture();
	const flash = readFileSync(file);
	t.deepEqual([...flash.subarray(RUNNING_AT, RUNNING_AT + 3)], [1, 2, 0xff]);
	t.deepEqual([...flash.subarray(STAGED_AT - 1, STAGED_AT + 2)], [0xff, 3, 0xff]);
	t.true(flash.subarray(0, RUNNING_AT).equals(factory.subarray(0, RUNNING_AT)));
	hardware.program('golden', factory.subarray(RUNNING_AT, RUNNING_AT + SLOT_BYTES));
	t.true(readFileSync(file).equals(factory));
	t.throws(() => hardware.program('golden', new Uint8Array(SLOT_BYTES + 1)), { message: /at most 8192 bytes were expected, got 8193/ });
	writeFileSync(hardware.memory?.draft.filename ?? '', 'what QEMU left');
	hardware.memory?.keep();
	t.is(readFileSync(file, 'utf8'), 'what QEMU left');
});

test("memory goes through QEMU's gdb stub piece by piece, and a piece that it refuses ends it", async (t) => {
	t.is(encodePacket(0x400, Uint8Array.of(0xde, 0xad)), '$M400,2:dead#07');
	const folder = makeFolder(t);
	const answers = ['OK', 'OK', 'E22'];
	for (const { pieces, refused } of [
		{ pieces: 2, refused: false },
		{ pieces: 1, refused: true },
	]) {
		const path = join(folder, `gdb-${pieces}`);
		let heard = '';
		const server = createServer((socket) => {
			socket.on('error', () => {});
			socket.setEncoding('latin1').on('data', (text: string) => {
				heard += text;
				for (const _ of text.matchAll(/#../g)) socket.write(`+$${answers.shift()}#9a`);
			});
		});
		await new Promise<void>((resolve) => server.listen(path, resolve));
		const writing = writeMemory(path, new Uint8Array(pieces * 1024));
		if (refused) await t.throwsAsync(writing, { message: /OK was expected, got "E22"/ });
		else {
			await writing;
			t.regex(heard, /^\$M0,400:0{2048}#..\+?\$M400,400:/);
		}
		await new Promise((resolve) => server.close(resolve));
	}
});
