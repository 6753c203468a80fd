import type { SerialPort } from 'serialport';
import { messageOf } from '../deadline.js';
import { PowerError } from './power-error.js';
import type { PowerDriverOptions } from './power-options.js';
import type { PowerSwitch } from './power-switch.js';

/**
 * LCUS relay boards (CH340), 9600 baud. They answer nothing, so that what they did is seen by a sense line or not at all.
 *
 * | offset | size | field |
 * |---|---|---|
 * | 0 | 1 | 0xA0 |
 * | 1 | 1 | channel, the first is 1 |
 * | 2 | 1 | 1: contact closed, 0: open |
 * | 3 | 1 | sum of the three, modulo 256 |
 */
export const encodeLcus = (channel: number, closed: boolean): Uint8Array => {
	const state = closed ? 1 : 0;
	return Uint8Array.of(0xa0, channel, state, (0xa0 + channel + state) & 0xff);
};

export const openSerialRelay = async ({ path, baudRate, channel }: Extract<PowerDriverOptions, { readonly driver: 'serial-relay' }>): Promise<PowerSwitch> => {
	const { SerialPort } = await import('serialport');
	const port = new SerialPort({ path, baudRate, autoOpen: false, lock: true, hupcl: false });
	port.on('error', () => undefined);
	await new Promise<void>((resolve, reject) =>
		port.open((error) =>
			error === null || error === undefined ? resolve() : reject(new PowerError('unreachable', `serial relay ${path}: ${messageOf(error)}`, { cause: error })),
		),
	);
	// A port that is not read does not notice that it is gone.
	port.resume();
	return {
		description: `LCUS relay on ${path}, channel ${channel}`,
		set: (powered) => send(port, encodeLcus(channel, powered)),
		[Symbol.asyncDispose]: () => new Promise((resolve) => (port.isOpen ? port.close(() => resolve()) : resolve())),
	};
};

const send = (port: SerialPort, frame: Uint8Array): Promise<void> =>
	new Promise((resolve, reject) => {
		const fail = (error: unknown): void => reject(new PowerError('unreachable', `serial relay ${port.path}: ${messageOf(error)}`, { cause: error }));
		if (!port.isOpen) return fail(new Error('its port is gone'));
		port.write(Buffer.from(frame), (error) => {
			if (error !== null && error !== undefined) return fail(error);
			port.drain((drainError) => (drainError === null || drainError === undefined ? resolve() : fail(drainError)));
		});
	});
