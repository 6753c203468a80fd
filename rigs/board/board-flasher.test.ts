import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { parseRigFile } from '../rig-file/index.js';
import { createBoardFlasher } from './index.js';

const FOLDER = fileURLToPath(new URL('../../../rigs/examples/', import.meta.url));
const findPort = (): string => '/dev/none';

const flashersOf = (text: string): readonly boolean[] =>
	parseRigFile(text, { path: `${FOLDER}x.yaml` }).boards.map((board) => createBoardFlasher(board, { findPort }) !== undefined);

test('a real board has the flasher of its type, unless that needs the port its console holds', (t) => {
	t.deepEqual(flashersOf(readFileSync(`${FOLDER}stm32-st-link.yaml`, 'utf8')), [true, true]);
	const esp = readFileSync(`${FOLDER}raspberry-pi-relay.yaml`, 'utf8');
	t.deepEqual(flashersOf(esp), [false, false]);
	t.deepEqual(flashersOf(esp.replace('identity: { mac:', 'flasher: { match: { usbPath: 1-1.5 } }\n    identity: { mac:')), [true, false]);
	t.deepEqual(
		flashersOf(
			'schema: rig/v1\nrig: x\nboards:\n  v: { type: virtual-avr, backend: virtual }\n  g: { type: generic, serial: { console: { path: /dev/ttyS0 } } }\n',
		),
		[false, false],
	);
});
