import { isAsNewAs, type Presence, parsePresence } from '../../harness/protocols/index.js';

/** Which things the service believes online, by what they and their last wills say. */
export interface PresenceBook {
	receive(thing: string, payload: Uint8Array): void;
	/** Null where nothing is known. */
	of(thing: string): Presence['state'] | null;
	/** What was known may have changed unheard. */
	forget(): void;
}

/** Believes the latest session: the will of an earlier one that comes late says nothing of it. */
export const createPresenceBook = (): PresenceBook => {
	const known = new Map<string, Presence>();
	return {
		receive: (thing, payload) => {
			const message = parsePresence(payload);
			const before = known.get(thing);
			if (message !== undefined && (before === undefined || isAsNewAs(message, before))) known.set(thing, message);
		},
		of: (thing) => known.get(thing)?.state ?? null,
		forget: () => known.clear(),
	};
};
