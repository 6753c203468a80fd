import type { GpioPort } from '../../../harness/ports/index.js';
import type { GpioOptions } from './gpio-options.js';
import { LineSocketGpio } from './line-socket-client.js';

/** Opens the way to a chip's lines. Rejects with a GpioError `unavailable` that says what was tried. */
export const openGpio = async (options: GpioOptions): Promise<GpioPort> => {
	if (options.way === 'line-socket') return new LineSocketGpio(options);
	const { chooseGpio } = await import('./choose-gpio.js');
	return await chooseGpio(options.way);
};
