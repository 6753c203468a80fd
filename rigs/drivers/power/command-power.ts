import type { PowerDriverOptions } from './power-options.js';
import type { PowerSwitch } from './power-switch.js';
import { runCommand } from './run-command.js';

/** Any two commands that switch a supply, and one that says how it is where there is one. */
export const createCommandPower = ({ powerOn, powerOff, status, env = {} }: Extract<PowerDriverOptions, { readonly driver: 'command' }>): PowerSwitch => {
	const read: PowerSwitch['read'] =
		status &&
		(async ({ signal }) =>
			new RegExp(status.powered, 'm').test(await runCommand(status.read, { signal, env, what: 'power status' })) ? 'powered' : 'unpowered');
	return {
		description: `commands ${powerOn[0]} and ${powerOff[0]}`,
		set: async (powered, { signal }) => void (await runCommand(powered ? powerOn : powerOff, { signal, env, what: powered ? 'power on' : 'power off' })),
		...(read === undefined ? {} : { read }),
		[Symbol.asyncDispose]: async () => undefined,
	};
};
