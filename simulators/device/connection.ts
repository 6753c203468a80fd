import type { Link, MqttSession, SessionHandlers, SessionWill } from '../network/index.js';

/** One connection to the broker, as the network gives it to a device. */
export interface Connection {
	readonly link: Link;
	/** Starts the MQTT session over it. */
	open(options: { readonly password: string; readonly will?: SessionWill }, handlers: SessionHandlers): MqttSession;
}
