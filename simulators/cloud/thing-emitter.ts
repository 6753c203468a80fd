import { matchesFilter } from './access.js';

type Listener = (packet: object, done: () => void) => void;

interface Subscription {
	readonly filter: string;
	readonly listener: Listener;
}

/**
 * Aedes's message emitter for a broker whose clients keep to topics of their own: subscriptions lie by the first three
 * levels of their filter, which name the thing. One trie over all filters of a large fleet costs more than the messages do.
 */
export class ThingEmitter {
	readonly #byThing = new Map<string, Subscription[]>();
	/** Those that begin with less than three plain levels: the broker's own. */
	readonly #others: Subscription[] = [];
	#closed = false;

	on(filter: string, listener: Listener, done?: () => void): this {
		const known = this.#listFor(filter);
		if (known) known.push({ filter, listener });
		else this.#byThing.set(thingPart(filter) as string, [{ filter, listener }]);
		if (done) setImmediate(done);
		return this;
	}

	removeListener(filter: string, listener: Listener, done?: () => void): this {
		setImmediate(() => {
			this.#remove(filter, listener);
			done?.();
		});
		return this;
	}

	/** Calls `done` when every listener has called its own. */
	emit(packet: object & { readonly topic: string }, done: (error?: Error) => void = ignore): this {
		if (this.#closed) {
			done(new Error('the emitter is closed'));
			return this;
		}
		const matches = this.#match(packet.topic);
		let waiting = matches.length;
		if (waiting === 0) done();
		for (const { listener } of matches) {
			listener(packet, () => {
				if (--waiting === 0) done();
			});
		}
		return this;
	}

	close(done: () => void): this {
		this.#closed = true;
		setImmediate(done);
		return this;
	}

	#match(topic: string): readonly Subscription[] {
		const part = thingPart(topic);
		const own = part === undefined ? undefined : this.#byThing.get(part);
		const isMatch = ({ filter }: Subscription): boolean => matchesFilter(filter, topic);
		const others = this.#others.filter(isMatch);
		return own ? [...own.filter(isMatch), ...others] : others;
	}

	#remove(filter: string, listener: Listener): void {
		const list = this.#listFor(filter);
		const index = list?.findIndex((known) => known.filter === filter && known.listener === listener) ?? -1;
		if (!list || index < 0) return;
		list.splice(index, 1);
		if (list.length === 0 && list !== this.#others) this.#byThing.delete(thingPart(filter) as string);
	}

	#listFor(filter: string): Subscription[] | undefined {
		const part = thingPart(filter);
		return part === undefined ? this.#others : this.#byThing.get(part);
	}
}

const THING_LEVELS = 3;

/** The first three levels and their slash; undefined where there are fewer, or one is a wildcard. */
const thingPart = (topic: string): string | undefined => {
	let end = 0;
	for (let level = 0; level < THING_LEVELS; level++) {
		const first = topic.charCodeAt(end);
		if (first === PLUS || first === HASH) return undefined;
		end = topic.indexOf('/', end) + 1;
		if (end === 0) return undefined;
	}
	return topic.slice(0, end);
};

const PLUS = 0x2b;
const HASH = 0x23;

const ignore = (): void => undefined;
