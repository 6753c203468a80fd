/** What an invariant remembers of each device, in the order in which devices were provisioned. */
export class DeviceTable<State> {
	readonly #states = new Map<string, State>();

	provision(device: string, state: State): void {
		this.#states.set(device, state);
	}

	/** The state of the event's device; throws a RangeError where it was never provisioned, as nothing can be judged then. */
	of(event: { readonly kind: string; readonly device: string }): State {
		const state = this.#states.get(event.device);
		if (state === undefined) throw new RangeError(`${event.kind} of device ${event.device}: its device-provisioned event was expected first`);
		return state;
	}

	find(device: string): State | undefined {
		return this.#states.get(device);
	}

	entries(): Iterable<readonly [device: string, state: State]> {
		return this.#states;
	}
}
