export { GATEWAY_ERROR_CODES, GatewayError, type GatewayErrorCode } from './gateway-error.js';
export { type GatewayOptions, GatewaySession, type OfferedImage } from './gateway-session.js';
