import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { openSerialConsole } from '../drivers/console/index.js';
import { installFakeTools } from '../drivers/fake-tools.test.support.js';
import { openFarEnd } from '../drivers/far-end.test.support.js';
import { type BoardSpec, parseRigFile } from '../rig-file/index.js';
import type { BoardLine } from './board-lines.js';
import { createBoardFlasher } from './index.js';

const FOLDER = fileURLToPath(new URL('../../../rigs/examples/', import.meta.url));
const findPort = (): string => '/dev/none';
const boardsOf = (text: string): readonly BoardSpec[] => parseRigFile(text, { path: `${FOLDER}x.yaml` }).boards;

test('a real board has the flasher of its type, over the port of its console where it has no other', (t) => {
	const esp = readFileSync(`${FOLDER}raspberry-pi-relay.yaml`, 'utf8');
	const shares = (text: string): readonly (boolean | undefined)[] => boardsOf(text).map(({ flasher }) => flasher?.sharesConsole);
	t.deepEqual(shares(esp), [true, true]);
	t.deepEqual(shares(esp.replace('identity: { mac:', 'flasher: { match: { usbPath: 1-1.5 } }\n    identity: { mac:')), [false, true]);
	t.deepEqual(shares(readFileSync(`${FOLDER}stm32-st-link.yaml`, 'utf8')), [false, false]);
	for (const spec of boardsOf(esp)) t.truthy(createBoardFlasher(spec, { findPort }));
	const none = boardsOf(
		'schema: rig/v1\nrig: x\nboards:\n  v: { type: virtual-avr, backend: virtual }\n  g: { type: generic, serial: { console: { path: /dev/ttyS0 } } }\n',
	);
	for (const spec of none) t.is(createBoardFlasher(spec, { findPort }), undefined);
});

/** Says who the device is, or writes to its port, which it must have for itself: serialport holds a lock on what it has open. */
const ESPTOOL = `case "$*" in
*read_mac*) echo "MAC: aa:bb:cc:dd:ee:01" ;;
*) flock --nonblock --conflict-exit-code 9 "$4" sh -c 'printf "image for %s" "$0" >"$1"' "$8" "$4" || exit 9; echo "Hash of data verified." ;;
esac`;

test('a flasher has the port of the console for itself, between a reset into the ROM loader and one out of it; then the console goes on', async (t) => {
	const tools = await installFakeTools(t, { esptool: ESPTOOL });
	const far = openFarEnd();
	const recordFile = join(tools.folder, 'esp-1.console');
	const console = await openSerialConsole({ name: 'esp-1', baudRate: 115_200, lines: 'none', resolvePort: async () => far.path, recordFile });
	const steps: string[] = [];
	const line = (name: string): BoardLine => ({
		set: async (active) => void steps.push(`${name} ${active}`),
		pulse: async () => void steps.push(`${name} pulse`),
		release: async () => {},
		hold: async () => {},
	});
	try {
		const [spec] = boardsOf(readFileSync(`${FOLDER}raspberry-pi-relay.yaml`, 'utf8')) as readonly [BoardSpec];
		const flasher = createBoardFlasher(spec, { findPort: () => far.path, env: tools.env })?.({ console, lines: { boot: line('boot'), reset: line('reset') } });
		far.write('before> ');
		await console.expect('before> ', { withinMs: 2000 });
		const flashing = flasher?.flash(new Uint8Array(8), { area: 'golden', withinMs: 10_000 });
		// Meanwhile nobody else gets it, and what is sent to the board waits.
		while (console.path !== undefined) await new Promise(setImmediate);
		const sending = console.send('later');
		await flashing;
		await sending;
		t.deepEqual(steps, ['boot true', 'reset pulse', 'boot false', 'reset pulse']);
		while (!far.heard().includes('later')) await new Promise(setImmediate);
		t.regex(far.heard().toString(), /^image for 0x0later$/);
		t.is((await tools.calls()).length, 2);
		far.write('after> ');
		await console.expect('after> ', { withinMs: 2000 });
		const notes = readFileSync(`${recordFile}.index.jsonl`, 'utf8')
			.trim()
			.split('\n')
			.flatMap((entry) => (JSON.parse(entry) as { note?: string }).note ?? []);
		t.deepEqual(notes, ['opened', 'lent', 'reopened']);
		await tools.install('esptool', 'echo "A fatal error occurred: Failed to connect"; exit 2');
		await t.throwsAsync(flasher?.flash(new Uint8Array(8), { area: 'golden', withinMs: 10_000 }) ?? Promise.resolve(), {
			name: 'FlasherError',
			code: 'failed',
			message: /esp-1: esptool: exit code 2: .*Failed to connect/,
		});
		t.deepEqual(steps.slice(4), ['boot true', 'reset pulse', 'boot false', 'reset pulse']);
		far.write('again> ');
		await console.expect('again> ', { withinMs: 2000 });
	} finally {
		await console[Symbol.asyncDispose]();
		await far.die();
	}
});
