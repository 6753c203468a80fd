import { openGpio } from '../gpio/open-gpio.js';
import { PowerError } from './power-error.js';
import { openGpioRelay } from './gpio-relay.js';
import type { PowerDriverOptions, PowerOptions } from './power-options.js';
import type { PowerSwitch } from './power-switch.js';
import { SwitchedPower } from './switched-power.js';

/** Opens the supply of a board. Only the driver that is asked for is loaded. Rejects with a PowerError or GpioError. */
export const openPower = async (options: PowerOptions): Promise<SwitchedPower> => new SwitchedPower(await openSwitch(options), options);

const openSwitch = async (options: PowerDriverOptions & { readonly name: string }): Promise<PowerSwitch> => {
	switch (options.driver) {
		case 'gpio-relay':
		case 'virtual': {
			const gpio = await openGpio(options.gpio);
			return await openGpioRelay({ ...options, gpio, initiallyPowered: options.initiallyPowered ?? false, consumer: `blackstart ${options.name}` });
		}
		default:
			throw new PowerError('configuration', `${options.name}: the power driver ${options.driver} is not there yet`);
	}
};
