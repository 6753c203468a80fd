export { type Cloud, type CloudBackup, type CloudObserver, type CloudOptions, type CloudStats, openCloud } from './cloud.js';
export { createPresenceBook, type PresenceBook } from './presence-book.js';
export { type Authority, createAuthority, type Identity, issueIdentity, type Validity } from './certificate.js';
export type { Interference, Message, Pass } from './interference.js';
export { type Oddity, RunAuthority } from './run-authority.js';
export type { DoorTls, TcpDoor, TcpDoorOptions } from './tcp-door.js';
export type { Broker, BrokerOptions, BrokerStats } from './broker.js';
export { type BrokerTls, ExternalBroker, type ExternalBrokerOptions } from './external-broker.js';
export { type Mosquitto, openMosquitto, SERVICE_NAME, whyNoMosquitto } from './mosquitto.js';
