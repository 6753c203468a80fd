export { createLink, type Link, type LinkFault, type LinkFaultListener, type LinkOptions } from './link.js';
export { FaultProxy, openFaultProxy } from './fault-proxy.js';
export { openMqttJsSession } from './mqtt-js-session.js';
export type { ProtocolLevel } from './packet-codec.js';
export { openPacketSession } from './packet-session.js';
export type { MqttSession, PublishOptions, SessionHandlers, SessionOptions, SessionWill, Subscription } from './session.js';
export { createMemoryTransport, type Transport } from './transport.js';
export { secure, type TlsClient, TlsTransport } from './tls-transport.js';
