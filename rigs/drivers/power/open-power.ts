import { openGpio } from '../gpio/open-gpio.js';
import { openGpioRelay } from './gpio-relay.js';
import type { PowerDriverOptions, PowerOptions } from './power-options.js';
import type { PowerSwitch } from './power-switch.js';
import { SwitchedPower } from './switched-power.js';

/** Opens the supply of a board. Only the driver that is asked for is loaded. Rejects with a PowerError or GpioError. */
export const openPower = async (options: PowerOptions): Promise<SwitchedPower> => {
	const powerSwitch = await openSwitch(options);
	if (options.sensedBy === undefined) return new SwitchedPower(powerSwitch, options);
	const { withSense } = await import('./sense.js');
	return new SwitchedPower(await withSense(powerSwitch, options.sensedBy, { consumer: `blackstart ${options.name}` }), options);
};

const openSwitch = async (options: PowerDriverOptions & { readonly name: string }): Promise<PowerSwitch> => {
	switch (options.driver) {
		case 'gpio-relay':
		case 'virtual': {
			const gpio = await openGpio(options.gpio);
			return await openGpioRelay({ ...options, gpio, initiallyPowered: options.initiallyPowered ?? false, consumer: `blackstart ${options.name}` });
		}
		case 'serial-relay':
			return await (await import('./serial-relay.js')).openSerialRelay(options);
		case 'uhubctl':
			return (await import('./uhubctl.js')).createUhubctl(options);
		case 'shelly-gen1':
			return (await import('./http-plugs.js')).createShellyGen1(options);
		case 'shelly-gen2':
			return (await import('./http-plugs.js')).createShellyGen2(options);
		case 'tasmota-http':
			return (await import('./http-plugs.js')).createTasmotaHttp(options);
		case 'shelly-mqtt':
			return await (await import('./mqtt-plugs.js')).openShellyMqtt(options);
		case 'tasmota-mqtt':
			return await (await import('./mqtt-plugs.js')).openTasmotaMqtt(options);
		case 'qemu':
			return await (await import('./qemu-power.js')).openQemuPower(options);
		case 'command':
			return (await import('./command-power.js')).createCommandPower(options);
	}
};
