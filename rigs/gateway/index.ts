export { GatewayError } from './gateway-error.js';
export { type GatewayOptions, GatewaySession, type OfferedImage } from './gateway-session.js';
