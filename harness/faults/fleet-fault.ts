/** Faults of the network between a fleet and its service, and of its power: they hit many devices at one moment. */
export type FleetFault =
	/**
	 * A network segment is cut off and comes back at one moment. `reset`: connections end, and dials are refused; `half-open`:
	 * everything goes silent without an end, dials too, and connections stay so when the segment is back.
	 */
	| { readonly kind: 'region-outage'; readonly segment: string; readonly afterMs: number; readonly forMs: number; readonly how: 'reset' | 'half-open' }
	/** Power goes in a segment, or everywhere where none is named, and is back at one moment. */
	| { readonly kind: 'region-power-cut'; readonly segment?: string; readonly afterMs: number; readonly forMs: number }
	/**
	 * For a while the broker finds out late that a connection is dead, as where it hangs on another node of a cluster: the last wills
	 * of connections that end in that time reach the service `byMs` later.
	 */
	| { readonly kind: 'late-wills'; readonly afterMs: number; readonly forMs: number; readonly byMs: number };

/** A second client connects under the device's name and secret, and takes its place again and again. */
export interface IdentityFault {
	readonly kind: 'cloned-identity';
	readonly afterMs: number;
	readonly forMs: number;
}
