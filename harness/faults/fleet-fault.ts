/** Faults that hit many devices at one moment. */
export type FleetFault =
	/**
	 * A network segment is cut off and comes back at one moment. `reset`: connections end, and dials are refused; `half-open`:
	 * everything goes silent without an end, dials too, and connections stay so when the segment is back.
	 */
	| { readonly kind: 'region-outage'; readonly segment: string; readonly afterMs: number; readonly forMs: number; readonly how: 'reset' | 'half-open' }
	/** Power goes in a segment, or everywhere where none is named, and is back at one moment. */
	| { readonly kind: 'region-power-cut'; readonly segment?: string; readonly afterMs: number; readonly forMs: number };
