export { GPIO_ERROR_CODES, GpioError, type GpioErrorCode } from './gpio-error.js';
export type { GpioOptions } from './gpio-options.js';
export { LineSocketGpio } from './line-socket-client.js';
export { openGpio } from './open-gpio.js';
