import type { Outgoing } from '../../harness/protocols/index.js';

/** A message on its way between a thing and the service, in either direction. */
export type Message = Outgoing;
export type Pass = (message: Message) => void;

/**
 * What comes between the update service and the broker. A hook hands a message on with `pass`: not at all, once, again,
 * later, or another in its place.
 */
export interface Interference {
	/** Refuses a request in the service's name. */
	refuse?(thing: string, topic: string): 'RequestThrottled' | 'InternalError' | undefined;
	/** A message on its way from a device to the service. */
	request?(message: Message, pass: Pass): void;
	/** A message on its way from the service to a device. */
	answer?(message: Message, pass: Pass): void;
	/** A device's connection has ended. */
	disconnected?(thing: string): void;
}

/** All that interferes at the moment; each sees what the one before it has let pass. */
export class Interferences {
	#active: readonly Interference[] = [];

	/** Returns what ends it. */
	add(interference: Interference): () => void {
		this.#active = [...this.#active, interference];
		return () => {
			this.#active = this.#active.filter((other) => other !== interference);
		};
	}

	refuse(thing: string, topic: string): 'RequestThrottled' | 'InternalError' | undefined {
		for (const one of this.#active) {
			const code = one.refuse?.(thing, topic);
			if (code !== undefined) return code;
		}
		return undefined;
	}

	request(message: Message, arrive: Pass): void {
		this.#through('request', { message, arrive });
	}

	answer(message: Message, arrive: Pass): void {
		this.#through('answer', { message, arrive });
	}

	disconnected(thing: string): void {
		for (const one of this.#active) one.disconnected?.(thing);
	}

	#through(way: 'request' | 'answer', { message, arrive }: { readonly message: Message; readonly arrive: Pass }): void {
		const hooks = this.#active;
		const handOn = (index: number, passed: Message): void => {
			for (let next = index; next < hooks.length; next++) {
				const one = hooks[next] as Interference;
				if (one[way] !== undefined) return one[way](passed, (changed) => handOn(next + 1, changed));
			}
			arrive(passed);
		};
		handOn(0, message);
	}
}
