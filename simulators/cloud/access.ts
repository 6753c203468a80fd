import { certificateRequestTopic, certificateTopic, isThingName, presenceTopic, reportTopic } from '../../harness/protocols/index.js';

/** What a connection claims and what is known of it. */
export interface Claim {
	readonly clientId: string;
	readonly username: string | undefined;
	readonly password: Uint8Array | undefined;
	/** The common name of a client certificate that TLS verified. */
	readonly certified: string | undefined;
}

/**
 * The thing a connection may act as, or undefined. By certificate, by user name and secret, or by both, which then have to agree; always the client
 * id must be the thing's name. What follows a question mark in the user name is the client library's own remark.
 */
export const identifyThing = (claim: Claim, credentials: (thing: string, password: Uint8Array) => boolean): string | undefined => {
	const thing = claim.certified ?? claim.username?.split('?', 1)[0];
	if (thing === undefined || !isThingName(thing) || claim.clientId !== thing) return undefined;
	if (claim.certified !== undefined && claim.password === undefined) return thing;
	if (claim.username?.split('?', 1)[0] !== thing) return undefined;
	return credentials(thing, claim.password ?? new Uint8Array()) ? thing : undefined;
};

const PREFIX = '$aws/things/';
const REPORTS = 'blackstart/things/';

/** Whether a thing may publish there: below its own `$aws/things/` topics, its report, its presence, and what concerns its certificate. */
export const mayPublish = (thing: string, topic: string): boolean =>
	// Asked for each message of each device, so without a text of its own.
	(topic.startsWith(PREFIX) && topic.startsWith(thing, PREFIX.length) && topic[PREFIX.length + thing.length] === '/') ||
	topic === reportTopic(thing) ||
	topic === certificateRequestTopic(thing) ||
	topic === certificateTopic(thing) ||
	topic === presenceTopic(thing);

/** The thing whose topic it is; undefined for one that is nobody's. */
export const thingOf = (topic: string): string | undefined => {
	const prefix = topic.startsWith(PREFIX) ? PREFIX : topic.startsWith(REPORTS) ? REPORTS : undefined;
	return prefix === undefined ? undefined : topic.slice(prefix.length, topic.indexOf('/', prefix.length));
};

/** Whether a thing may subscribe to a filter: nothing outside its own topics can match it. A thing's name holds no wildcards. */
export const maySubscribe = (thing: string, filter: string): boolean => mayPublish(thing, filter);

/** Whether a topic matches an MQTT filter. Neither is checked for form: `+` and `#` stand for whole levels. */
export const matchesFilter = (filter: string, topic: string): boolean => {
	// Character by character: splitting both into levels showed among the costs of a large fleet.
	let at = 0;
	for (let index = 0; index < filter.length; index++) {
		const wanted = filter.charCodeAt(index);
		if (wanted === HASH) return true;
		if (wanted === PLUS) {
			while (at < topic.length && topic.charCodeAt(at) !== SLASH) at++;
		} else if (at === topic.length) {
			// 4.7.1.2 of MQTT 3.1.1: `a/#` matches `a` too.
			return wanted === SLASH && filter.charCodeAt(index + 1) === HASH;
		} else if (topic.charCodeAt(at++) !== wanted) return false;
	}
	return at === topic.length;
};

const HASH = 0x23;
const PLUS = 0x2b;
const SLASH = 0x2f;
