import { setTimeout as sleep } from 'node:timers/promises';
import type { PowerState } from '../../../harness/ports/index.js';
import { PowerError } from './power-error.js';
import type { PowerDriverOptions } from './power-options.js';
import type { PowerSwitch } from './power-switch.js';
import { runCommand } from './run-command.js';

/** The kernel may turn a port on again right after: it is looked at once more when that would have happened. */
const LOOK_AGAIN_MS = 100;

/**
 * A port of a USB hub by uhubctl. What the hub says of its port is believed, no more: many hubs switch the data lines alone and leave 5 V where they were,
 * so a sense line, or the silence of the console, is what proves a cut.
 */
export const createUhubctl = ({ location, port, retries }: Extract<PowerDriverOptions, { readonly driver: 'uhubctl' }>): PowerSwitch => {
	const what = `uhubctl hub ${location} port ${port}`;
	const run = (words: readonly string[], signal: AbortSignal): Promise<string> =>
		runCommand(['uhubctl', '-l', location, '-p', String(port), ...words], { signal, what });
	const read = async (signal: AbortSignal): Promise<PowerState> => parsePort(await run([], signal), { location, port });
	return {
		description: `port ${port} of the USB hub ${location} by uhubctl`,
		set: async (powered, { signal }) => {
			const wanted = powered ? 'powered' : 'unpowered';
			for (let attempt = 1; ; attempt++) {
				await run(['-a', powered ? 'on' : 'off', '-r', String(Math.max(1, retries))], signal);
				if (powered) return;
				await sleep(LOOK_AGAIN_MS, undefined, { signal });
				if ((await read(signal)) === wanted) return;
				if (attempt > retries) throw new PowerError('unconfirmed', `${what}: is on again after ${attempt} attempts: the kernel turns it back on`);
			}
		},
		read: ({ signal }) => read(signal),
		[Symbol.asyncDispose]: async () => undefined,
	};
};

/** The last word on a port: `  Port 1: 0103 power enable connect [0403:6001 FTDI]`, under its hub's line; USB 2 and 3 halves of a hub are both printed. */
const parsePort = (output: string, { location, port }: { readonly location: string; readonly port: number }): PowerState => {
	let hub = '';
	const states: boolean[] = [];
	for (const line of output.split('\n')) {
		hub = /status for hub (\S+)/.exec(line)?.[1] ?? hub;
		const [, number, flags] = /^\s+Port (\d+): [0-9a-fA-F]{4}(.*?)(?:\[.*)?$/.exec(line) ?? [];
		// Only the last state of each hub counts: with `-a` it prints the port before and after.
		if (Number(number) === port && hub === location) states[0] = /\bpower\b/.test(flags ?? '');
	}
	const [powered] = states;
	if (powered === undefined) {
		throw new PowerError('refused', `uhubctl: hub ${location} port ${port} was expected in its output, came ${JSON.stringify(output.trim().slice(0, 300))}`);
	}
	return powered ? 'powered' : 'unpowered';
};
