/** A message that the service wants delivered to one thing. */
export interface Outgoing {
	readonly thing: string;
	readonly topic: string;
	readonly payload: Uint8Array;
}
