export { GPIO_ERROR_CODES, GpioError, type GpioErrorCode } from './gpio-error.js';
export { LineSocketGpio } from './line-socket-client.js';
