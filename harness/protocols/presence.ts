import { parseJsonFields } from './json-fields.js';

/**
 * What a device says of its connection, as JSON on its presence topic: `online` itself when it is connected, `offline` by its last
 * will. A session is one connection of one boot: of two messages the one of the later session counts, whichever came last,
 * since a broker finds out late about a connection that died, and the will of a dead session may arrive after the next is online.
 */
export interface Presence {
	readonly state: 'online' | 'offline';
	/** Counts up over the device's life. */
	readonly boot: number;
	/** Counts up in a boot. */
	readonly connection: number;
}

export const presenceTopic = (thing: string): string => `blackstart/things/${thing}/presence`;

export const encodePresence = ({ state, boot, connection }: Presence): Buffer => Buffer.from(JSON.stringify({ state, boot, connection }));

/** Larger messages are not read, bytes. */
const MAX_PRESENCE_BYTES = 256;

/** Reads a presence message; undefined where it is none. */
export const parsePresence = (payload: Uint8Array): Presence | undefined => {
	const fields = parseJsonFields(payload, { mostBytes: MAX_PRESENCE_BYTES });
	if (fields === undefined) return undefined;
	const { state, boot, connection } = fields;
	if ((state !== 'online' && state !== 'offline') || !Number.isSafeInteger(boot) || !Number.isSafeInteger(connection)) return undefined;
	return { state, boot: boot as number, connection: connection as number };
};

/** Whether a message speaks of the session that is known, or of a later one. */
export const isAsNewAs = (message: Presence, known: Presence): boolean =>
	message.boot > known.boot || (message.boot === known.boot && message.connection >= known.connection);
