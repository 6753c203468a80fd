import { setTimeout as sleep } from 'node:timers/promises';
import type { PowerState } from '../../../harness/ports/index.js';
import type { GpioOptions } from '../gpio/gpio-options.js';
import { openGpio } from '../gpio/open-gpio.js';
import { PowerError } from './power-error.js';
import type { PowerSwitch } from './power-switch.js';
import { runCommand } from './run-command.js';

/** A line that sees the supply. */
export interface SenseLine {
	readonly chip: string;
	readonly line: string;
	readonly activeLow: boolean;
}

/** What sees a supply in place of what its switch says of itself. */
export type SenseOptions =
	| { readonly kind: 'gpio-in'; readonly gpio: GpioOptions; readonly line: SenseLine }
	/** A current sensor on I2C: below `offBelowV` on its bus input the board is unpowered. */
	| { readonly kind: 'ina219'; readonly bus: string; readonly address: number; readonly offBelowV: number }
	| { readonly kind: 'command'; readonly read: readonly string[]; readonly powered: string; readonly env?: Readonly<Record<string, string>> }
	/** Nothing sees it: what the switch says of itself is not taken for it either. */
	| { readonly kind: 'none' };

/** The switch, seen by something else. Takes the switch over: what fails closes it. */
export const withSense = async (powerSwitch: PowerSwitch, sense: SenseOptions, { consumer }: { readonly consumer: string }): Promise<PowerSwitch> => {
	const { description, set } = powerSwitch;
	const close = () => Promise.resolve(powerSwitch[Symbol.asyncDispose]());
	switch (sense.kind) {
		case 'none':
			return { description, set: confirmed(powerSwitch), [Symbol.asyncDispose]: close };
		case 'command':
			return {
				description: `${description}, seen by ${sense.read[0]}`,
				set,
				read: async ({ signal }) =>
					new RegExp(sense.powered, 'm').test(await runCommand(sense.read, { signal, env: sense.env ?? {}, what: 'power sense' })) ? 'powered' : 'unpowered',
				[Symbol.asyncDispose]: close,
			};
		case 'ina219':
			return {
				description: `${description}, seen by an INA219 on ${sense.bus}`,
				set,
				read: async ({ signal }): Promise<PowerState> => ((await readVolts(sense, signal)) < sense.offBelowV ? 'unpowered' : 'powered'),
				[Symbol.asyncDispose]: close,
			};
		case 'gpio-in': {
			try {
				const gpio = await openGpio(sense.gpio);
				const line = await gpio.openLine({ ...sense.line, consumer, direction: 'input', drive: 'push-pull' });
				return {
					description: `${description}, seen on ${line.name}`,
					set,
					read: async (): Promise<PowerState> => ((await line.get()) ? 'powered' : 'unpowered'),
					[Symbol.asyncDispose]: async () => {
						await Promise.all([line[Symbol.asyncDispose](), close()]);
					},
				};
			} catch (error) {
				await close();
				throw error;
			}
		}
	}
};

const ASK_AGAIN_MS = 50;

/** A switch that says how it is must have taken what it was told, although that is no sight of the supply. */
const confirmed = ({ set, read }: PowerSwitch): PowerSwitch['set'] =>
	read === undefined
		? set
		: async (powered, { signal }) => {
				await set(powered, { signal });
				while ((await read({ signal })) !== (powered ? 'powered' : 'unpowered')) await sleep(ASK_AGAIN_MS, undefined, { signal });
			};

/** Register 2 of the INA219 (SBOS448, 8.6.3.2): bus voltage in bits 15-3, 4 mV each, high byte first; i2cget reads words low byte first. */
const readVolts = async ({ bus, address }: { readonly bus: string; readonly address: number }, signal: AbortSignal): Promise<number> => {
	const output = (
		await runCommand(['i2cget', '-y', bus.replace(/^i2c-/, ''), `0x${address.toString(16)}`, '0x02', 'w'], { signal, what: `INA219 on ${bus}` })
	).trim();
	if (!/^0x[0-9a-f]{4}$/i.test(output)) throw new PowerError('refused', `INA219 on ${bus}: a word was expected of i2cget, came ${JSON.stringify(output)}`);
	const word = Number(output);
	return ((((word & 0xff) << 8) | (word >> 8)) >> 3) * 0.004;
};
