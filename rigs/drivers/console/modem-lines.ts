import { spawn } from 'node:child_process';
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

/**
 * Keeps the kernel from dropping DTR, which resets many a board, when the port is closed. serialport's `hupcl: false` does not. stty is handed the port
 * that is open: opening it a second time would raise both lines again.
 */
export const clearHupcl = (port: SerialPort): Promise<void> =>
	new Promise((resolve, reject) => {
		const fail = (why: string): void => reject(new ConsoleError('modem-lines', `port ${port.path}: HUPCL cannot be cleared by stty: ${why}`));
		const { fd } = port.port as unknown as { readonly fd: number };
		const stty = spawn('stty', ['-hupcl'], { stdio: [fd, 'ignore', 'pipe'], timeout: STTY_WITHIN_MS });
		let complaint = '';
		stty.stderr?.setEncoding('utf8').on('data', (text: string) => {
			complaint += text;
		});
		stty.on('error', (error) => fail(error.message));
		stty.on('close', (code) => (code === 0 ? resolve() : fail(complaint.trim() || `exit code ${code}`)));
	});
