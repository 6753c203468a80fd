import { access, constants, writeFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Gpio } from 'onoff';
import type { GpioLine, GpioLineRequest, GpioPort } from '../../../harness/ports/index.js';
import { messageOf } from '../deadline.js';
import { monotonicMs } from '../monotonic.js';
import { findLine, toolsVersion } from './find-line.js';
import { GpioError } from './gpio-error.js';
import { sysfsNumber } from './sysfs-number.js';

const ROOT = '/sys';
const EXPORT_WITHIN_MS = 2000;

/** Lines of the kernel's sysfs interface by onoff. A level changes where it is; a line stays as it was when this process is killed. */
export const createOnoffGpio = ({ why }: { readonly why: string }): GpioPort => ({
	description: `onoff on sysfs, ${why}`,
	openLine: async (request) => {
		const name = `${request.chip}/${request.line}`;
		const number = await sysfsNumber(request, { root: ROOT, findOffset: offsetByTools });
		await exportLine(number, name);
		const { Gpio } = await import('onoff');
		const gpio = openAt(Gpio, { number, request, name });
		return createLine(gpio, { request, name });
	},
});

/** Where the device tree names no lines, the tools of libgpiod may know them. */
const offsetByTools = async (line: { readonly chip: string; readonly line: string }): Promise<number> => {
	if ((await toolsVersion(process.env)) !== undefined) return (await findLine(line, process.env)).offset;
	throw new GpioError(
		'unknown',
		`${line.chip}/${line.line}: the device tree names no lines of this chip; install gpiod, or say which one as 'line N', N its offset`,
	);
};

/** onoff waits for udev's permissions by opening files over and over without ever letting go of the process: wait here first. */
const exportLine = async (number: number, name: string): Promise<void> => {
	try {
		await writeFile(`${ROOT}/class/gpio/export`, String(number));
	} catch (error) {
		// Exported already: by somebody who was killed, perhaps by ourselves.
		if (!(error instanceof Error && 'code' in error && error.code === 'EBUSY')) {
			throw new GpioError(
				error instanceof Error && 'code' in error && error.code === 'EACCES' ? 'unavailable' : 'refused',
				`${name}: sysfs does not export line ${number}: ${messageOf(error)}`,
				{ cause: error },
			);
		}
	}
	const deadlineMs = monotonicMs() + EXPORT_WITHIN_MS;
	for (const file of ['value', 'direction', 'active_low']) {
		for (;;) {
			const refused = await access(`${ROOT}/class/gpio/gpio${number}/${file}`, constants.R_OK | constants.W_OK).then(() => undefined, messageOf);
			if (refused === undefined) break;
			if (monotonicMs() > deadlineMs)
				throw new GpioError(refused.includes('ENOENT') ? 'busy' : 'unavailable', `${name}: sysfs: ${refused} after ${EXPORT_WITHIN_MS} ms`);
			await sleep(10);
		}
	}
};

interface Opening {
	readonly number: number;
	readonly request: GpioLineRequest;
	readonly name: string;
}

/** The direction carries the level, so that both come in one step; sysfs means the pin's level by it, whatever the polarity. */
const openAt = (OnoffGpio: typeof Gpio, { number, request, name }: Opening): Gpio => {
	const { activeLow, direction } = request;
	const gpio = new OnoffGpio(number, direction === 'input' ? 'in' : outputDirection(request, direction.output), undefined, { activeLow });
	// onoff says nothing about a line that was exported and did not take its configuration.
	const wanted = direction === 'input' || outputDirection(request, direction.output) === 'in' ? 'in' : 'out';
	if (gpio.direction() !== wanted || gpio.activeLow() !== activeLow) {
		const got = `direction ${gpio.direction()}, active low ${gpio.activeLow()}`;
		gpio.unexport();
		throw new GpioError('refused', `${name}: direction ${wanted}, active low ${activeLow} was asked of sysfs, it has ${got}`);
	}
	return gpio;
};

/** An open drain drives its pin low or not at all. */
const outputDirection = ({ activeLow, drive }: GpioLineRequest, active: boolean): 'in' | 'high' | 'low' => {
	if (active === activeLow) return 'low';
	return drive === 'open-drain' ? 'in' : 'high';
};

const createLine = (gpio: Gpio, { request, name }: Omit<Opening, 'number'>): GpioLine => {
	let closed = false;
	const assertOpen = (): void => {
		if (closed) throw new GpioError('closed', `${name}: the line was closed`);
	};
	return {
		name,
		set: async (active) => {
			assertOpen();
			if (request.direction === 'input') throw new GpioError('refused', `${name}: is an input`);
			if (request.drive === 'open-drain') gpio.setDirection(outputDirection(request, active));
			else await gpio.write(active ? 1 : 0);
		},
		get: async () => {
			assertOpen();
			return (await gpio.read()) === 1;
		},
		[Symbol.asyncDispose]: async () => {
			if (closed) return;
			closed = true;
			gpio.unexport();
		},
	};
};
