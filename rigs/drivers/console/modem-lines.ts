import { execFile } from 'node:child_process';
import type { SerialPort } from 'serialport';
import { ConsoleError } from './console-error.js';

/** What DTR and RTS are held at, both at once: on many boards the pair means reset or bootloader. `none`: the port has no such lines, as a pty. */
export type ModemLines = 'none' | { readonly dtr: boolean; readonly rts: boolean };

const STTY_WITHIN_MS = 3000;

/** Sets both lines in one call: serialport sets each that is left out to true. */
export const setModemLines = (port: SerialPort, lines: { readonly dtr: boolean; readonly rts: boolean; readonly brk?: boolean }): Promise<void> =>
	new Promise((resolve, reject) => {
		const { dtr, rts, brk = false } = lines;
		port.set({ dtr, rts, brk }, (error) => {
			if (error === null || error === undefined) return resolve();
			const remedy = error.message.includes('Inappropriate ioctl') ? `; a port without modem lines has the policy 'none'` : '';
			reject(
				new ConsoleError('modem-lines', `port ${port.path}: DTR ${dtr}, RTS ${rts}, break ${brk} cannot be set: ${error.message}${remedy}`, { cause: error }),
			);
		});
	});

/** Keeps the kernel from dropping DTR, which resets many a board, when the port is closed. serialport's `hupcl: false` does not. */
export const clearHupcl = (path: string): Promise<void> =>
	new Promise((resolve, reject) => {
		execFile('stty', [process.platform === 'linux' ? '-F' : '-f', path, '-hupcl'], { timeout: STTY_WITHIN_MS }, (error, _out, complaint) => {
			if (error === null) return resolve();
			reject(new ConsoleError('modem-lines', `port ${path}: HUPCL cannot be cleared by stty: ${complaint.trim() || error.message}`, { cause: error }));
		});
	});
