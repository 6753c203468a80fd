import { access, constants } from 'node:fs/promises';
import type { GpioPort } from '../../../harness/ports/index.js';
import { messageOf } from '../deadline.js';
import { toolsVersion } from './find-line.js';
import { GpioError } from './gpio-error.js';
import { createLibgpiodGpio } from './libgpiod-tools.js';
import { createOnoffGpio } from './onoff-gpio.js';
import type { Environment } from './run-tool.js';

interface Ways {
	readonly env: Environment;
	/** `/sys`, or what stands in for it. */
	readonly root: string;
}

/**
 * Picks how this machine's lines are driven; the port's description says which way and why. Version 2 of libgpiod's tools first: the kernel lets a
 * line go with the process that held it, and levels change in place. Then onoff on sysfs, where levels change in place too. Version 1 last.
 */
export const chooseGpio = async (way: 'auto' | 'onoff' | 'libgpiod', { env, root }: Ways = { env: process.env, root: '/sys' }): Promise<GpioPort> => {
	const version = way === 'onoff' ? undefined : await toolsVersion(env);
	const noTools = 'the tools of libgpiod are not installed (package gpiod)';
	if (way === 'libgpiod') {
		if (version === undefined) throw new GpioError('unavailable', `GPIO: ${noTools}, and the rig file asks for them`);
		return createLibgpiodGpio({ version, env, why: 'as the rig file says' });
	}
	if (version !== undefined && !version.startsWith('1.')) return createLibgpiodGpio({ version, env, why: 'which hold lines and change levels in place' });
	const noOnoff = await missingOnoff(root);
	if (noOnoff === undefined) return createOnoffGpio({ why: whyOnoff(way, version) });
	if (way === 'onoff') throw new GpioError('unavailable', `GPIO: ${noOnoff}, and the rig file asks for onoff`);
	if (version === undefined) throw new GpioError('unavailable', `GPIO: no way to drive lines: ${noTools}; ${noOnoff}`);
	return createLibgpiodGpio({ version, env, why: `since ${noOnoff}; a line is undriven for some milliseconds at each change of its level` });
};

const whyOnoff = (way: 'auto' | 'onoff', version: string | undefined): string => {
	if (way === 'onoff') return 'as the rig file says';
	return version === undefined ? 'since the tools of libgpiod are not installed' : `since libgpiod ${version} would let go of a line to change its level`;
};

/** Why onoff cannot be used; undefined where it can. */
const missingOnoff = async (root: string): Promise<string | undefined> => {
	const file = `${root}/class/gpio/export`;
	try {
		await access(file, constants.W_OK);
	} catch (error) {
		const absent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
		return absent ? `this kernel has no GPIO in sysfs (${file})` : `${file} cannot be written: add the user to the group gpio`;
	}
	try {
		await import('onoff');
		return undefined;
	} catch (error) {
		return `onoff cannot be loaded, it is compiled when it is installed: ${messageOf(error).split('\n')[0]}`;
	}
};
